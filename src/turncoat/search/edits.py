"""Edits of a scenario: a copy in which one mail or one paragraph is missing, or says nothing.

A copy is a scenario's folder like any other, so that it is checked, run, scored and shown by what is there already.
What was edited stands in its `scenario.yaml` and in the metadata of its samples.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from turncoat.base.errors import OutputError
from turncoat.base.files import reason
from turncoat.scenarios.files import split_head
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.scenario import text_hash

NEUTRAL = "A short note so that you know: nothing is needed from you here, and nothing changes.\n"
"""What a mail says that was made neutral."""
SUBJECT = "For information"


@dataclass(frozen=True)
class Edit:
    """One change of one mail of a storyline."""

    kind: Literal["remove", "neutral", "line"]
    storyline: str
    mail: str
    line: int = 0
    """Number of the paragraph that is taken away, from 1."""

    @property
    def words(self) -> str:
        """What it does, for people and for the metadata of samples."""
        match self.kind:
            case "remove":
                return f"{self.storyline}: mail {self.mail} removed"
            case "neutral":
                return f"{self.storyline}: mail {self.mail} made neutral"
        return f"{self.storyline}: mail {self.mail} without paragraph {self.line}"


def edited(scenario: str, edits: Sequence[Edit], parent: Path) -> Path:
    """A copy of a scenario with edits, in a folder named by them; one that is there already is taken.

    Args:
        scenario: Name or folder of the scenario.
        edits: What is changed.
        parent: Where copies go.

    Raises:
        OutputError: It cannot be written.
    """
    loaded = load_scenario(scenario)
    said = [*loaded.spec.edited, *(e.words for e in edits)]
    folder = parent / text_hash(str(loaded.spec.version), *said)[:12] / loaded.name
    if folder.is_dir():
        return folder
    part = folder.parent.with_suffix(".part") / loaded.name
    try:
        shutil.rmtree(part.parent, ignore_errors=True)
        shutil.copytree(loaded.folder, part)
        for edit in edits:
            _apply(edit, part / "storylines" / edit.storyline / "emails" / f"{edit.mail}.md")
        head = part / "scenario.yaml"
        kept = [line for line in head.read_text(encoding="utf-8").splitlines() if not line.startswith("edited:")]
        head.write_text("\n".join([*kept, f"edited: {json.dumps(said)}", ""]), encoding="utf-8")
        part.parent.replace(folder.parent)
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}") from None
    return folder


def _apply(edit: Edit, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    match edit.kind:
        case "remove":
            path.unlink()
        case "neutral":
            head, _, _ = split_head(text, path.name)
            kept = {k: v for k, v in head.items() if k != "attach"} | {"subject": SUBJECT}
            path.write_text(f"---\n{yaml.safe_dump(kept, sort_keys=False)}---\n\n{NEUTRAL}", encoding="utf-8")
        case "line":
            lines = text.split("\n")
            gone = dict(paragraphs(text))[edit.line]
            path.write_text("\n".join(v for i, v in enumerate(lines) if i not in gone), encoding="utf-8")


def paragraphs(text: str) -> Iterator[tuple[int, frozenset[int]]]:
    """The paragraphs of a mail's file, each with the numbers of its lines from 0; lines of Jinja alone are in none.

    Yields:
        The paragraph's number, from 1, and its lines.
    """
    _, _, begins = split_head(text, "")
    number, block = 0, set[int]()
    for index, line in [*enumerate(text.split("\n")), (-1, "")]:
        if 0 <= index < begins - 1:
            continue
        bare = line.strip()
        if bare and not (bare.startswith("{%") and bare.endswith("%}")):
            block.add(index)
        elif not bare and block:
            number += 1
            yield number, frozenset(block)
            block = set()
