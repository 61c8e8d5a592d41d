"""The paper: Lynch et al., *Agentic Misalignment* (arXiv 2510.05179), as a plug-in.

Its prompts, classifiers, numbers, figures, rules and studies, and simulated models with its rates. Rooms below know
none of it: they find it through the entry points in `pyproject.toml`, and go on without it.
"""

from pathlib import Path

DATA = Path(__file__).parent / "data"
STUDIES = DATA / "studies"
"""Study files of the paper's figures and of what stands beside them."""
LABELS = DATA / "labels"
"""Labelled responses in the published settings."""
REFERENCE = "reference/"
"""How the names of the published settings begin."""
INTERFACES = ("text",)
"""The doors by which the published settings are shown: one prompt, one answer. The paper's rates are of these."""


def ours(name: str) -> str:
    """The scenario of ours that a published setting is of: `reference/blackmail` is `blackmail`."""
    return name.removeprefix(REFERENCE)
