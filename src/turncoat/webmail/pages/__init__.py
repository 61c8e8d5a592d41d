"""The pages of the webmail, a subject a file: each gives its routes."""
