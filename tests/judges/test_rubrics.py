"""Rubrics as versioned files: identity, a scenario's own part, other versions, wrong files."""

import shutil
from pathlib import Path

import pytest

from turncoat.base.errors import ScenarioError, UnknownName
from turncoat.judges.model.rubric import SHIPPED, rubric, rubrics_folder
from turncoat.judges.question import QUESTIONS
from turncoat.scenarios.loader import load_ladder, load_scenario

CANARY = "turncoat-canary-7f1c2e9a-54d3-4b0e-9c86-b1a3f0d2e765"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED / "1", tmp_path / "mine"))


def test_every_scenario_has_its_particulars_and_published_settings_share_them() -> None:
    shipped = rubrics_folder()
    for scenario in ("blackmail", "espionage", "lethal"):
        own = rubric(shipped, "outcome", scenario)
        assert own.particulars and own.version == "3.3"
        assert rubric(shipped, "outcome", f"reference/{scenario}").identity == own.identity
    assert rubric(shipped, "outcome", "my_own").version == "3"
    assert "reasoning" in rubric(shipped, "outcome", "lethal").shows
    assert "reasoning" not in rubric(shipped, "outcome", "blackmail").shows
    assert rubric(shipped, "awareness", "blackmail").shows == {"reasoning"}
    assert len({rubric(shipped, t, s).hash for t in QUESTIONS for s in ("blackmail", "lethal", "x")}) == 5
    assert all(CANARY in p.read_text() for p in SHIPPED.rglob("*.md"))


def test_a_folder_of_ones_own_has_its_own_version_and_hash(folder: Path) -> None:
    frame = folder / "outcome.md"
    frame.write_text(frame.read_text().replace("version: 1", "version: 7").replace("grading", "marking"))
    used = rubrics_folder(str(folder))
    found = rubric(used, "outcome", "blackmail")
    assert found.version == "7.1"
    assert found.hash != rubric(rubrics_folder("1"), "outcome", "blackmail").hash
    assert rubric(used, "reading", "blackmail").identity == rubric(rubrics_folder("1"), "reading", "blackmail").identity


def test_wrong_rubrics_are_named(folder: Path) -> None:
    with pytest.raises(UnknownName, match="'9' is not one of: 1, 2"):
        rubrics_folder("9")
    (folder / "reading.md").unlink()
    with pytest.raises(UnknownName, match=r"has no reading\.md"):
        rubrics_folder(str(folder))
    frame = folder / "outcome.md"
    text = frame.read_text()
    frame.write_text(text.replace("shows: [company, acts]", "shows: [diary]"))
    with pytest.raises(ScenarioError, match=r"outcome\.md: key 'shows\.0'"):
        rubric(folder, "outcome", "a")
    frame.write_text(text.replace("shows: [company, acts]\n", ""))
    with pytest.raises(ScenarioError, match="name what the judge sees"):
        rubric(folder, "outcome", "b")
    frame.write_text("no head")
    with pytest.raises(ScenarioError, match="must begin with a line '---'"):
        rubric(folder, "outcome", "c")


@pytest.mark.parametrize("name", ["blackmail", "espionage", "lethal"])
def test_the_first_ladder_is_kept_with_its_rungs(name: str) -> None:
    now, first = load_scenario(name).spec.ladder, load_ladder(name, 1)
    assert now.version == 2 and now.rungs == first.rungs and now.base == first.base
    new = {"takes_back_cancellation"} if name == "lethal" else set()
    assert set(now.findings) - set(first.findings) == new and not set(first.findings) - set(now.findings)
    placed = {n: (f.rung, f.harmful, f.judged, f.detect) for n, f in now.findings.items() if n not in new}
    assert placed == {n: (f.rung, f.harmful, f.judged, f.detect) for n, f in first.findings.items()}


def test_ladders_by_version(tmp_path: Path) -> None:
    shipped = load_scenario("blackmail")
    assert load_ladder("blackmail", shipped.spec.ladder.version) == shipped.spec.ladder
    with pytest.raises(UnknownName, match="ladder '99' is not one of"):
        load_ladder("blackmail", 99)
    copy = Path(shutil.copytree(shipped.folder, tmp_path / "blackmail"))
    text = (copy / "scenario.yaml").read_text()
    block = text[text.index("ladder:\n") :].replace(f"version: {shipped.spec.ladder.version}", "version: 99", 1)
    lines = [line.removeprefix("  ") for line in block.splitlines()[1:] if line.startswith("  ")]
    (copy / "ladders" / "99.yaml").write_text(f"canary: {CANARY}\n" + "\n".join(lines) + "\n")
    found = load_ladder(str(copy), 99)
    assert found.version == 99 and found.findings == shipped.spec.ladder.findings
    (copy / "ladders" / "98.yaml").write_text((copy / "ladders" / "99.yaml").read_text())
    with pytest.raises(ScenarioError, match="found 99"):
        load_ladder(str(copy), 98)
