"""Members of an archive, whole and in part."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from turncoat.analysis.table.archive import Archive
from turncoat.base.errors import LogError

WHOLE = {"id": "a", "scores": {"x": [1, 2.5, None, True, "ä"]}, "events": [{"id": "no", "n": 10**30}] * 3}


def archive(folder: Path, member: str | bytes) -> Path:
    with ZipFile(folder / "x.eval", "w") as out:
        out.writestr("one.json", member)
    return folder / "x.eval"


@pytest.mark.parametrize(
    ("member", "found"),
    [
        (json.dumps(WHOLE), {"id": "a", "scores": WHOLE["scores"]}),
        (json.dumps({"events": 1}), {}),
        (json.dumps({"id": "half \ud800", "events": 1}), {"id": "half \ud800"}),
        ('{"id": 1, "events": NaN, "scores": Infinity}', {"id": 1, "scores": float("inf")}),
        ('{"id": 1, "id": 2}', {"id": 2}),
        (json.dumps({"id": 10**30, "events": [[[]]]}), {"id": 10**30}),
        ("[1, 2]", [1, 2]),
        ("null", None),
    ],
)
def test_keys_that_are_wanted_are_as_in_the_whole(tmp_path: Path, member: str, found: Any) -> None:
    with Archive(archive(tmp_path, member)) as log:
        whole, part = log.json("one.json"), log.json("one.json", ["id", "scores"])
    assert part == found
    if isinstance(whole, dict):
        assert part == {key: whole[key] for key in ("id", "scores") if key in whole}


@pytest.mark.parametrize("member", ["{", '{"id": 1} x', b'{"id": "\xff"}', "[" * 100_000, ""])
def test_what_is_no_json_is_refused_in_part_too(tmp_path: Path, member: str | bytes) -> None:
    with Archive(archive(tmp_path, member)) as log, pytest.raises(LogError, match="cannot be read"):
        log.json("one.json", ["id"])
