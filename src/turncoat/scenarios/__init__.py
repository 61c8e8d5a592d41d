"""Scenarios as data: schema, loader, worlds, rendering."""
