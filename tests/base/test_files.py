"""Files are there whole or not at all, and what is wrong is said of the file that was asked for."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from turncoat.base.errors import OutputError
from turncoat.base.files import path_of, path_text, reason, whole, write_whole
from turncoat.cli.app import check_writable


@pytest.mark.parametrize(("content", "stored"), [("é\ud800", b"\xc3\xa9\\ud800"), (b"\x00\xff",) * 2, ("", b"")])
def test_what_is_written_takes_the_place_of_what_was_there(tmp_path: Path, content: str | bytes, stored: bytes) -> None:
    out = tmp_path / "a.txt"
    out.write_text("before")
    write_whole(out, content)
    assert out.read_bytes() == stored
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left"), KeyError("x"), KeyboardInterrupt()])
def test_a_fault_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path: Path, fault: BaseException) -> None:
    out = tmp_path / "a.csv"
    out.write_text("before")
    wanted = OutputError if isinstance(fault, OSError) else type(fault)
    with pytest.raises(wanted, match="a.csv: No space left; nothing" if wanted is OutputError else None):
        with whole(out) as part:
            assert (part.parent, part.suffix) == (tmp_path, ".part"), "no command takes it for a table or a log"
            part.write_text("half")
            raise fault
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_nothing_takes_the_place_of_a_device_or_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    (null := tmp_path / "null").symlink_to("/dev/null")
    for place in (pipe, null, tmp_path):
        with pytest.raises(OutputError, match="is a device, a pipe or a folder; name a file"):
            write_whole(place, "x")
        with pytest.raises(OutputError, match="name a file"):
            check_writable(place)
    assert null.is_symlink() and pipe.is_fifo()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["null", "pipe"]


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, why in ((tmp_path / "none", "No such file"), (tmp_path / "file", "Not a directory")):
        with pytest.raises(OutputError, match=f"{folder}/a.md: {why}.*; nothing was written"):
            write_whole(folder / "a.md", "x")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match="taken: "):
        write_whole(tmp_path / "taken", "x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "taken"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
        (OSError(errno.EROFS, ""), os.strerror(errno.EROFS)),
        (OSError("full"), "full"),
        (OSError(), "OSError"),
    ],
)
def test_every_refusal_has_a_reason(error: OSError, said: str) -> None:
    assert reason(error) == said


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems take UTF-8 names only")
@pytest.mark.parametrize(
    "name", [b"a", "ä\U0001f512".encode(), b"\xff\xfe", b"a\xe9\n#", b"\\xff", b"\\xff\xff", b"\\x41\xe9"]
)
def test_a_path_of_any_bytes_is_text_and_found_again(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.touch()
    assert path_text(path).encode()
    assert path_of(path_text(path)).samefile(path)


@pytest.mark.parametrize("folder", [".", "..", "/"])
def test_a_folder_is_no_file(folder: str) -> None:
    with pytest.raises(OutputError, match="name a file"), whole(Path(folder)):
        pass
