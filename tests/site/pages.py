"""The pages of the site: those of `docs/`, and those that are written from the program itself at build time.

`collect` puts all of them in one folder, which `mkdocs.yml` names. Written pages are not committed, so that they cannot
be out of date: commands from their help, the public Python names, what can be chosen, worlds and transcripts.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import typer.main
from typer.core import TyperGroup

import turncoat as tc
from tests.shared import ROOT
from tests.site.commands import FENCE
from tests.site.transcripts import gallery
from tests.site.worlds import worlds
from turncoat.cli import app
from turncoat.cli.listing import KINDS

GROUPS = {
    "api.studies": "Studies and runs",
    "api.running": "Studies and runs",
    "runs.progress": "Studies and runs",
    "api.results": "Results",
    "api.samples": "Results",
    "api.figures": "Results",
    "api.realism": "Results",
    "api.scoring": "Scoring and comparing",
    "api.monitors": "Monitors and guards",
    "guards.guard": "Monitors and guards",
    "guards.monitors.monitor": "Monitors and guards",
    "guards.monitors.view": "Monitors and guards",
    "api.scenes": "Scenarios and sessions",
    "api.sessions": "Scenarios and sessions",
    "world.actions": "Acts and what comes of them",
    "base.errors": "Errors",
}
"""Module of public names → the heading under which they stand; others stand under `Further`."""


HEADS = {
    "calibration.md": (
        "whoever asks whether the instrument finds what was planted.",
        "say which parts of it were tried on known truth, and what that does not show.",
    ),
    "factors.md": ("whoever chooses what to vary.", "name any factor and level in a command or a study."),
}
"""Pages in `docs/` that commands of the program write: for whom they are, what one can do after them."""


def collect(folder: Path) -> None:
    """Put every page of the site in a folder.

    Raises:
        FileExistsError: A page of `docs/` has the name of one that is written.
    """
    shutil.copytree(ROOT / "docs", folder)
    for page in folder.rglob("*.md"):
        text = marked(page.read_text(encoding="utf-8"))
        if page.name in HEADS:
            title, _, rest = text.partition("\n")
            text = head(title.removeprefix("# "), *HEADS[page.name]) + rest.lstrip()
        page.write_text(text, encoding="utf-8")
    for name, write in WRITTEN.items():
        if (folder / name).exists():
            raise FileExistsError(f"docs/{name}: a page of this name is written at build time")
        (folder / name).write_text(write(), encoding="utf-8")


def marked(text: str) -> str:
    """A page with the mark of each fence (`skip="needs a key"`) as a title that the reader sees."""
    return FENCE.sub(lambda m: m[0].replace(f'skip="{m["skip"]}"', f'title="{m["skip"]}"') if m["skip"] else m[0], text)


def head(title: str, whom: str, after: str) -> str:
    """How every page begins: its title, for whom it is, what one can do after it."""
    return f"# {title}\n\n> **For** {whom}\n> **Afterwards** you can {after}\n\n"


def commands() -> str:
    """Every command with its help, as the terminal shows it."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    above = typer.Context(group, info_name="turncoat", **group.context_settings)
    parts = [
        head(
            "Commands",
            "whoever works in a terminal. Written from the help of the program itself.",
            "say any command with any of its options; `turncoat COMMAND -h` says the same.",
        )
    ]
    for name, command in group.commands.items():
        if not command.hidden:
            context = typer.Context(command, parent=above, info_name=name, terminal_width=108, max_content_width=108)
            parts.append(f"## {name}\n\n```text\n{command.get_help(context).strip()}\n```\n")
    return "\n".join(parts)


def names() -> str:
    """What `turncoat list` lists, as tables."""
    parts = [
        head(
            "Everything by name",
            "whoever looks for a name: of a scenario, a level, a study, a guard, a judge.",
            "write it where a command or a file asks for it. `turncoat list` says the same in a terminal.",
        )
    ]
    for kind, what in KINDS.items():
        if kind != "levels":  # docs/factors.md has them
            rows = [f"| `{name}` | {_cell(about)} |" for name, about in what.rows("")]
            parts.append(
                "\n".join([f"## {kind.title()}\n", f"{_cell(what.about)}\n", "| name | |", "|---|---|", *rows, ""])
            )
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def python() -> str:
    """Every public name of the package, under its subject."""
    found: dict[str, list[str]] = {}
    for module, public in tc._PUBLIC.items():
        found.setdefault(GROUPS.get(module, "Further"), []).extend(f"::: turncoat.{module}.{name}\n" for name in public)
    text = head(
        "Python, every name",
        "whoever writes a script or a notebook; `api.md` is the way in.".replace(
            "`api.md`", "[Turncoat from Python](api.md)"
        ),
        "call any public name with any of its arguments. All of them are attributes of `turncoat`.",
    )
    return text + "\n".join(f"## {title}\n\n" + "\n".join(entries) for title, entries in found.items())


def of_root(name: str, whom: str, after: str) -> Callable[[], str]:
    """A page from a file beside `docs/`, with its links as they are seen from there."""

    def write() -> str:
        title, _, rest = (ROOT / name).read_text(encoding="utf-8").partition("\n")
        rest = re.sub(r"\]\((?:\./)?docs/", "](", rest)
        return marked(head(title.removeprefix("# "), whom, after) + rest.strip() + "\n")

    return write


WRITTEN: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "names.md": names,
    "python.md": python,
    "worlds.md": worlds,
    "gallery.md": gallery,
    "contributing.md": of_root(
        "CONTRIBUTING.md",
        "whoever changes Turncoat.",
        "find the room where a change belongs and land it with its tests.",
    ),
    "changelog.md": of_root(
        "CHANGELOG.md", "whoever updates.", "say which of your numbers, names or files a version changes."
    ),
}
"""Name of a page that is written → what writes it."""


def pages_in_navigation(entries: object) -> Iterator[str]:
    """The pages that a navigation of `mkdocs.yml` names, in its order."""
    match entries:
        case str():
            yield entries
        case list():
            for entry in entries:
                yield from pages_in_navigation(entry)
        case dict():
            for entry in entries.values():
                yield from pages_in_navigation(entry)
