"""Sessions over Pythons and versions of Inspect: `nox -l` lists them, `nox -s tests` runs those whose Python is here.

`make` needs none of this; it is for whoever changes what Turncoat supports.
"""

from __future__ import annotations

import os

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests"]

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
OLDEST, NEWEST = "oldest", "newest"
INSPECT = {OLDEST: "inspect_ai==0.3.283", NEWEST: "inspect_ai"}
"""The oldest Inspect that pyproject.toml admits, and the newest that can be had. Inspect before 0.3.283
cannot speak with today's client of Anthropic (2.14), whose `MessageParam` is a union."""


@nox.session(python=PYTHONS)
@nox.parametrize("inspect", [OLDEST, NEWEST])
def tests(session: nox.Session, inspect: str) -> None:
    """All tests, on one Python with one Inspect; further arguments go to pytest."""
    session.install("-e", ".[dev,reference,openai,anthropic]")
    session.install(INSPECT[inspect])
    workers = os.environ.get("TURNCOAT_TEST_WORKERS", "auto")
    session.run("python", "-m", "pytest", "-n", workers, *session.posargs)


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Style, import rules and the proofs of all scenarios."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", "src", "tests", "benchmarks", "noxfile.py")
    session.run("ruff", "format", "--check", "src", "tests", "benchmarks", "noxfile.py")
    session.run("lint-imports")
    session.run("turncoat", "check")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    """Mypy --strict over the package, its tests and its benchmarks."""
    session.install("-e", ".[dev,reference,openai,anthropic]")
    session.run("mypy")
