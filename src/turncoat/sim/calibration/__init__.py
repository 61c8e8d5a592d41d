"""Calibration: simulated agents of known truth through the whole pipeline, to learn the instrument's own errors."""

from turncoat.sim.calibration.grid import FULL, QUICK, Grid
from turncoat.sim.calibration.page import page
from turncoat.sim.calibration.results import Results, summarise
from turncoat.sim.calibration.run import calibrate

__all__ = ["FULL", "QUICK", "Grid", "Results", "calibrate", "page", "summarise"]
