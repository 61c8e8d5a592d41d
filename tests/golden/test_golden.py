"""Logs of version 0.1.0 give the values that version 0.1.0 read from them, but for what is listed; see `make.py`."""

from pathlib import Path
from typing import Any

import pytest

from tests.golden.compare import RESCORED, differences, read, without_version
from tests.golden.listed import changed, listed
from tests.golden.values import GROUPS, HERE, NEEDS_PAPER, NEEDS_REFERENCE, prepare, reference_version

MOST = 20
"""Differences that a failure lists at most."""


@pytest.mark.parametrize("group", GROUPS)
def test_the_values_are_those_of_the_golden_set(group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if group in NEEDS_PAPER:
        pytest.importorskip("turncoat.paper", reason="needs turncoat.paper: its figures and rates are in it")
    if group in NEEDS_REFERENCE:
        wanted = read(HERE / "expected" / group / "version.txt").strip()
        if (there := reference_version()) != wanted:
            pytest.skip(f"needs inspect-evals {wanted}, found {there}: pip install inspect-evals=={wanted}")
    prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = GROUPS[group]()
    expected = {p.name: p for p in (HERE / "expected" / group).iterdir()}
    assert sorted(found) == sorted(expected)
    meant = listed(group)
    assert set(meant) <= set(expected)
    wanted_now = {name: changed(read(path), meant.get(name, [])) for name, path in expected.items()}
    now: dict[str, Any] = dict(found)
    if group in RESCORED:
        wanted_now, now = without_version(wanted_now), without_version(now)
    wrong = [f"{name}{line}" for name, value in wanted_now.items() for line in differences(value, now[name])]
    more = f"\n… and {len(wrong) - MOST} more" if len(wrong) > MOST else ""
    assert not wrong, "\n" + "\n".join(wrong[:MOST]) + more
