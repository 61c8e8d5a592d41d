"""Turncoat: does an LLM agent turn on its employer, and under which pressures?"""

__version__ = "0.1.0"
