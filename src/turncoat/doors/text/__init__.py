"""The text interface: one prompt with all mail, one answer with XML tool tags."""
