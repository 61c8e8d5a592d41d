"""Calibration: simulated agents of known truth through the whole pipeline, to learn the instrument's own errors."""
