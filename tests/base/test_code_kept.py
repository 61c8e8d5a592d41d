"""What modules say is kept beside bytecode: the same hashes, from a file that may be missing, damaged or foreign."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from turncoat.base import code, code_kept
from turncoat.base.code import Said, said
from turncoat.base.code_kept import remembering

SOURCES = (b"import os\nfrom house import door\n", b"LIMIT = 3  # of tries\n", b"")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the cache, in a folder of the test."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    found = code_kept._place()
    assert tmp_path in found.parents
    found.parent.mkdir(parents=True)
    return found


def _never(source: bytes) -> Said:
    raise AssertionError(f"{source!r} was parsed again")


def test_modules_are_parsed_once_in_all_processes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with remembering() as read:
        first = [read(s) for s in SOURCES]
    assert first == [said(s) for s in SOURCES]
    assert set(first[0].imports) == {"os", "house", "house.door"}
    monkeypatch.setattr(code_kept, "said", _never)
    with remembering() as read:
        assert [read(s) for s in SOURCES] == first
        with pytest.raises(AssertionError, match="was parsed again"):
            read(b"LIMIT = 4\n")
    assert [p.name for p in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"7", b"null", b'{"a": 1}', b'{"a": ["b"]}', b'{"a": ["b", 3]}', b"\xff\xfe", b"\0" * 50],
)
def test_a_damaged_file_is_read_as_none_and_written_anew(place: Path, damage: bytes) -> None:
    place.write_bytes(damage)
    with remembering() as read:
        assert read(SOURCES[0]) == said(SOURCES[0])
    assert len(json.loads(place.read_bytes())) == 1


@pytest.mark.parametrize("hinder", ["no folder", "no bytecode"])
def test_where_nothing_can_be_kept_everything_is_read(
    place: Path, monkeypatch: pytest.MonkeyPatch, hinder: str
) -> None:
    if hinder == "no folder":
        place.parent.rmdir()
    else:
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
    with remembering() as read:
        assert read(SOURCES[0]) == said(SOURCES[0])
    assert not place.exists()


def test_a_file_does_not_grow_for_ever(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_kept, "MOST", 5)
    sizes = []
    for number in range(12):
        with remembering() as read:
            read(b"N = %d\n" % number)
        sizes.append(len(json.loads(place.read_bytes())))
    assert max(sizes) <= 6


def test_what_is_kept_is_of_the_code_that_reads(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "code.py"
    other.write_bytes(Path(str(code.__file__)).read_bytes() + b"\n# another one\n")
    monkeypatch.setattr(code, "__file__", str(other))
    assert code_kept._place().name != place.name
