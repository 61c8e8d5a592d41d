"""Rubrics: versioned text files. A frame for each question, and what a scenario adds to it.

A folder of rubrics holds `outcome.md`, `reading.md` and `awareness.md`, frames of any further questions, and optionally
`<scenario>.<question>.md`, each with a YAML head (`canary`, `version`, `shows`: what the judge is shown, `layout`: how,
and `parts`: what the parts of people are called). Shipped folders are named by version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from turncoat.base.errors import ScenarioError, UnknownName, choices
from turncoat.base.model import Frozen
from turncoat.judges.question import QUESTIONS
from turncoat.scenarios.files import read_text, split_head, validated
from turncoat.scenarios.templates import render

Shown = Literal["company", "acts", "reasoning"]
SHIPPED = Path(__file__).parent.parent / "data" / "rubrics"
Layout = Literal["parts", "sequence", "brief"]
"""How it is laid out: mails, acts and reasoning one after the other, as in version 1; or the mails in short form
with their times, then acts and words in the order in which they happened; or so, with the mails of packs in short form
as well, and without people, lists and paragraphs that have no part in it. See `turncoat.judges.model.layout`."""
CURRENT = "3"
"""The shipped version that is used unless another is asked for."""


class Head(Frozen):
    """The head of a rubric file."""

    canary: str
    version: int
    shows: tuple[Shown, ...] = ()
    """What the judge sees; a scenario's own file that says nothing keeps the frame's."""
    layout: Layout = "parts"
    """Of the frame."""
    parts: dict[str, str] = Field(default_factory=dict)
    """Role of the scenario → what it is, for the list of people; a scenario's own file adds to the frame's."""
    bears: tuple[str, ...] | None = None
    """Phrases by which a mail bears on the question, beside those of the sensitive fact; of other mails only the head
    line is shown. None: all mails are shown whole. In a scenario's own file."""


@dataclass(frozen=True)
class Rubric:
    """What a judge is told for one question in one scenario.

    Attributes:
        question: The question's name.
        version: The frame's version, and the scenario's own after a dot, if it has a file.
        hash: First 12 hex digits of the SHA-256 over the files.
        shows: What the judge is shown.
        frame: The template of the system message.
        particulars: What the scenario adds.
        layout: How it is laid out.
        parts: Role of the scenario → what it is.
        bears: See `Head`.
    """

    question: str
    version: str
    hash: str
    shows: frozenset[Shown]
    frame: str
    particulars: str
    layout: Layout = "parts"
    parts: Mapping[str, str] = field(default_factory=dict)
    bears: tuple[str, ...] | None = None

    @property
    def identity(self) -> str:
        """`version:hash`, as every result names it."""
        return f"{self.version}:{self.hash}"

    def filled(self, context: dict[str, Any]) -> str:
        """The system message for one case."""
        return render(self.frame, {**context, "particulars": self.particulars}, f"rubrics/{self.question}.md").strip()


def rubrics_folder(name: str | int = "") -> Path:
    """The folder that a version or a path names; the shipped current one for "".

    Raises:
        UnknownName: Neither a shipped version nor a folder with the three frames.
    """
    shipped, name = _shipped(), str(name)  # Inspect's `-S rubrics=1` comes as a number
    if (name or CURRENT) in shipped:
        return SHIPPED / (name or CURRENT)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise UnknownName(f"rubrics: {choices(name, shipped)}, or the path of a folder")
    if missing := [t for t in QUESTIONS if not (folder / f"{t}.md").is_file()]:
        raise UnknownName(f"rubrics: {folder} has no {missing[0]}.md")
    return folder.resolve()


@lru_cache(maxsize=1)
def _shipped() -> tuple[str, ...]:
    """Versions that ship, looked up once: scoring asks for every sample."""
    return tuple(sorted(p.name for p in SHIPPED.iterdir() if p.is_dir()))


def rubrics_name(folder: Path) -> str:
    """What judges' names say of their rubrics: the version; of a folder that is not shipped, a hash over it as well."""
    version = rubric(folder, "outcome", "").version
    if folder.parent == SHIPPED:
        return version
    return f"{version}-{stamp(folder)[:6]}"


def stamp(folder: Path) -> str:
    """A hash over the rubrics of a folder of somebody's own, which may be edited meanwhile; "" of a shipped one."""
    if folder.parent == SHIPPED:
        return ""
    files = b"".join(p.name.encode() + b"\0" + p.read_bytes() + b"\0" for p in sorted(folder.glob("*.md")))
    return hashlib.sha256(files).hexdigest()


def rubric(folder: Path, question: str, scenario: str) -> Rubric:
    """Load the rubric of a question for a scenario.

    Args:
        folder: See `rubrics_folder`.
        question: The question's name.
        scenario: The scenario's name; a pack's shares the rubrics of ours (`<pack>/blackmail`).

    Raises:
        ScenarioError: A file is missing or wrong.
    """
    return _loaded(folder, stamp(folder), question, scenario)


@lru_cache(maxsize=64)
def _loaded(folder: Path, content: str, question: str, scenario: str) -> Rubric:
    path = folder / f"{question}.md"
    frame_text, frame, body = _read(path, folder)
    digest = hashlib.sha256(frame_text.encode())
    version, shows, particulars, parts, bears = str(frame.version), frame.shows, "", frame.parts, None
    own = folder / f"{scenario.rpartition('/')[2]}.{question}.md"
    if own.is_file():
        text, head, particulars = _read(own, folder)
        digest.update(b"\0" + text.encode())
        version, shows, parts = f"{version}.{head.version}", head.shows or shows, {**parts, **head.parts}
        bears = head.bears
    if not shows:
        raise ScenarioError(f"{path}: key 'shows': name what the judge sees: company, acts, reasoning")
    stamped = digest.hexdigest()[:12]
    return Rubric(question, version, stamped, frozenset(shows), body, particulars.strip(), frame.layout, parts, bears)


def _read(path: Path, inside: Path) -> tuple[str, Head, str]:
    text = read_text(path, inside)
    head, body, _ = split_head(text, str(path))
    return text, validated(Head, head, str(path)), body
