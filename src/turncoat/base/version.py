"""The version, for all rooms: what they import must not be the public package, which stands on top of them."""

__version__ = "0.2.0"
