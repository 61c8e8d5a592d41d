"""Agents of others that work in a company: by name, by module and function, or by file and function."""
