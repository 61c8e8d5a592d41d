"""Plug-ins by entry points: found and loaded once, absent where their module is, an error where they are broken."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from turncoat.base.errors import UsageError
from turncoat.base.extensions import extensions

POINTS = """[turncoat.trial]
whole = plugs_whole:THING
gone = plugs_gone:THING
inside = plugs_whole.gone:THING
needs = plugs_needs:THING
broken = plugs_broken.part:THING
nameless = plugs_whole:OTHER
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    info = tmp_path / "plugs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    (tmp_path / "plugs_whole.py").write_text("THING = object()\n")
    (tmp_path / "plugs_needs.py").write_text("import not_installed_either\n")
    (tmp_path / "plugs_broken").mkdir()
    (tmp_path / "plugs_broken" / "__init__.py").write_text("raise ValueError('no\\nway')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    extensions.cache_clear()
    yield
    extensions.cache_clear()
    for name in [n for n in sys.modules if n.startswith("plugs_")]:
        del sys.modules[name]


def test_what_is_there_is_found_and_loaded_once(installed: None) -> None:
    found = extensions("trial")
    assert list(found) == ["broken", "nameless", "needs", "whole"]
    assert "plugs_needs" not in sys.modules
    assert found["whole"]() is found["whole"]() is sys.modules["plugs_whole"].THING
    assert extensions("other") == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("needs", "No module named 'not_installed_either'"),
        ("broken", "ValueError: no"),
        ("nameless", "AttributeError"),
    ],
)
def test_a_broken_one_is_named(installed: None, name: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        extensions("trial")[name]()
    message = str(raised.value)
    assert f"plug-in {name!r} (turncoat.trial)" in message and words in message and "\n" not in message
