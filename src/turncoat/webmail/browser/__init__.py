"""The model's side of the webmail: a browser, the tools that work it by pixels or by names, and the solver."""
