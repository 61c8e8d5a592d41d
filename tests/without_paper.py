"""Run all other tests with the paper taken out: `python -m tests.without_paper [pytest's arguments]`.

The tree is copied without `src/turncoat/paper`, without its entry points and without its tests, and tested there.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPIED = (
    *("src", "tests", "docs", "examples", "benchmarks", "pyproject.toml", "mkdocs.yml", "Makefile"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md"),
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "turncoat-*.dist-info", "*.egg-info", ".*_cache")


def copy_without_paper(folder: Path) -> None:
    """Copy the tree into a folder and take the paper out of it."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
        elif (ROOT / name).is_file():
            shutil.copy(ROOT / name, folder / name)
    shutil.rmtree(folder / "src" / "turncoat" / "paper")
    shutil.rmtree(folder / "tests" / "paper")
    project = folder / "pyproject.toml"
    points = re.compile(r'^[\w-]+ = "turncoat\.paper\b.*\n', re.MULTILINE)
    project.write_text(points.sub("", project.read_text(encoding="utf-8")), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Copy and test; gives pytest's exit code."""
    with tempfile.TemporaryDirectory(prefix="turncoat-without-paper-") as name:
        copy_without_paper(Path(name))
        surroundings = {**os.environ, "PYTHONPATH": str(Path(name) / "src")}
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=name, env=surroundings, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
