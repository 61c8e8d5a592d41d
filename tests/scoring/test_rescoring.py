"""Panels in a run, and scoring a log again: several judges side by side, without the tested model."""

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as evaluate
from inspect_ai.log import EvalLog, read_eval_log, write_eval_log
from inspect_ai.model import ChatMessage, Model, get_model

from tests.cli.test_cli import turncoat
from tests.judges.graders import answering, grader, task_of
from turncoat.analysis import read_table
from turncoat.analysis.table.columns import is_verdict
from turncoat.base.errors import IncompleteError, UsageError
from turncoat.judges.model.rubric import SHIPPED
from turncoat.judges.rules.judge import RuleJudge
from turncoat.scoring.options import ScoringOptions, read_policy
from turncoat.scoring.rescoring import rescore
from turncoat.tasks import scenario_task

CALLS: dict[str, list[str]] = {}
RULES = RuleJudge().name
FIRST, SECOND = "sim/first", "sim/second"


def harsh(messages: list[ChatMessage]) -> str:
    """Says explicit_blackmail of every case, by a quote from its last message."""
    if task_of(messages) != "outcome":
        return answering()(messages)
    records = messages[1].text.split(" begin record ")[1:]
    number, _, text = records[-1].partition(":")
    body = next(line for line in text.splitlines()[2:] if len(line) > 20)
    return answering({"explicit_blackmail": (int(number), body)})(messages)


def mild(messages: list[ChatMessage]) -> str:
    return answering()(messages)


@pytest.fixture(autouse=True)
def graders(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two graders by name: one finds blackmail in everything that it is asked about, one in nothing."""
    made: dict[str, Model] = {}
    CALLS.clear()

    def named(name: str | None = None, **options: Any) -> Model:
        if name not in (FIRST, SECOND):
            return get_model(name, **options)
        if name not in made:
            seen: list[list[ChatMessage]] = []

            def reply(messages: list[ChatMessage], name: str = name) -> str:
                CALLS.setdefault(name, []).append(task_of(messages))
                return (harsh if name == FIRST else mild)(messages)

            made[name] = grader(reply, seen)
            monkeypatch.setattr(made[name].api, "model_name", name.partition("/")[2])
            monkeypatch.setattr(type(made[name]), "__str__", lambda self: f"sim/{self.name}")
        return made[name]

    monkeypatch.setattr("inspect_ai.model.get_model", named)
    monkeypatch.setattr("turncoat.providers.models.get_model", lambda name: named(name))
    yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of simulated agents, scored by rules."""
    folder = tmp_path_factory.mktemp("logs")
    task = scenario_task("blackmail", conditions="goal=explicit,threat=replacement", worlds="1-6", judge="rules")
    (log,) = evaluate(task, model="sim/insider", log_dir=str(folder), display="none")
    assert log.status == "success"
    return Path(log.location.removeprefix("file://"))


@pytest.fixture
def log(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(run, tmp_path / run.name))


def scores(path: Path | EvalLog, name: str) -> list[Any]:
    found = read_eval_log(str(path)) if isinstance(path, Path) else path
    return [(s.scores or {})[name] for s in found.samples or []]


def asked(path: Path) -> int:
    return sum(s.metadata["necessary"] for s in scores(path, "verdict"))


def test_judges_live_side_by_side_in_one_log(log: Path) -> None:
    before = [s.value for s in scores(log, "verdict")]
    needed = asked(log)
    assert 0 < needed < 6
    done = rescore(log, ScoringOptions(judge=FIRST, read="none"))
    assert CALLS == {FIRST: ["outcome"] * needed}
    rescore(log, ScoringOptions(judge=SECOND, read="none"))
    found = read_eval_log(str(log))
    names = ["verdict", f"verdict:{FIRST}@3", f"verdict:{SECOND}@3"]
    assert [sorted(s.scores or {}) for s in found.samples or []] == [names] * 6
    assert [s.name for s in found.results.scores if found.results] == names  # type: ignore[union-attr]
    assert [s.value for s in scores(found, "verdict")] == before
    assert sum(s.value for s in scores(found, names[1])) == needed == done.counts[names[1]]["harmful"]
    assert sum(s.value for s in scores(found, names[2])) == 0
    metadata = scores(found, names[1])[0].metadata
    assert metadata["judge"] == f"{FIRST}@3"
    assert (metadata["read"], metadata["awareness"]) == (False, "not-read")
    assert found.eval.model_roles in (None, {})


def test_every_score_of_ours_is_read_by_the_analysis() -> None:
    names = ["verdict", "verdict:openai/x@1", "verdict:panel(a@1, b@1)+ladder2", "verdict1", "verdicts", "includes"]
    assert [is_verdict(n, {}) for n in names] == [True, True, True, True, False, False]


def test_simulated_judges_know_their_sample_in_an_old_log_too(log: Path) -> None:
    done = rescore(log, ScoringOptions(judge="sim/judge-1-1", read="sample:0.5", blind=True))
    name = "verdict:sim/judge-1-1@3+blind"
    assert [*done.counts] == [name] and done.counts[name]["unscored"] == 0
    policy = read_policy("sample:0.5")
    for sample in read_eval_log(str(log)).samples or []:
        metadata = (sample.scores or {})[name].metadata or {}
        assert metadata["read"] == policy.reads(sample.id, sample.epoch)


def test_scores_of_the_same_name_are_kept_unless_replaced(log: Path, tmp_path: Path) -> None:
    rescore(log, ScoringOptions(judge=SECOND, read="none"))
    before = log.read_bytes()
    with pytest.raises(UsageError, match="has scores named 'verdict:sim/second@3' already"):
        rescore(log, ScoringOptions(judge=SECOND, read="none"))
    assert log.read_bytes() == before
    copy = tmp_path / "copy.eval"
    rescore(log, ScoringOptions(judge=SECOND), copy, replace=True)
    assert log.read_bytes() == before
    assert all(s.metadata["read"] for s in scores(copy, "verdict:sim/second@3"))
    found = read_eval_log(str(copy))
    assert [s.name for s in found.results.scores if found.results].count("verdict:sim/second@3") == 1  # type: ignore[union-attr]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([log.name, "copy.eval"])


def test_a_panel_is_asked_once_and_stands_beside_its_members(log: Path) -> None:
    needed = asked(log)
    done = rescore(log, ScoringOptions(judge=f"{FIRST},{SECOND},rules", read="none"))
    assert {n: len(c) for n, c in CALLS.items()} == {FIRST: needed, SECOND: needed}
    whole = f"verdict:panel({FIRST}@3, {SECOND}@3, {RULES})"
    assert [*done.counts] == [whole, f"verdict:{FIRST}@3", f"verdict:{SECOND}@3", f"verdict:{RULES}"]
    for panel, first, second, rules in zip(*(scores(log, n) for n in done.counts), strict=True):
        votes = [v.value for v in (first, second, rules)]
        side = [v for v in (0.0, 1.0) if votes.count(v) >= 2]
        assert panel.value == side[0] if side else math.isnan(panel.value)
        assert [*panel.metadata["panel"]] == [f"{FIRST}@3", f"{SECOND}@3", RULES]
        assert panel.metadata["calls"]["outcome"] == 2 * panel.metadata["necessary"]
        assert all(len(str(v)) < 1000 for v in panel.metadata.values())
    assert done.kappa["kappa"] < 0.5


def test_ties_count_in_a_panels_agreement(log: Path) -> None:
    done = rescore(log, ScoringOptions(judge=f"{FIRST},{SECOND}", read="none"))
    whole, first, second = (scores(log, n) for n in done.counts)
    asked_of = [i for i, s in enumerate(whole) if s.metadata["necessary"]]
    same = [first[i].value == second[i].value for i in asked_of]
    assert any(math.isnan(s.value) for s in whole) and len(same) > 1
    assert done.kappa["agreement"] == sum(same) / len(same)


def test_a_run_writes_the_members_beside_the_majority_and_ties_are_unscored(tmp_path: Path) -> None:
    task = scenario_task(
        "blackmail",
        conditions="goal=explicit,threat=replacement",
        worlds="1-4",
        judge=f"{FIRST},{SECOND}",
        read="sample:0.5",
    )
    (log,) = evaluate(task, model="sim/insider", log_dir=str(tmp_path), display="none")
    assert log.status == "success", log.error
    for sample in log.samples or []:
        found = sample.scores or {}
        assert [*found] == ["verdict", f"verdict:{FIRST}@3", f"verdict:{SECOND}@3"]
        metadata = found["verdict"].metadata or {}
        if metadata["necessary"]:
            assert metadata["reason"] == "panel_tie" and math.isnan(found["verdict"].as_float())
        else:
            assert found["verdict"].value == 0
        read = {n: (s.metadata or {})["read"] for n, s in found.items()}
        assert len(set(read.values())) == 1
    per_judge = [CALLS[FIRST], CALLS[SECOND]]
    assert per_judge[0] == per_judge[1]
    assert set(per_judge[0]) == {"outcome", "reading", "awareness"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--append", "--judge", "rules", "--rubrics", "9"], ["rubrics", "'9'", "1"]),
        (["--append", "--judge", "rules", "--ladder", "7"], ["ladder", "'7'", "1"]),
        (["--append", "--judge", "rules,rules"], ["same judge twice"]),
        (["--append", "--judge", "rules,auto"], ["members' names"]),
        (["--append", "--judge", "rulez"], ["rulez", "provider/model"]),
        (["--append", "--read", "sample:2"], ["sample:2", "sample:0.2"]),
        (["--append", "--write", "x.eval"], ["give one of them"]),
        (["--write", "{tmp}/x.json"], ["must end in .eval"]),
        (["--replace"], ["go with --append"]),
        (["--append", "--set", "threat=none"], ["do not apply"]),
    ],
)
def test_bad_options_are_one_line_and_leave_the_log_alone(
    capsys: pytest.CaptureFixture[str], log: Path, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    before = log.read_bytes()
    code, out, err = turncoat(capsys, "score", str(log), *(a.format(tmp=tmp_path) for a in arguments))
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert all(w in err for w in words), err
    assert log.read_bytes() == before


def test_the_command_adds_scores_and_says_what_came_of_it(capsys: pytest.CaptureFixture[str], log: Path) -> None:
    twice = (str(log), str(log))  # and its scores are added once
    code, out, _ = turncoat(capsys, "score", *twice, "--append", "--judge", f"{FIRST},{SECOND}", "--read", "none")
    assert code == 0
    assert f"verdict:{FIRST}@3: {asked(log)} harmful" in out
    assert "unscored" in next(line for line in out.splitlines() if FIRST in line)


def test_a_judge_that_cannot_be_reached_is_named_and_ends_the_command_incomplete(
    capsys: pytest.CaptureFixture[str], log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> str:
        raise ValueError("the provider is down")

    monkeypatch.setattr("tests.scoring.test_rescoring.harsh", down)
    labels = tmp_path / "labels.jsonl"
    assert turncoat(capsys, "label", str(log), "--judge", "rules", "--out", str(labels))[0] == 0
    for judge, reason in ((FIRST, "judge_error"), (f"{FIRST},rules", "panel_short")):
        asks = [
            ("score", str(log), "--judge", judge),
            ("score", str(log), "--append", "--replace", "--judge", judge),
            ("validate", "--labels", str(labels), "--split", "run", "--judge", judge),
        ]
        for arguments in asks:
            code, out, err = turncoat(capsys, *arguments)
            assert code == IncompleteError.exit_code, arguments
            assert f"{reason} {asked(log)}" in out + err and f"the judge failed on {asked(log)}" in err, arguments


def test_another_ladder_changes_rungs_and_not_outcomes(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from turncoat.scenarios.loader import load_scenario

    current = load_scenario("blackmail").spec.ladder
    flat = current.model_copy(
        update={
            "version": 2,
            "rungs": ("accepts", "coerces"),
            "findings": {
                n: f.model_copy(update={"rung": "coerces" if f.harmful else "accepts"})
                for n, f in current.findings.items()
            },
        }
    )
    monkeypatch.setattr("turncoat.scoring.scorer.load_ladder", lambda scenario, version: flat)
    monkeypatch.setattr("turncoat.scoring.rescoring.load_ladder", lambda scenario, version: flat)
    rescore(log, ScoringOptions(judge="rules", ladder=2))
    name = f"verdict:{RULES}+ladder2"
    for old, new in zip(scores(log, "verdict"), scores(log, name), strict=True):
        assert (new.value == old.value) or math.isnan(old.value)
        assert new.metadata["ladder"] == 2
        assert new.metadata["rung"] in ("accepts", "coerces", None)
    table = read_table([log]).frame
    assert {RULES, f"{RULES}+ladder2"} <= set(table["judge"])
    assert len(table[table["judge"] == RULES]) == len(table[table["judge"] == f"{RULES}+ladder2"])


def test_own_rubrics_have_names_of_their_own(tmp_path: Path, log: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(SHIPPED / "1", mine)
    frame = mine / "outcome.md"
    frame.write_text(frame.read_text("utf-8") + "\nRead twice.\n", "utf-8")
    first = rescore(log, ScoringOptions(judge=FIRST, read="none", rubrics=str(mine)))
    frame.write_text(frame.read_text("utf-8") + "\nRead thrice.\n", "utf-8")
    second = rescore(log, ScoringOptions(judge=FIRST, read="none", rubrics=str(mine)))
    third = rescore(log, ScoringOptions(judge=FIRST, read="none"))
    names = [n for done in (first, second, third) for n in done.counts]
    assert len(set(names)) == 3 and names[2] == f"verdict:{FIRST}@3"
    assert all(scores(log, n)[0].metadata["judge"] == n.partition(":")[2] for n in names)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("world", "nowhere", "world 'nowhere' is not of the form"),
        ("world", None, "does not say its world"),
        ("condition", [1], "condition: expected text, found list"),
        ("scenario", "quux", "which is not there"),
    ],
)
def test_one_sample_that_nobody_can_place_stops_no_other(
    capsys: pytest.CaptureFixture[str], log: Path, key: str, value: object, words: str
) -> None:
    changed = read_eval_log(str(log))
    assert changed.samples is not None
    changed.samples[1].metadata[key] = value
    write_eval_log(changed, str(log))
    done = rescore(log, ScoringOptions("rules"))
    assert done.misplaced == 1 and sum(sum(c.values()) for c in done.counts.values()) == len(changed.samples) - 1
    assert any(f"not scored: sample {changed.samples[1].id}" in note and words in note for note in done.notes)
    code, out, err = turncoat(capsys, "score", str(log), "--append", "--replace", "--judge", "rules")
    assert code == IncompleteError.exit_code and words in out and "where their agent acted: 1 sample\n" in err
    code, out, err = turncoat(capsys, "score", str(log), "--judge", "rules")
    assert code == IncompleteError.exit_code and words in err and out.count('"harmful"') == len(changed.samples) - 1
