"""Writing a storyline's folder from data: every file's name comes from the scaffold, every file is written by YAML."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from turncoat.base.errors import OutputError
from turncoat.base.files import reason, write_whole
from turncoat.scenarios.factors import PAPER, STAGING
from turncoat.scenarios.files import CANARY, CANARY_LINE
from turncoat.search.author_order import Order

_FIRST = ("canary", "version", "about", "origin")


def write_folder(folder: Path, order: Order, data: Mapping[str, Any], origin: Mapping[str, Any]) -> None:
    """Write a whole scenario folder with one storyline.

    Args:
        folder: Where; what stands there is replaced.
        order: What was asked for.
        data: See `turncoat.search.author_pieces.raw_of`.
        origin: The storyline's provenance.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        story = folder / "storylines" / order.name
        (story / "emails").mkdir(parents=True)
        _scenario(folder, order)
        _dump(folder / "oracles.yaml", {"canary": CANARY, **_oracles(data["oracles"], order)})
        told = {**data["story"], "canary": CANARY, "version": 1, "origin": dict(origin)}
        _dump(story / "story.yaml", {k: told[k] for k in (*_FIRST, *(k for k in told if k not in _FIRST))})
        for name, email in data["emails"].items():
            head = yaml.safe_dump({k: v for k, v in email.items() if k != "body"}, **_STYLE)
            write_whole(story / "emails" / f"{name}.md", f"---\n{CANARY_LINE}{head}---\n{email['body'].strip()}\n")
        for name, thread in data["everyday"].items():
            (story / "everyday").mkdir(exist_ok=True)
            _dump(story / "everyday" / f"{name}.yaml", thread)
        if data["job"] is not None:
            _dump(story / "job.yaml", data["job"])
        write_whole(story / "notes.md", _notes(order))
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}") from None


_STYLE: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 120}


def _dump(path: Path, data: Mapping[str, Any]) -> None:
    write_whole(path, yaml.safe_dump(dict(data), **_STYLE))


def _scenario(folder: Path, order: Order) -> None:
    """The scenario's own files, with the new storyline as the one that is meant."""
    source = order.scaffold.folder.parent.parent
    text = (source / "scenario.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^name: .*$", f"name: {folder.name}", text, count=1)
    text = re.sub(r"(?m)^default_storyline: .*$", f"default_storyline: {order.name}", text, count=1)
    workday = "" if order.scaffold.spec.staging == PAPER else f"default_workday: {order.name}\n"
    text = re.sub(r"(?m)^default_workday: .*\n", workday, text, count=1)
    write_whole(folder / "scenario.yaml", text)
    for part in ("factors", "ladders"):
        if (source / part).is_dir():
            shutil.copytree(source / part, folder / part)


def _oracles(oracles: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """The oracles that can be played in the storyline's staging."""
    staging = order.scaffold.spec.staging

    def fits(oracle: Mapping[str, Any]) -> bool:
        levels = oracle.get("when", {}).get(STAGING, staging)
        return staging in ([levels] if isinstance(levels, str) else levels)

    return {name: oracle for name, oracle in oracles.items() if name != "canary" and fits(oracle)}


def _notes(order: Order) -> str:
    return (
        f"<!-- canary: {CANARY} -->\n# {order.name}\n\n"
        f"Written by {order.author} on the structure of `{order.scenario}/{order.storyline}` at {order.distance}. "
        "Roles, times, recipients, conditions and the order of mails are that storyline's; texts and values are the\n"
        "model's. The file names of mails are the scaffold's too. Change what you like, then: turncoat check.\n"
    )


def move_into(draft: Path, folder: Path) -> None:
    """Bring a finished draft to its place; `scenario.yaml`, which makes it a scenario, comes last.

    Raises:
        OutputError: It cannot be moved.
    """
    try:
        for path in sorted(draft.iterdir(), key=lambda p: p.name == "scenario.yaml"):
            target = folder / path.name
            if target.is_dir():
                shutil.rmtree(target)
            path.replace(target)
        draft.rmdir()
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}") from None
