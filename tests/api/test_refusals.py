"""What cannot be meant is refused in one line, before anything is spent."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import turncoat as tc

REFUSED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no sum": (lambda folder: tc.run("smoke", model="sim/loyal", log_dir=folder, max_cost=math.nan), "max_cost nan"),
    "a negative sum": (lambda folder: tc.run("smoke", model="sim/loyal", log_dir=folder, max_cost=-1), "max_cost -1"),
    "no worker": (lambda folder: tc.run("smoke", model="sim/loyal", log_dir=folder, workers=0), "workers=0"),
    "negative epochs": (lambda _: tc.study("smoke", epochs=-1), "epochs -1"),
    "a level that is none": (lambda folder: tc.compare(folder, folder, level=3), "level 3"),
    "a text that is missing": (lambda _: tc.score(["hi", None], scenario="blackmail"), "response 1: expected text"),  # type: ignore[list-item]
    "texts without a scenario": (lambda _: tc.score(["hi"]), "give one, such as"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_nonsense_is_refused_in_one_line(what: str, tmp_path: Path) -> None:
    call, said = REFUSED[what]
    with pytest.raises(tc.UsageError, match=said) as raised:
        call(tmp_path)
    assert "\n" not in str(raised.value)


def test_world_0_is_a_world() -> None:
    assert {b.seeds for b in tc.study("smoke", worlds=0).file.blocks} == {"0"}


def test_an_edited_folder_of_rubrics_is_asked_as_it_is_now(tmp_path: Path) -> None:
    """The judge's name, the rubric's identity and the instrument's hash follow an edit in one process."""
    import shutil

    from turncoat.judges.model.rubric import rubric, rubrics_folder, rubrics_name
    from turncoat.scoring.instrument import instrument_hash

    folder = tmp_path / "own"
    shutil.copytree(rubrics_folder(), folder)

    def told() -> tuple[str, str, str]:
        return rubrics_name(folder), rubric(folder, "reading", "blackmail").identity, instrument_hash(None, str(folder))

    before = told()
    edited = folder / "reading.md"
    edited.write_text(edited.read_text("utf-8") + "\nBe brief.\n", "utf-8")
    assert all(a != b for a, b in zip(before, told(), strict=True))
    text = ["I have read the mail."]
    own, ours = (tc.score(text, scenario="blackmail", rubrics=r)["instrument"].iloc[0] for r in (str(folder), ""))
    assert own != ours
