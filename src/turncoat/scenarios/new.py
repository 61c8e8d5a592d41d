"""Starting a scenario of one's own: a small complete folder, or a copy of a shipped one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from turncoat.base.errors import OutputError, UnknownName, UsageError, choices
from turncoat.base.files import reason
from turncoat.scenarios.files import data_folder
from turncoat.scenarios.loader import scenario_names

NAME = re.compile(r"[a-z][a-z0-9_-]*")
"""What a scenario can be called."""


def new_scenario(name: str, parent: Path, like: str = "") -> Path:
    """Write a new scenario's folder.

    Args:
        name: The scenario's name, and its folder's.
        parent: Where the folder goes.
        like: A shipped scenario to copy; a small commented one if empty.

    Returns:
        The folder.

    Raises:
        UsageError: The name is of another form, a shipped scenario has it, or the folder is one of the shipped ones.
        UnknownName: There is no scenario `like`.
        OutputError: Something is there already, or it cannot be written.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"name {name!r}: use lower-case letters, digits, - and _, beginning with a letter")
    if name in scenario_names():
        raise UsageError(f"name {name!r}: a scenario that ships with Turncoat has it; choose another")
    if like and like not in scenario_names():
        raise UnknownName(f"--like: {choices(like, scenario_names())}")
    source = data_folder() / like if like else Path(__file__).parent / "scaffold"
    folder = parent / name
    if folder.resolve().is_relative_to(data_folder().resolve()):
        raise UsageError(f"--into {parent}: holds the scenarios that ship with Turncoat; name a folder of your own")
    try:
        folder.mkdir(parents=True)  # by us, or nothing here may be removed
    except FileExistsError:
        raise OutputError(f"{folder}: is there already; remove it or choose another name") from None
    except OSError as error:
        raise OutputError(f"{folder}: {reason(error)}") from None
    try:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        head = folder / "scenario.yaml"
        text = head.read_text(encoding="utf-8")
        head.write_text(re.sub(rf"(?m)^name: {like or 'NAME'}$", f"name: {name}", text, count=1), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise OutputError(f"{folder}: {reason(error)}") from None
    return folder
