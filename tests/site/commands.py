"""Commands on the pages: those in fences of a console, and why some are not executed in the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.shared import ROOT

FENCE = re.compile(
    r'^```(?P<language>console|sh|bash)(?: skip="(?P<skip>[^"\n]+)")?[^\n]*\n(?P<body>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
"""A fence with commands, and the reason for which it is not executed: ```` ```console skip="needs a key" ````."""
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
"""Every page on which commands stand."""


@dataclass(frozen=True)
class Command:
    """One command of a page.

    Attributes:
        page: The file, from the top of the repository.
        line: Its line there.
        text: The command, without prompt and comment, its continued lines joined.
        skip: Why it is not executed in the tests; "" if it is.
    """

    page: str
    line: int
    text: str
    skip: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"


def commands_of(path: Path) -> Iterator[Command]:
    """The commands of one page: lines that begin with a `$` prompt, in fences of a console."""
    text = path.read_text(encoding="utf-8")
    for fence in FENCE.finditer(text):
        first = text.count("\n", 0, fence.start("body")) + 1
        lines = fence["body"].splitlines()
        for number, line in enumerate(lines):
            if line.startswith("$ "):
                told = line[2:]
                for further in lines[number + 1 :]:
                    if not told.rstrip().endswith("\\"):
                        break
                    told = told.rstrip().removesuffix("\\") + further
                told = re.split(r"\s+#\s", told)[0].strip()
                yield Command(str(path.relative_to(ROOT)), first + number, told, fence["skip"] or "")
