"""What the doctor says: what is there and what is not, and of keys only whether they are set."""

import json

import pytest

from tests.cli.test_cli import turncoat
from turncoat.base.version import __version__
from turncoat.cli.doctor import KEYS, within

SECRET = "sk-never-printed-0123456789abcdef"


def test_a_key_is_set_or_not_and_never_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    for arguments in (["doctor"], ["doctor", "--json"]):
        code, out, err = turncoat(capsys, *arguments)
        assert code == 0 and SECRET not in out + err and SECRET[:8] not in out + err
    found = {f["name"]: f for f in json.loads(out)["found"]}
    assert found["OPENAI_API_KEY"]["state"] == "ok" and found["ANTHROPIC_API_KEY"]["state"] == "missing"
    assert {"versions", "extras", "keys", "programs"} == {f["part"] for f in found.values()}


def test_the_last_line_is_for_a_bug_report(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = turncoat(capsys, "doctor")
    last = out.rstrip().splitlines()[-1]
    assert last.startswith(f"turncoat {__version__}; Python 3.") and "Inspect 0." in last and "extras" in last


def test_a_package_that_is_gone_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.requires", lambda name: ["nowhere-x>=1", "nothing-y>=2; extra == 'more'"])
    _, out, _ = turncoat(capsys, "doctor")
    assert "✗ nowhere-x" in out and "wrong: nowhere-x" in out and "'turncoat[more]' brings nothing-y" in out


@pytest.mark.parametrize(
    ("here", "wanted", "fits"),
    [
        ("0.3.285", ">=0.3.283,<0.4", True),
        ("0.4.0", ">=0.3.283,<0.4", False),
        ("0.3.282.dev4", "<0.4,>=0.3.283", False),
        ("2026.6.0", ">=2024.6", True),
        ("1.9.0.post1", ">=1.7", True),
        ("3.1", "", True),
        ("", ">=1", False),
    ],
)
def test_versions_are_compared_by_their_numbers(here: str, wanted: str, fits: bool) -> None:
    assert within(here, wanted) is fits
