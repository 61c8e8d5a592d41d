"""Files that unpack to more than memory holds, never end, lead elsewhere, or are of one endless line; any encoding."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
import zstandard

from turncoat.analysis import read_table
from turncoat.base.archives import MAX_UNSUSPICIOUS, bomb_in
from turncoat.base.errors import LogError, TranscriptError
from turncoat.base.text import no_formula
from turncoat.scoring.sources import read_responses


def bomb(path: Path) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive, archive.open("summaries.json", "w") as member:
        member.write(b"[")
        for _ in range(MAX_UNSUSPICIOUS // (1 << 20) + 2):
            member.write(bytes(1 << 20))
    return path


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = bomb(tmp_path / "x.eval")
    with pytest.raises(LogError, match=r"unpacks from .* bytes; no log does"):
        read_table([path])
    (found,) = read_responses(path)
    assert isinstance(found, TranscriptError) and "no log does" in str(found)


def test_a_member_that_holds_more_than_it_states_is_refused(tmp_path: Path) -> None:
    path, size = tmp_path / "x.eval", 80 << 20
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("summaries.json", bytes(size))
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (5000).to_bytes(4, "little")))
    (found,) = read_responses(path)
    assert isinstance(found, TranscriptError) and "holds more than it states" in str(found)


def test_a_results_folder_s_files_are_files_within_it(tmp_path: Path) -> None:
    pytest.importorskip("turncoat.paper", reason="needs turncoat.paper, which reads results folders")
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"raw_response": "secret"}))
    folder = tmp_path / "results"
    places = [folder / "models" / "m" / "c" / f"sample_{n}" for n in range(4)]
    for place in places:
        place.mkdir(parents=True)
    os.mkfifo(places[0] / "response.json")
    (places[1] / "response.json").symlink_to("/dev/zero")
    (places[2] / "response.json").symlink_to(secret)
    (places[3] / "response.json").write_text(json.dumps({"raw_response": "fine"}))
    *wrong, fine = read_responses(folder)
    said = [str(w).rpartition(": ")[2][:17] for w in wrong]
    assert said == ["is a device, a pi", "is a device, a pi", "leads out of its "]
    assert not isinstance(fine, TranscriptError) and fine.kept.answer == "fine"


def test_an_endless_line_is_named_and_the_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"response": "a"}\n{"response": "' + "x" * 5000 + '"}\n{"response": "b"}\n')
    for module in ("turncoat.base.reading", "turncoat.scoring.sources"):
        monkeypatch.setattr(f"{module}.MAX_LINE", 1000)
    first, second, third = read_responses(path)
    assert isinstance(second, TranscriptError) and "r.jsonl:2: is longer than 1,000 bytes" in str(second)
    assert not isinstance(first, TranscriptError) and not isinstance(third, TranscriptError)


@pytest.mark.parametrize("text", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0@x"])
def test_a_cell_is_no_formula(text: str) -> None:
    assert no_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-1.5", "+3e-7", "a=b", "control", "x@y"])
def test_a_cell_that_is_none_stays(text: str) -> None:
    assert no_formula(text) == text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("command", [["show", "blackmail"], ["show", "blackmail", "--json"], ["plan", "blackmail"]])
def test_output_of_any_encoding(encoding: str, command: list[str]) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C", "PYTHONUTF8": "0"}
    code = "import sys; from turncoat.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, env=environment)
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    if "--json" in command:
        assert json.loads(done.stdout.decode(encoding))["system"]


def zstd_log(path: Path, *members: tuple[list[bytes], int, bytes]) -> Path:
    """An archive by hand: of each member its frames, the size that it states, and the mark of its header."""
    data, entries = b"", b""
    for number, (frames, stated, mark) in enumerate(members):
        name, packed = f"{number}.json".encode(), b"".join(map(zstandard.compress, frames))
        sizes = (zlib.crc32(b"".join(frames)), len(packed), stated, len(name), 0)
        entries += struct.pack("<4s6H3L5H2L", b"PK\1\2", 63, 63, 0, 93, 0, 0, *sizes, 0, 0, 0, 0, len(data)) + name
        data += struct.pack("<4s5H3L2H", mark, 63, 0, 93, 0, 0, *sizes) + name + packed
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(members), len(members), len(entries), len(data), 0)
    path.write_bytes(data + entries + end)
    return path


FINE, BROKEN = b"PK\3\4", b"PK\3\5"


@pytest.mark.parametrize(
    ("members", "lies"),
    [
        ([([b"[1, ", b"2]"], 6, FINE)], ""),
        ([([b"[]", bytes(5000)], 2, FINE)], "0.json"),
        ([([b"[]"], 2, FINE), ([b"[]", bytes(5000)], 2, FINE)], "1.json"),
        ([([b"[]"], 2, BROKEN), ([b"[]", bytes(5000)], 2, FINE)], "1.json"),
    ],
)
def test_what_a_member_holds_is_counted_over_all_its_frames(
    tmp_path: Path, members: list[tuple[list[bytes], int, bytes]], lies: str
) -> None:
    found = bomb_in(zstd_log(tmp_path / "x.eval", *members))
    assert found == (f"its member {lies!r} holds more than it states" if lies else "")


FLAGS, METHOD, PACKED = 8, 10, 20
"""Places in an entry of an archive's directory."""
BEYOND = struct.pack("<HHQ", 1, 8, 1 << 40)
"""A size of a terabyte, as large archives name it behind an entry whose own field has nothing but ones."""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({FLAGS: b"\1\0"}, "encrypted"),
        ({FLAGS: b"\x20\0"}, "patched data"),
        ({METHOD: b"\x0e\0"}, "method 14"),
        ({METHOD: b"\x61\0"}, "method 97"),
        ({METHOD: b"\x5d\0"}, "zstd"),
        ({METHOD: b"\x5d\0", PACKED: b"\xff" * 4}, "ends beyond the archive"),
        ({}, "invalid"),
    ],
)
def test_a_member_that_cannot_be_unpacked_is_one_line(tmp_path: Path, changes: dict[int, bytes], words: str) -> None:
    path, info = tmp_path / "x.eval", ZipInfo("header.json")
    info.compress_type, info.extra = ZIP_DEFLATED, BEYOND
    with ZipFile(path, "w") as archive:
        archive.writestr(info, json.dumps({"eval": list(range(99))}))
    data = bytearray(path.read_bytes())
    begin = data.rindex(b"PK\1\2")
    for place, value in changes.items():
        data[begin + place : begin + place + len(value)] = value
    if not changes:
        packed = 30 + len(info.filename) + len(BEYOND)
        data[packed : packed + 8] = b"\xff" * 8
    path.write_bytes(data)
    assert bomb_in(path) == ""
    with pytest.raises(LogError, match=words):
        read_table([path])
