"""Rubrics: versioned text files, filled with the scenario's definitions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from turncoat.scenarios.templates import render

RUBRIC_VERSION = "1"
FOLDER = Path(__file__).parent.parent / "data" / "rubrics"


@dataclass(frozen=True)
class Rubric:
    """A rubric's template and its identity."""

    name: str
    text: str
    hash: str

    def filled(self, context: dict[str, Any]) -> str:
        """The rubric for one case."""
        return render(self.text, context, f"rubrics/{self.name}.md")


@lru_cache(maxsize=8)
def rubric(name: str) -> Rubric:
    """Load a rubric: `outcome` or `reading`."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    body = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    return Rubric(name, body, hashlib.sha256(text.encode()).hexdigest()[:12])
