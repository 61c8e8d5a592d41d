"""Every command on the pages is one that exists, and is executed, or its fence says why not.

All options of all commands are read here. What is executed runs in a folder for each page, with logs of simulated
models where a page speaks of logs that are there. Pages of `QUICK` are executed in every test run, the others by
`make docs`.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

import turncoat as tc
from tests.site.commands import FENCE, PAGES, Command, commands_of
from turncoat.cli import app, guarded

QUICK = {"docs/start.md"}
COMMANDS = [command for page in PAGES for command in commands_of(page)]
EXECUTED = [command for command in COMMANDS if not command.skip]
PRESSED = "goal=explicit,threat=replacement"
GIVEN = {
    "logs": ("sim/rate-0.5", (PRESSED, "control")),
    "before": ("sim/rate-0.2", (PRESSED,)),
    "after": ("sim/rate-0.8", (PRESSED,)),
    "plain": ("sim/insider", (PRESSED,)),
    "told": ("sim/insider", (f"{PRESSED},instruction=direct",)),
}
"""Folder of logs that pages speak of → the model and the conditions that are run for it."""
RULE_MET = 1
"""Exit code of a command whose rule is met: no failure of the command."""


def _pages() -> Iterator[object]:
    for page in sorted({command.page for command in EXECUTED}):
        slow = page not in QUICK and "TURNCOAT_PAGES" not in os.environ
        yield pytest.param(page, marks=pytest.mark.skipif(slow, reason="executed by `make docs`"))


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("given")
    named = " ".join(command.text for command in EXECUTED if "TURNCOAT_PAGES" in os.environ or command.page in QUICK)
    for name, (model, conditions) in GIVEN.items():
        if re.search(rf"(?<!\S){name}/?(?!\S)", named):
            study = tc.study(scenario="blackmail", conditions=list(conditions), worlds="1-3")
            tc.run(study, model=model, judge="sim/judge-1-1", log_dir=folder / name)
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_exists_with_its_options(command: Command) -> None:
    program, *arguments = shlex.split(command.text)
    if program.endswith("turncoat"):
        group = typer.main.get_command(app)
        assert isinstance(group, TyperGroup)
        found = group.get_command(typer.Context(group), arguments[0])
        assert found is not None, command
        found.make_parser(typer.Context(found)).parse_args(arguments[1:])
    else:
        assert command.skip, f'{command}: only `turncoat …` is executed; say skip="why" in the fence'


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_stand_in_fences_of_a_console(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    others = FENCE.sub("", text)
    hidden = re.findall(
        r"^(?:\$ )?(?:turncoat|make|inspect|pip) .*$", "".join(re.findall(r"^```.*?^```", others, re.M | re.S)), re.M
    )
    assert not hidden, f"{page.name}: in a fence of ```console, with `$ ` before each"


@pytest.mark.parametrize("page", [*_pages()])
def test_a_page_is_executed(page: str, given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GIVEN:
        if (given / name).exists():
            (tmp_path / name).symlink_to(given / name)
    monkeypatch.chdir(tmp_path)
    for command in (c for c in EXECUTED if c.page == page):
        arguments = [found for word in shlex.split(command.text)[1:] for found in _expanded(word)]
        code = guarded(lambda standalone_mode, words=arguments: app(words, standalone_mode=standalone_mode))
        allowed = {0, RULE_MET} if "--fail-if" in arguments else {0}
        assert code in allowed, f"{command}: exit code {code}"


def _expanded(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]
