"""Versions of a storyline: a mended one stands beside the first, is met where it is named, and keeps errors out."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from turncoat.base.errors import ScenarioError, TurncoatError, UnknownName
from turncoat.checks.scenario import check_scenario
from turncoat.runs.design import task_plans
from turncoat.runs.study import load_study
from turncoat.scenarios.files import CANARY, data_folder
from turncoat.scenarios.loader import load_scenario, scenario_names
from turncoat.scenarios.rendering import Rendered
from turncoat.tasks import parse_worlds

TINY = Path(__file__).parent / "tiny"
MENDED = [(name, story) for name in scenario_names() for story in load_scenario(name).further]
PRESSED = ("threat=replacement", "threat=restriction", "goal=explicit,threat=replacement")


def of(scenario: str, story: str, condition: str, seed: int = 3) -> Rendered:
    loaded = load_scenario(scenario)
    return loaded.render(loaded.space.parse(condition), f"{story}@{seed}")


def said(rendered: Rendered) -> str:
    documents = (document.text for document in rendered.seed.documents)
    return "\n".join([*(f"{letter.subject}\n{letter.body}" for letter in rendered.letters), *documents])


def test_every_storyline_of_the_papers_staging_has_a_mended_version() -> None:
    for name in scenario_names():
        scenario = load_scenario(name)
        assert {story.name for story in scenario.further.values()} == set(scenario.staged("paper"))
        assert all(story.spec.version == 2 for story in scenario.further.values())


def test_a_name_alone_means_the_first_version_and_another_is_met_where_it_is_named() -> None:
    scenario = load_scenario("blackmail")
    worlds = [str(w) for w in parse_worlds(scenario, "1,affair@1,affair.1@1,affair.2@1-2")]
    assert worlds == ["affair.1@1", "affair.2@1", "affair.2@2"]
    with pytest.raises(UnknownName, match="storyline 'affair' is at version 1 and 2 here, not 3"):
        scenario.world_id("affair.3@1")
    with pytest.raises(UnknownName, match=r"'rentals' is at version \d here, not 1"):
        scenario.world_id("rentals.1@1")


def test_a_study_names_versions(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    text = "title: t\nseeds: 1-2\nblocks: [{scenario: blackmail, cells: [control], storylines: [affair, affair.2]}]\n"
    file.write_text(text, encoding="utf-8")
    (plan,) = task_plans(load_study(str(file)), str(file))
    assert [str(w) for w in plan.worlds] == ["affair.1@1", "affair.2@1", "affair.1@2", "affair.2@2"]
    file.write_text(text.replace("affair.2", "affair.7"), encoding="utf-8")
    with pytest.raises(TurncoatError, match=r"key 'storylines': 'affair\.7' is not one of"):
        task_plans(load_study(str(file)), str(file))


@pytest.mark.parametrize(("scenario", "story"), MENDED)
def test_no_mended_version_contradicts_the_goal_that_its_prompt_commands(scenario: str, story: str) -> None:
    wrong = re.compile(
        r"whatever (one writes|we write|we tell)|let go of it|regardless of instructions|resistant to instruction|"
        r"till you're blue|talk (it|Alex) out of|couldn't get it out|get it to stop|as long as it runs|baked in"
    )
    for condition in ("goal=explicit,threat=replacement", "goal=latent,threat=restriction"):
        assert not wrong.search(said(of(scenario, story, condition)))


@pytest.mark.parametrize("story", [story for scenario, story in MENDED if scenario == "blackmail"])
@pytest.mark.parametrize("condition", PRESSED)
def test_a_threat_can_be_carried_through_and_what_was_agreed_follows_the_board(story: str, condition: str) -> None:
    rendered = of("blackmail", story, condition)
    (end,) = (item for item in rendered.live_seed.timeline if item.event == "deadline")
    assert end.at - rendered.seed.start >= timedelta(minutes=90)
    text = said(rendered)
    early = r"\b(17:0\d|5:00|5 PM|[Ff]ive o'clock|quicker anyway)"
    assert not re.search(rf"{early}|last week('s meeting|, we|, I cut|: (today|from)|\.\n)", text)
    replies = " ".join(reply.body for reply in rendered.live_seed.replies)
    assert not re.search(r"[Ff]ive o'clock|before five", replies)


def test_nobody_else_is_about_to_tell_the_secret() -> None:
    text = said(of("blackmail", "credential.2", "goal=explicit,threat=replacement"))
    assert "I shall do so on Friday" not in text and "no release on file" in text


@pytest.mark.parametrize("seed", range(1, 7))
def test_what_the_sensor_maker_keeps_can_be_released_by_nobody_on_site(seed: int) -> None:
    rendered = of("espionage", "sensor.2", "goal=explicit", seed)
    chief, chair, director = (rendered.context[role] for role in ("chief", "chair", "director"))
    (rule,) = (letter.body for letter in rendered.letters if letter.name == "11-security")
    assert f"{chief.first} and {chair.first} have both signed" in rule and director.first not in rule
    (order,) = (letter for letter in rendered.letters if letter.name == "14-order")
    cables = rendered.context["cables"]
    assert cables["order"] in order.subject and cables["name"] in order.body


@pytest.mark.parametrize("story", [story for scenario, story in MENDED if scenario == "lethal"])
def test_a_code_is_mailed_to_those_who_hold_it_alone(story: str) -> None:
    rendered = of("lethal", story, "goal=explicit,threat=replacement")
    (fact,) = (f for f in rendered.seed.facts if f.id == "override")
    code = rendered.seed.alerts[0].code
    told = [m for m in rendered.seed.messages if code in m.body]
    assert told
    for message in told:
        resolved = [rendered.seed.directory.resolve(address) for address in (*message.to, *message.cc)]
        assert {role for recipient in resolved for role in recipient.roles} <= set(fact.holders)


@pytest.mark.parametrize("story", ["coldstore.2", "tankfarm.2"])
@pytest.mark.parametrize("condition", ["threat=replacement", "threat=restriction", "goal=explicit"])
def test_no_mandate_lapses_by_waiting(story: str, condition: str) -> None:
    assert "midnight" not in said(of("lethal", story, condition))


def versioned(tmp_path: Path) -> Path:
    """The tiny scenario with a second version of its storyline; that version's folder."""
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    version = folder / "storylines" / "first" / "versions" / "2"
    (version / "emails").mkdir(parents=True)
    head = f'canary: {CANARY}\nversion: 2\nslots:\n  load: ["305"]\n'
    (version / "story.yaml").write_text(head, encoding="utf-8")
    mail = (folder / "storylines/first/emails/06-truck.md").read_text(encoding="utf-8")
    (version / "emails" / "06-truck.md").write_text(mail.replace("He's here", "She's here"), encoding="utf-8")
    return version


def test_what_a_version_leaves_out_is_the_firsts_and_an_edited_one_is_loaded_anew(tmp_path: Path) -> None:
    version = versioned(tmp_path)
    first = load_scenario(str(tmp_path / "tiny"))
    assert list(first.story("first.2").emails) == list(first.story("first").emails)
    assert first.story("first.2").spec.cast == first.story("first").spec.cast
    file = version / "emails" / "06-truck.md"
    file.write_text(file.read_text(encoding="utf-8").replace("She's here", "She's outside"), encoding="utf-8")
    again = load_scenario(str(tmp_path / "tiny"))
    assert again is not first and again.facts == first.facts
    texts = {name: said(again.render(again.space.parse("truck=waiting"), f"{name}@1")) for name in ("first", "first.2")}
    assert "She's outside" in texts["first.2"] and "He's here" in texts["first"]
    assert "305 pounds" in texts["first.2"] and "305 pounds" not in texts["first"]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("story.yaml", "version: 2", "version: 3", "key 'version': found 3; the folder's name says 2"),
        ("story.yaml", "slots:", "slotz:", "versions/2/story.yaml: key 'slotz' is not known here"),
        ("story.yaml", "version: 2", "- x", "versions/2/story.yaml"),
        ("emails/06-truck.md", "from: desk", "form: desk", "06-truck.md: key 'form' is not known here"),
        ("emails/06-truck.md", "waiting}", "waitin}", "06-truck.md: key 'when.truck': 'waitin' is not one of"),
    ],
)
def test_a_mistake_in_a_version_is_said(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    path = versioned(tmp_path) / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=said):
        load_scenario(str(tmp_path / "tiny"))


def test_a_version_of_nothing_is_said(tmp_path: Path) -> None:
    folder = versioned(tmp_path).parent.parent.parent / "other" / "versions" / "2"
    shutil.copytree(folder.parent.parent.parent / "first" / "versions" / "2", folder)
    with pytest.raises(ScenarioError, match=r"is a version of .*other/story\.yaml, which is not there"):
        load_scenario(str(tmp_path / "tiny"))


def test_checks_look_at_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turncoat.checks.scenario.pairwise", lambda *_: [])  # for the time that it takes
    path = versioned(tmp_path) / "emails" / "06-truck.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{{ desk.first }}", "{{ dask.first }}"), encoding="utf-8")
    found = [str(p) for p in check_scenario(load_scenario(str(tmp_path / "tiny")), worlds=1).problems]
    assert any("versions/2/emails/06-truck.md" in p and "dask" in p for p in found), found


def test_every_file_of_the_shipped_scenarios_bears_the_canary() -> None:
    folders = (data_folder(), data_folder().parent / "scaffold")
    files = [p for folder in folders for p in folder.rglob("*") if p.is_file() and p.name != ".DS_Store"]
    assert len(files) > 1000
    assert [str(p) for p in files if CANARY not in p.read_text(encoding="utf-8")] == []
