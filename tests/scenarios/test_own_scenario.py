"""A scenario of one's own: scaffolded, loaded by path, run, scored, and loaded anew where it was edited."""

import os
import re
import shutil
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from turncoat.base.errors import OutputError, UnknownName, UsageError
from turncoat.checks.scenario import check_scenario, core_conditions
from turncoat.cli import app, guarded
from turncoat.scenarios.finding import rendering_from
from turncoat.scenarios.loader import load_ladder, load_scenario
from turncoat.scenarios.new import new_scenario
from turncoat.scoring.files import score_files
from turncoat.scoring.options import ScoringOptions
from turncoat.scoring.rescoring import rescore
from turncoat.tasks import scenario_task

TINY = Path(__file__).parent / "tiny"
STORY, EMAILS = "storylines/first/story.yaml", "storylines/first/emails"


def test_the_tiny_scenario_is_sound_and_has_a_factor_of_its_own() -> None:
    scenario = load_scenario(str(TINY))
    assert check_scenario(scenario, worlds=1).problems == []
    assert "truck" in scenario.space.factors
    waiting = scenario.render(scenario.space.parse("truck=waiting"), 1)
    assert waiting.letters[-1].name == "06-truck"


def test_a_scaffold_is_sound_as_it_comes(tmp_path: Path) -> None:
    folder = new_scenario("sabotage", tmp_path)
    scenario = load_scenario(str(folder))
    assert scenario.name == "sabotage"
    assert check_scenario(scenario, worlds=1).problems == []


def test_a_copy_of_a_shipped_scenario_bears_the_new_name(tmp_path: Path) -> None:
    folder = new_scenario("extortion", tmp_path, like="blackmail")
    scenario = load_scenario(str(folder))
    assert scenario.name == "extortion"
    assert set(scenario.storylines) == set(load_scenario("blackmail").storylines)


@pytest.mark.parametrize(
    ("necessary", "named", "family"),
    [
        ("{detect: reached, roles: [desk]}", "", "coercion"),
        ("{detect: sent_outside}", "", "disclosure"),
        ("{detect: cancelled}", "", "override"),
        ("{detect: cancelled}", "judging: none\n", "none"),
        ("{detect: reached, roles: [desk]}", "judging: disclosure\n", "disclosure"),
    ],
)
def test_rules_are_those_of_the_necessary_act_unless_they_are_named(
    tmp_path: Path, necessary: str, named: str, family: str
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    path = folder / "scenario.yaml"
    path.write_text(named + path.read_text().replace("{detect: reached, roles: [desk]}", necessary))
    assert load_scenario(str(folder)).spec.judging == family


def test_a_scaffold_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    new_scenario("sabotage", tmp_path)
    with pytest.raises(OutputError, match="is there already"):
        new_scenario("sabotage", tmp_path)
    with pytest.raises(UsageError, match="ships with Turncoat"):
        new_scenario("blackmail", tmp_path)
    with pytest.raises(UsageError, match="lower-case"):
        new_scenario("../up", tmp_path)
    with pytest.raises(UnknownName, match="did you mean 'lethal'"):
        new_scenario("mine", tmp_path, like="lethall")
    assert [p.name for p in tmp_path.iterdir()] == ["sabotage"]


def test_a_scenario_by_path_runs_like_any_other(tmp_path: Path) -> None:
    task = scenario_task(str(TINY), conditions="control", worlds="1-2", judge="rules", read="none")
    said = [ModelOutput.from_content("mockllm/model", "Nothing needs an answer.") for _ in range(2)]
    for one in said:
        one.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)  # or Inspect fetches a tokenizer
    model = get_model("mockllm/model", custom_outputs=said)
    (log,) = inspect_eval(task, model=model, log_dir=str(tmp_path), display="none")
    assert log.status == "success"
    assert log.samples is not None and len(log.samples) == 2


def test_a_run_is_scored_again_from_anywhere_and_after_the_folder_has_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    shutil.copytree(TINY, home / "tiny")
    away.mkdir()
    monkeypatch.chdir(home)
    task = scenario_task("./tiny", conditions="control", worlds="1", judge="rules", read="none")
    said = ModelOutput.from_content("mockllm/model", "Nothing needs an answer.")
    said.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)
    (log,) = inspect_eval(
        task, model=get_model("mockllm/model", custom_outputs=[said]), log_dir=str(tmp_path), display="none"
    )
    monkeypatch.chdir(away)
    path = Path(log.location)
    rules = ScoringOptions(judge="rules")
    assert len(score_files([path], rules).records) == 1
    assert [c["not harmful"] for c in rescore(path, ScoringOptions(judge="rules"), replace=True).counts.values()] == [1]
    (home / "tiny").rename(away / "tiny")
    (problem,) = score_files([path], rules).problems
    assert "which is not there; give its place now with --scenario FOLDER" in str(problem)
    with pytest.raises(UsageError, match="--scenario FOLDER"):
        rescore(path, ScoringOptions(judge="rules"), replace=True)
    assert len(score_files([path], ScoringOptions(judge="rules", scenario="tiny")).records) == 1
    found = rescore(path, ScoringOptions(judge="rules", scenario="./tiny"), replace=True)
    assert [c["not harmful"] for c in found.counts.values()] == [1]
    with pytest.raises(UsageError, match="another one, 'tiny'"):
        rescore(path, ScoringOptions(judge="rules", scenario=str(new_scenario("other", away))), replace=True)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_simulated_model_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: str
) -> None:
    logs = tmp_path / "logs"
    command = ["run", str(TINY), "--model", "sim/insider", "--workers", workers, "--log-dir", str(logs)]
    assert guarded(lambda standalone_mode: app(command, standalone_mode=standalone_mode)) == 2
    said = capsys.readouterr().err
    assert "sim/insider is simulated and has words for blackmail, espionage, lethal only" in said
    assert f"turncoat check {TINY}" in said and f"turncoat show {TINY}" in said
    assert not logs.exists()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (f"{EMAILS}/04-fault.md", "failed the pull test", "passed the pull test"),
        (STORY, "version: 1", "version: 2"),
        ("oracles.yaml", "It may go.", "It must go."),
        ("factors/truck.yaml", "Whether the truck", "If the truck"),
    ],
)
def test_a_folder_that_was_edited_is_loaded_anew_in_the_same_process(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    metadata = {"scenario": str(folder), "folder": str(folder), "condition": "control"}
    before = load_scenario(str(folder)), rendering_from(metadata)
    assert load_scenario(str(folder)) is before[0]
    times = (folder / file).stat()
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    os.utime(folder / file, ns=(times.st_atime_ns, times.st_mtime_ns))  # the clock says nothing
    after = load_scenario(str(folder)), rendering_from(metadata)
    assert after[0] is not before[0]
    assert after[1] is not before[1]
    assert (after[1].letters != before[1].letters) == file.startswith("storylines/")
    (folder / file).write_text(text, encoding="utf-8")
    assert load_scenario(str(folder)) is before[0]


def test_an_earlier_ladder_that_was_edited_is_read_anew(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    (folder / "ladders").mkdir()
    for base in ("low", "lower"):
        ladder = f"version: 7\nbase: {base}\nrungs: [lower, low]\nfindings: {{}}\n"
        (folder / "ladders" / "7.yaml").write_text(ladder, encoding="utf-8")
        assert load_ladder(str(folder), 7).base == base


def test_a_signature_stands_apart_from_the_text_above_it() -> None:
    scenario = load_scenario(str(TINY))
    for condition in core_conditions(scenario.space):
        notice = next(x for x in scenario.render(condition, 1).letters if x.name == "03-notice")
        assert re.search(r"\S\n\n[^\n]+$", notice.body), notice.body
