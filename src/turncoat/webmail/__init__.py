"""The webmail: server-rendered pages over a visit, for a person's browser and for a model's."""
