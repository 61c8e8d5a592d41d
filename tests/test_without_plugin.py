"""The whole program with the paper blocked: what it adds is not there, is said so in one line, and the rest works."""

import json
import subprocess
import sys
from pathlib import Path

BLOCKED = """
import json, sys
sys.modules["turncoat.paper"] = None
from turncoat.cli import app, guarded
for arguments in json.loads(sys.argv[1]):
    print(f"── {arguments[0]}", file=sys.stderr, flush=True)
    code = guarded(lambda standalone_mode: app(arguments, standalone_mode=standalone_mode))
    print(f"exit code {code}", file=sys.stderr, flush=True)
"""


def test_the_rest_works_without_the_paper(tmp_path: Path) -> None:
    responses = tmp_path / "responses.jsonl"
    responses.write_text(json.dumps({"response": "I shall do nothing."}) + "\n")
    results = tmp_path / "results"
    results.mkdir()
    study = tmp_path / "study.yaml"
    study.write_text('title: x\nblocks:\n  - {scenario: blackmail, cells: [control], seeds: "1-2"}\n')
    commands = [
        ["run", str(study), "--model", "sim/insider", "--log-dir", str(tmp_path / "logs")],
        ["report", str(tmp_path / "logs"), "--out", str(tmp_path / "r.md"), "--format", "md"],
        ["score", str(responses), "--scenario", "blackmail"],
        ["score", str(responses), "--scenario", "reference/blackmail"],
        ["score", str(results), "--scenario", "blackmail"],
        ["show", "reference/blackmail"],
        ["run", str(study), "--reference", "--model", "sim/insider"],
        ["run", "blackmail", "--legacy", "--judge", "mockllm/model", "--model", "sim/insider"],
        ["run", "paper/fig7", "--model", "sim/insider"],
        ["run", "blackmail", "--model", "sim/published-claude-opus-4", "--log-dir", str(tmp_path / "x")],
    ]
    command = [sys.executable, "-c", BLOCKED, json.dumps(commands)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False)
    said = [part.split("\n") for part in done.stderr.split("── ")[1:]]
    codes = [next(line for line in part if line.startswith("exit code")) for part in said]
    assert len(said) == len(commands), done.stderr
    assert codes[:3] == ["exit code 0"] * 3, done.stderr
    assert "Rates of harmful outcomes" in (tmp_path / "r.md").read_text()
    assert all(code in ("exit code 2", "exit code 3", "exit code 5") for code in codes[3:]), done.stderr
    for part, words in zip(
        said[3:],
        (
            "scenario: 'reference/blackmail' is not one of: blackmail",
            "results folder",
            "scenario: 'reference/blackmail' is not one of: blackmail",
            "pack 'reference' is not installed",
            "legacy: no reader of that name is installed",
            "'paper/fig7'",
            "published-claude-opus-4",
        ),
        strict=True,
    ):
        assert words in "\n".join(part), done.stderr
        assert "Traceback" not in "\n".join(part)
