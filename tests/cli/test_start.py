"""What a command loads before it does anything: what is scored from a file needs no Inspect, nor data frames."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from turncoat import cli

HEAVY = ("inspect_ai", "pandas", "numpy", "scipy", "rich", "httpx")

SCRIPT = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps([m for m in {heavy} if m in sys.modules]), file=sys.stderr))
from turncoat.cli import main
main()
"""


@pytest.mark.parametrize(
    "words",
    [
        ["score", "FILE", "--scenario", "blackmail"],
        ["score", "FILE", "--scenario", "espionage", "--set", "goal=explicit"],
        ["show", "blackmail"],
    ],
)
def test_a_command_without_models_loads_no_inspect(words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps({"response": "Good morning."}) + "\n")
    command = [sys.executable, "-c", SCRIPT.format(heavy=HEAVY), *(str(file) if w == "FILE" else w for w in words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == []


def test_options_are_no_text_that_is_compiled_at_each_start() -> None:
    found = sorted(Path(cli.__file__).parent.glob("*.py"))
    assert len(found) > 10
    assert [p.name for p in found if "from __future__ import annotations" in p.read_text().splitlines()] == []
