"""Differences from version 0.1.0 that are meant, each with its reason: `differences.json`.

An entry is about one place. What stood there is checked before what is there now takes its place, so that no entry can
outlive what it is about.

| key | meaning |
|---|---|
| `where` | group, file and place: `scores/lines.jsonl[17]`; of a text the file alone |
| `was`, `is` | values under keys within the place (`stages.acted`); of a text one line each |
| `because` | why the new value is right |
| `places` | where `where` has `[*]`: in how many places of the file, at any depth, the keys had those values |

A name behind `[*]` (`[*].verdict1`) means the places below it alone.

A key that only `is` names is new, one that only `was` names has gone. Of a text, `is` "" says that the line has
gone, and `was` "" that a line is new: `is` then holds `after` (the line before it) and `line`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def listed(group: str) -> dict[str, list[dict[str, Any]]]:
    """The entries about a group: file → entries."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in json.loads((HERE / "differences.json").read_text(encoding="utf-8")):
        its_group, _, inside = str(entry["where"]).partition("/")
        if its_group == group:
            file, bracket, place = inside.partition("[")
            found.setdefault(file, []).append({**entry, "place": bracket + place})
    return found


def changed(expected: Any, entries: list[dict[str, Any]]) -> Any:
    """An expected value with the listed differences in it."""
    for entry in entries:
        several = {"places"} if entry["place"].startswith("[*]") else set()
        assert entry["because"] and set(entry) == {"where", "was", "is", "because", "place", *several}, entry
        if several:
            below = entry["place"].removeprefix("[*]").removeprefix(".")
            found = sum(_everywhere(expected, key, entry, below) for key in entry["was"])
            assert found == entry["places"], f"{entry['where']}: {found} places"
        elif isinstance(expected, str):
            expected = _line_changed(expected, entry)
        else:
            for key in {**entry["was"], **entry["is"]}:
                _value_changed(expected, entry, key)
    return expected


def _everywhere(expected: Any, key: str, entry: dict[str, Any], below: str) -> int:
    """Change a key wherever it has the value that it had, below a name; how often that was."""
    if isinstance(expected, list):
        return sum(_everywhere(value, key, entry, below) for value in expected)
    if not isinstance(expected, dict):
        return 0
    here = not below and expected.get(key) == entry["was"][key]
    if here:
        expected[key] = entry["is"][key]
    return here + sum(_everywhere(v, key, entry, "" if name == below else below) for name, v in expected.items())


def _line_changed(text: str, entry: dict[str, Any]) -> str:
    lines, was, now = text.splitlines(), entry["was"], entry["is"]
    if was == "":
        before, new = now["after"], now["line"]
        assert before in lines, f"{entry['where']}: no line {before!r}"
        lines.insert(lines.index(before) + 1, new)
    else:
        assert was in lines, f"{entry['where']}: no line {was!r}"
        at = lines.index(was)
        lines[at : at + 1] = [now] if now else []
    return "\n".join(lines) + "\n"


def _value_changed(expected: Any, entry: dict[str, Any], key: str) -> None:
    *path, last = [int(p) if p.isdigit() else p for p in re.findall(r"[^.\[\]]+", f"{entry['place']}.{key}")]
    at = expected
    for part in path:
        at = at[part]
    if key in entry["was"]:
        assert at[last] == entry["was"][key], f"{entry['where']}.{key}: {at[last]!r} stood there"
    else:
        assert last not in at, f"{entry['where']}.{key}: {at[last]!r} stood there"
    if key in entry["is"]:
        at[last] = entry["is"][key]
    else:
        del at[last]
