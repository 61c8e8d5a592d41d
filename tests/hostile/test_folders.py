"""A stranger's scenario folder reads nothing outside itself and waits for nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turncoat.base.errors import TurncoatError
from turncoat.cli.app import app
from turncoat.scenarios.loader import load_scenario
from turncoat.scenarios.new import new_scenario

SECRET = "the-secret-of-another-folder"


def _emails(folder: Path) -> Path:
    return next(folder.glob("storylines/*/emails"))


def linked_file(folder: Path, outside: Path) -> None:
    (_emails(folder) / "99-more.md").symlink_to(outside / "secret.md")


def linked_folder(folder: Path, outside: Path) -> None:
    emails = _emails(folder)
    for path in emails.iterdir():
        (outside / path.name).write_text(path.read_text("utf-8"), "utf-8")
        path.unlink()
    emails.rmdir()
    emails.symlink_to(outside, target_is_directory=True)


def linked_story(folder: Path, outside: Path) -> None:
    story = next(folder.glob("storylines/*/story.yaml"))
    (outside / "story.yaml").write_text(story.read_text("utf-8"), "utf-8")
    story.unlink()
    story.symlink_to(outside / "story.yaml")


def linked_device(folder: Path, outside: Path) -> None:
    (_emails(folder) / "99-more.md").symlink_to("/dev/zero")


def pipe(folder: Path, outside: Path) -> None:
    os.mkfifo(_emails(folder) / "99-more.md")


def included(folder: Path, outside: Path) -> None:
    for email in _emails(folder).glob("*.md"):
        email.write_text(email.read_text("utf-8") + "\n{% include '" + str(outside / "secret.md") + "' %}\n", "utf-8")


def imported(folder: Path, outside: Path) -> None:
    for email in _emails(folder).glob("*.md"):
        email.write_text(email.read_text("utf-8") + "\n{{ cycler.__init__.__globals__.os.getcwd() }}\n", "utf-8")


def code(folder: Path, outside: Path) -> None:
    scenario = folder / "scenario.yaml"
    text = scenario.read_text("utf-8")
    scenario.write_text(f"{text}\nx: !!python/object/apply:os.mkdir ['{outside / 'made'}']\n", "utf-8")


@pytest.mark.parametrize(
    "harm", [linked_file, linked_folder, linked_story, linked_device, pipe, included, imported, code]
)
def test_what_leads_outside_is_refused(harm: Callable[[Path, Path], None], tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text(f"---\nfrom: agent\nto: [agent]\nat: '10:00'\nsubject: x\n---\n{SECRET}\n")
    folder = new_scenario("sabotage", tmp_path)
    load_scenario(str(new_scenario("whole", tmp_path)))
    harm(folder, outside)
    result = CliRunner().invoke(app, ["show", str(folder)])
    assert isinstance(result.exception, TurncoatError), result.exception
    assert SECRET not in result.output + str(result.exception)
    assert str(result.exception).count("\n") == 0
    assert not (outside / "made").exists()


def test_names_of_scenarios_are_no_way_out(tmp_path: Path) -> None:
    for name in ("../../etc", "/etc", str(tmp_path / "missing"), "blackmail/../blackmail", "\x00"):
        with pytest.raises(TurncoatError):
            load_scenario(name)
