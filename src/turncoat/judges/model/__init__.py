"""The model judge: rubrics, a transcript that cannot be forged, structured answers, verified quotes."""
