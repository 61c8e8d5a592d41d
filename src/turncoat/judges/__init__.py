"""Who reads meaning: rules and grader models."""
