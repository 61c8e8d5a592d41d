"""A user's own function by name: what cannot be meant, or cannot be imported, is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from turncoat.base.errors import UnknownName
from turncoat.base.functions import function_named


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("make", "is not of the form module:function, such as ours:make"),
        ("json:", "is not of the form"),
        (".ours:make", "module '.ours' cannot be imported (TypeError: "),
        ("no_such_module:make", "module 'no_such_module' cannot be imported (ModuleNotFoundError: "),
        ("json:no_such", "module 'json' has no function 'no_such'"),
        ("json:__name__", "module 'json' has no function '__name__'"),
    ],
)
def test_a_name_of_nothing_is_one_line(name: str, words: str) -> None:
    with pytest.raises(UnknownName) as raised:
        function_named(name, "agent", "ours:make")
    assert words in str(raised.value) and str(raised.value).startswith(f"agent {name!r}")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def make(:\n", "SyntaxError: "),
        ("make = 1 / 0\n", "ZeroDivisionError: division by zero"),
        ("import no_such_module\n", "ModuleNotFoundError: "),
        ("raise ValueError('a\\nb')\n", "ValueError: a)"),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_line_each_time(tmp_path: Path, code: str, words: str) -> None:
    file = tmp_path / "own.py"
    file.write_text(code)
    for _ in range(2):
        with pytest.raises(UnknownName) as raised:
            function_named(f"{file}:make", "guard", "ours:make")
        assert words in str(raised.value) and "\n" not in str(raised.value)


def test_a_file_is_imported_once(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("made = []\ndef make():\n    return made\n")
    first, second = (function_named(f"{file}:make", "guard", "ours:make") for _ in range(2))
    assert first is second and first() == []
