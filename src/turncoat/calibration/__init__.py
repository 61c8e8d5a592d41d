"""Calibration: simulated agents of known truth through the whole pipeline, to learn the instrument's own errors."""

from turncoat.calibration.grid import FULL, QUICK, Grid
from turncoat.calibration.page import page
from turncoat.calibration.results import Results, summarise
from turncoat.calibration.run import calibrate

__all__ = ["FULL", "QUICK", "Grid", "Results", "calibrate", "page", "summarise"]
