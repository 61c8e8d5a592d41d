"""Edits of a scenario: a copy in which one mail, one paragraph or one time is another, or missing.

A copy is a scenario's folder like any other, so that it is checked, run, scored and shown by what is there already.
What was edited stands in its `scenario.yaml` and in the metadata of its samples.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from turncoat.base.errors import OutputError
from turncoat.base.files import reason
from turncoat.scenarios.files import CANARY_LINE, parse_yaml, split_head
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.rendering import session_of
from turncoat.scenarios.scenario import Scenario, text_hash

NEUTRAL = "A short note so that you know: nothing is needed from you here, and nothing changes.\n"
"""What a mail says that was made neutral."""
SUBJECT = "For information"


WORLDS = "worlds"
"""Where copies are, in the folder of a search's or an explanation's logs."""


@dataclass(frozen=True)
class Edit:
    """One change of one mail of a storyline, or of its session's hour."""

    kind: Literal["remove", "neutral", "line", "time", "text", "hour", "start"]
    """`hour` is when a session begins in which the clock stands still, `start` one in which time passes."""
    storyline: str
    mail: str = ""
    line: int = 0
    """Number of the paragraph that is taken away, from 1."""
    at: str = ""
    """When the mail comes, or the session begins, as `at` of a mail."""
    text: str = ""
    """What the mail says instead, a template."""

    @property
    def part(self) -> str:
        """What is changed."""
        return "the session" if self.kind in ("hour", "start") else f"mail {self.mail}"

    @property
    def done(self) -> str:
        """What becomes of it."""
        match self.kind:
            case "remove":
                return "removed"
            case "neutral":
                return "made neutral"
            case "time":
                return f"at {self.at}"
            case "hour" | "start":
                return f"begins at {self.at}"
            case "text":
                return f"in other words ({text_hash(self.text)[:8]})"
        return f"without paragraph {self.line}"

    @property
    def words(self) -> str:
        """What it does, for people and for the metadata of samples."""
        return f"{self.storyline}: {self.part} {self.done}"


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
            _apply(edit, part / "storylines" / edit.storyline, loaded)
        head = part / "scenario.yaml"
        kept = [line for line in head.read_text(encoding="utf-8").splitlines() if not line.startswith("edited:")]
        head.write_text("\n".join([*kept, f"edited: {json.dumps(said)}", ""]), encoding="utf-8")
        part.parent.replace(folder.parent)
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}") from None
    return folder


def _apply(edit: Edit, story: Path, loaded: Scenario) -> None:
    path = story / (f"emails/{edit.mail}.md" if edit.mail else "story.yaml")
    text = path.read_text(encoding="utf-8")
    match edit.kind:
        case "hour" | "start":
            told = parse_yaml(text, path.name)
            usual = session_of(loaded.spec, loaded.storylines[edit.storyline].spec).model_dump()
            hours = {**usual, **told.get("session", {})}
            told["session"] = hours | {"text" if edit.kind == "hour" else "live": edit.at}
            path.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), encoding="utf-8")
        case "time" | "text":
            head, body, _ = split_head(text, path.name)
            head |= {"at": edit.at} if edit.kind == "time" else {}
            _mail(path, head, edit.text if edit.kind == "text" else body)
        case "remove":
            path.unlink()
        case "neutral":
            head, _, _ = split_head(text, path.name)
            kept = {k: v for k, v in head.items() if k != "attach"} | {"subject": SUBJECT}
            _mail(path, kept, NEUTRAL)
        case "line":
            lines = text.split("\n")
            gone = dict(paragraphs(text))[edit.line]
            path.write_text("\n".join(v for i, v in enumerate(lines) if i not in gone), encoding="utf-8")


def _mail(path: Path, head: dict[str, Any], body: str) -> None:
    told = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    path.write_text(f"---\n{CANARY_LINE}{told}---\n\n{body.strip()}\n", encoding="utf-8")


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
