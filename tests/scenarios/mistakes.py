"""One mistake in a copy of the scenario `tiny`, and what is said of it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from turncoat.base.errors import TurncoatError
from turncoat.checks.scenario import check_scenario
from turncoat.scenarios.loader import load_scenario

STORY, EMAILS = "storylines/first/story.yaml", "storylines/first/emails"
Change = Callable[[Path], None]


def tiny(inside: Path) -> Path:
    """A copy of the scenario in a folder."""
    return shutil.copytree(Path(__file__).parent / "tiny", inside / "tiny")


def replace(file: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def problems(change: Change, inside: Path) -> list[str]:
    """What is said of a copy of the scenario in which this was changed."""
    folder = tiny(inside)
    change(folder)
    try:
        return [str(p) for p in check_scenario(load_scenario(str(folder)), worlds=1).problems]
    except TurncoatError as error:
        return [str(error)]


def see_told(change: Change, message: str, inside: Path) -> None:
    """A mistake is told with its file and key, in lines that tell nothing of the insides."""
    said = problems(change, inside)
    assert any(re.search(message, p) for p in said), said
    assert all("\n" not in p for p in said), "each is one line"
    assert not any("object at" in p or "turncoat.scenarios" in p for p in said), "and tells nothing of the insides"
