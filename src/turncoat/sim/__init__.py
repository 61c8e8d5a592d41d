"""Simulated models with known truth: evidence about the instrument, never about a model."""
