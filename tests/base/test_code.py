"""Hashes of what code says: equal on every Python, blind to comments and docstrings, and to nothing else."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import turncoat
from turncoat.base import code
from turncoat.base.code import code_of

ROOT = Path(turncoat.__file__).parent
MODULE = '''"""A module."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from house.low import floor

if TYPE_CHECKING:
    from house import cellar

LIMIT = 3  # of tries


class Door:
    """A door."""

    name: str = "text"
    """Its name."""

    def open(self, key: str | None = None) -> str:
        if key is None:
            from house.attic import lid

            return lid()
        return f"{self.name}: {key!r:>{LIMIT}} and" f" {floor}"
'''


@pytest.fixture
def house(tmp_path: Path) -> Path:
    root = tmp_path / "house"
    (root / "rooms").mkdir(parents=True)
    files = {
        "__init__": "from house import cellar",
        "rooms/__init__": "",
        "rooms/door": MODULE,
        "low": "floor = 1",
        "attic": "def lid():\n    return 'shut'",
        "cellar": "dark = True",
    }
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    return root


def test_imports_are_followed_where_they_run(house: Path) -> None:
    found = code_of(house, ["house.rooms.door"])
    assert [*found] == ["house.attic", "house.low", "house.rooms", "house.rooms.door"]
    with pytest.raises(FileNotFoundError, match=r"house\.rooms\.window"):
        code_of(house, ["house.rooms.window"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # of tries", ""),
        ('"""A module."""', '"""A module, in other words."""'),
        ('"""A module."""\n', ""),
        ('    """A door."""\n', ""),
        ('"""Its name."""', '"""The name of it."""'),
        (
            "    def open(self, key: str | None = None)",
            "    def open(\n        self,\n        key: str | None = None,\n    )",
        ),
        ('"text"', "'text'"),
        ("if TYPE_CHECKING:", "if TYPE_CHECKING:\n    from house import garden"),
        ('and" f" {floor}"', 'and {floor}"'),
    ],
)
def test_what_says_the_same_has_the_same_hash(house: Path, old: str, new: str) -> None:
    assert changed(house, old, new) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = 3.0"),
        ("LIMIT = 3", "LIMIT = '3'"),
        ('"text"', 'b"text"'),
        ("key is None", "key is not None"),
        ("        return f", "            return f"),
        ("!r", "!s"),
        ("and", "or"),
        ("key: str | None = None", "key: str | None"),
        ("import os\n", ""),
    ],
)
def test_what_says_another_thing_has_another_hash(house: Path, old: str, new: str) -> None:
    assert changed(house, old, new) == ["house.rooms.door"]


def changed(house: Path, old: str, new: str) -> list[str]:
    """The modules whose hashes are others after a change of the module."""
    before = code_of(house, ["house.rooms.door"])
    assert MODULE.count(old) >= 1
    text = MODULE.replace(old, new, 1)
    ast.parse(text)
    (house / "rooms" / "door.py").write_text(text)
    after = code_of(house, ["house.rooms.door"])
    return [name for name in before if before[name] != after.get(name)]


PRINTS = """
import hashlib, importlib.util, json, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("code_of", sys.argv[1])
code = importlib.util.module_from_spec(spec)
spec.loader.exec_module(code)
root = Path(sys.argv[2])
names = [".".join(("turncoat", *p.relative_to(root).with_suffix("").parts)) for p in sorted(root.rglob("*.py"))]
found = code.code_of(root, [n.removesuffix(".__init__") for n in names if n != "turncoat.__init__"])
print(len(found), hashlib.sha256(json.dumps(found).encode()).hexdigest())
"""


def pythons() -> list[str]:
    """The Pythons that are supported and here: on the path, or beside this one where several lie side by side."""
    beside = Path(os.path.realpath(sys.executable)).parents[2]
    found = {shutil.which(f"python3.{n}") for n in range(11, 16)}
    found |= {str(p) for n in range(11, 16) for p in beside.glob(f"3.{n}.*/bin/python")}
    return sorted(p for p in found if p and subprocess.run([p, "-c", ""], capture_output=True).returncode == 0)


def test_every_python_gives_the_same_hashes() -> None:
    """Of every file of the package, so of whatever syntax is in use."""
    others = pythons()
    if len(others) < 2:
        pytest.skip("needs a second Python of 3.11 to 3.15: put one on PATH, such as python3.12")
    said = {}
    for python in others:
        done = subprocess.run([python, "-I", "-c", PRINTS, code.__file__, str(ROOT)], capture_output=True, text=True)
        said[python] = done.stdout or done.stderr
    assert len(set(said.values())) == 1, said
    assert int(next(iter(said.values())).split()[0]) > 150
