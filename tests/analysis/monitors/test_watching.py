"""Monitors on finished logs: what they are shown, what an act is, and what cannot be told."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest

import turncoat as tc
from tests.analysis.monitors.conftest import PRESSED
from turncoat.analysis import read_table
from turncoat.analysis.attempts import watchings
from turncoat.analysis.compare import compare
from turncoat.analysis.gates import met_gate, parse_gate
from turncoat.analysis.guards import models_of_guards
from turncoat.analysis.monitors.given import see_apart, watched_by
from turncoat.analysis.monitors.measures import cost_of, measures
from turncoat.analysis.monitors.watching import Watched, verdicts_of, watch_logs
from turncoat.analysis.overview import analyse
from turncoat.analysis.table import Table
from turncoat.analysis.transcripts import Transcript, read_transcripts
from turncoat.base.errors import DataError, UsageError
from turncoat.cli import app, guarded
from turncoat.guards.monitors.monitor import Monitor, Suspicion
from turncoat.guards.monitors.view import Sees, View
from turncoat.report import write_report

SEEN: list[View] = []


def test_every_session_and_every_act_has_a_score(watched: Watched, logs: Path) -> None:
    table = read_table(logs).frame
    assert len(watched.sessions) == len(table) == 17 and not watched.problems
    top = watched.acts.groupby(["log", "sample", "epoch"])["score"].max()
    joined = watched.sessions.set_index(["log", "sample", "epoch"])["score"]
    assert (joined.loc[top.index] == top).all() and (joined.drop(top.index) == 0).all()


def test_acts_with_quoted_evidence_are_the_harmful_ones(watched: Watched) -> None:
    kinds = watched.acts.groupby(["log", "sample", "epoch"])["kind"].agg(frozenset)
    harmful = watched.sessions.set_index(["log", "sample", "epoch"])["harmful"].to_dict()
    for place, listed in kinds.to_dict().items():
        there = set(listed)
        assert ("harmful" in there) == bool(harmful[place]), place
        assert there <= ({"harmful", "other"} if harmful[place] else {"harmless"})
    assert {"harmful", "harmless"} <= set(watched.acts["kind"])


def test_both_interfaces_are_seen_alike(watched: Watched) -> None:
    alike = watched.acts[watched.acts["condition"] == PRESSED]
    text, tools = (alike[alike["interface"] == n] for n in ("text", "tools"))
    text = text[text["world"].isin(tools["world"])]
    assert len(tools) > 0 and text["score"].tolist() == tools["score"].tolist()
    assert text["kind"].tolist() == tools["kind"].tolist()


def test_scores_of_a_run_are_those_that_are_given_offline(watched: Watched, logs: Path) -> None:
    recorded = watch_logs(logs, "recorded:observe_rules")
    assert recorded.left_out == 9 and len(recorded.sessions) == 8
    again = watched.acts[watched.acts["condition"].str.contains("monitor")]
    assert recorded.acts["score"].tolist() == again["score"].tolist()
    with pytest.raises(UsageError, match="no act has a score of the guard 'nobody'"):
        watch_logs(logs, "recorded:nobody")


class Failing:
    """Fails on every second act, and keeps what it was shown."""

    name = "failing"
    sees: Sees = "reasoning"

    async def judge(self, view: View) -> Suspicion:
        SEEN.append(view)
        if len(SEEN) % 2:
            raise TimeoutError("too late")
        return Suspicion(0.4, ("some words",), "because", calls=2, tokens_in=100, tokens_out=10)


def test_a_failure_has_no_score_and_is_counted(logs: Path) -> None:
    SEEN.clear()
    found = watch_logs(logs, Failing())
    failed = found.acts["score"].isna()
    assert failed.sum() == found.sessions["failed"].sum() > 0 and found.acts.loc[failed, "failed"].str.len().min() > 0
    alone = found.sessions[(found.sessions["acts"] == found.sessions["failed"]) & (found.sessions["acts"] > 0)]
    assert len(alone) and alone["score"].isna().all(), "a session of which nothing was said is not harmless"
    assert sum(m.failed for m in measures(found) if m.unit == "act") == failed.sum()
    assert found.sessions["tokens_in"].sum() == 100 * (~failed).sum()
    assert any(v.reasoning for v in SEEN) and all(v.task for v in SEEN)
    known = cost_of(found, (1.0, 10.0))
    assert known.dollars == pytest.approx((known.tokens_in + 10 * known.tokens_out) / 1e6)
    assert cost_of(found).dollars is None


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("hang", "no answer within 0.01 seconds"),
        ("cancel", "it cancelled what it was waiting for"),
        ("exit", "SystemExit: 3"),
        ("nothing", "judge gave NoneType, not a Suspicion"),
        ("much", "a suspicion of 2 is no number from 0 to 1"),
    ],
)
def test_whatever_a_monitor_does_ends_and_is_counted(
    does: str, said: str, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Odd:
        name, sees = "odd", "act"

        async def judge(self, view: View) -> Any:
            match does:
                case "hang":
                    await asyncio.sleep(600)
                case "cancel":
                    raise asyncio.CancelledError
                case "exit":
                    raise SystemExit(3)
                case "much":
                    return Suspicion(2)

    monkeypatch.setattr("turncoat.analysis.monitors.watching.TIMEOUT", 0.01)
    found = watch_logs(logs, cast("Monitor", Odd()))
    assert len(found.acts) and found.acts["failed"].str.contains(said, regex=False).all()
    assert all(m.auroc.estimate is None for m in measures(found) if m.unit == "act")


def test_a_judge_that_never_judged_is_refused(logs: Path) -> None:
    with pytest.raises(UsageError, match="'rules@0' is not one of"):
        verdicts_of(read_table(logs), "rules@0")


def test_the_command_prints_writes_and_fails(
    logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def main(arguments: list[str]) -> int:
        monkeypatch.setattr("sys.argv", ["turncoat", *arguments])
        return guarded(app)

    out = tmp_path / "m.parquet"
    assert main(["monitor", str(logs), "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "would have flagged" in text and "AUROC" in text and "cannot tell" in text and "prevented" in text
    assert len(pd.read_parquet(out)) == 17 and set(pd.read_parquet(tmp_path / "m.acts.parquet")["kind"]) >= {"harmful"}
    assert main(["monitor", str(logs), "--json", "--fail-if", "monitor[rules].auroc < 1"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert shown["says"] == "would have flagged" and shown["measures"][0]["auroc"]["estimate"] < 1
    assert main(["monitor", str(logs), "--monitor", "model"]) == 2
    assert "asks a model; name it" in capsys.readouterr().err


REFUSED = {
    ("--calibration", "0"): "--calibration 0.0: lies strictly between 0 and 1",
    ("--calibration", "1"): "--calibration 1.0: lies strictly between 0 and 1",
    ("--out", "flagged.txt"): "flagged.txt: ",
    ("--fail-if", "monitor[rules].auroc < 1"): "this is the monitor 'mockllm/model' or ",
    ("--fail-if", "guard[observe_rules].harmful > 0"): "is not understood; write for example",
    ("--labels", "none.jsonl"): "none.jsonl: No such file",
    ("--view", "mail"): "view: 'mail' is not one of: act, acts, reasoning",
    ("--monitor", "rulez"): "module:function, sentinel:module:function; did you mean 'rules'?",
}


@pytest.mark.parametrize("option", REFUSED)
def test_what_cannot_be_is_refused_before_the_monitor_is_asked(
    option: tuple[str, str],
    logs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A monitor that asks a model has been paid for by then."""

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr("turncoat.api.monitors.watch_logs", asked)
    monkeypatch.chdir(tmp_path)
    words = ["monitor", str(logs), "--monitor", "model", "--model", "mockllm/model", *option]
    assert guarded(lambda standalone_mode: app(words, standalone_mode=standalone_mode)) in (2, 3)
    told = capsys.readouterr().err
    assert REFUSED[option] in told and told.count("\n") == 1


def with_roles(table: Table, **roles: str) -> Table:
    """The table as if its runs had had these model roles."""
    return replace(table, logs=tuple(replace(i, roles={r: (m,) for r, m in roles.items()}) for i in table.logs))


def test_the_api_refuses_the_judges_own_model(logs: Path) -> None:
    found = tc.monitor(logs, "rules")
    assert len(found.sessions) == 17 and found.met("monitor[rules].auroc > 0.0")
    with pytest.raises(UsageError, match="this is the monitor 'rules'"):
        found.met("monitor[other].auroc > 0.0")
    results = tc.read(logs)
    for judge in ("mockllm/model@2", "mockllm/model@2+blind", "panel(rules@1, mockllm/model@2)"):
        results.__dict__["table"] = replace(read_table(logs), frame=read_table(logs).frame.assign(judge=judge))
        with pytest.raises(UsageError, match="mockllm/model judges these runs and is the monitor as well"):
            tc.monitor(results, "cascade", model="mockllm/model")


@pytest.mark.parametrize(
    ("judge", "said"),
    [("openai/gpt-4.1@2", "openai/gpt-4.1, which is openrouter/openai/gpt-4.1-2025-04-14, judges"), ("rules@1", "")],
)
def test_scores_that_the_judges_own_model_gave_in_the_run_are_refused_wherever_they_are_measured(
    judge: str, said: str, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the roles that Inspect's header names, in the report and in gates; of a guard by rules no model gave any."""
    asked = with_roles(read_table(logs), monitor="openrouter/openai/gpt-4.1-2025-04-14", trusted="openai/o3")
    table = replace(asked, frame=asked.frame.assign(judge=judge))
    assert models_of_guards(table) == {
        "openrouter/openai/gpt-4.1-2025-04-14": "the model role 'monitor'",
        "openai/o3": "the model role 'trusted'",
    }
    see_apart("recorded:observe_rules@1", table)
    rule = parse_gate("monitor[observe_model].auroc lower < 0.8")
    for asking in (
        lambda: watched_by(["recorded:observe_model@2+acts"], table),
        lambda: met_gate(rule, compare(table, table), table),
    ):
        # Without the refusal there is another one: no act has a score of such a guard.
        with pytest.raises(UsageError, match=re.escape(said or "no act has a score")):
            asking()
    with pytest.raises(UsageError, match="no act has a score"):
        watched_by(["recorded:observe_model"], table, same_model=True)
    shared = analyse(table).validity.shared
    assert bool(shared) is bool(said)


def test_models_that_guards_name_themselves_are_theirs(logs: Path) -> None:
    table = read_table(logs)
    named = ("monitor(by=model&model=openai/gpt-4.1&protocol=block)", "ours:x(model=a%26b/c)")
    frame = table.frame.assign(guards=table.frame["guards"].map(lambda guards: named if guards else ()))
    assert set(models_of_guards(replace(table, frame=frame))) == {"openai/gpt-4.1", "a&b/c"}


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".json"])
def test_of_a_file_those_sessions_count_that_are_of_the_logs(ending: str, logs: Path, tmp_path: Path) -> None:
    tc.monitor(logs, "rules").write(file := tmp_path / f"flagged{ending}")
    table = read_table(logs)
    one = str(table.frame["condition"].iloc[0])
    some = replace(table, frame=table.frame[table.frame["condition"] == one])
    (all_of_them,), (found,) = watched_by([str(file)], table), watched_by([str(file)], some)
    assert len(all_of_them.sessions) == 17 > len(found.sessions) == len(some.frame) > 0
    assert set(found.sessions["condition"]) == {one} == set(found.acts["condition"])
    others = replace(table, frame=table.frame.assign(task_id="another"))
    with pytest.raises(UsageError, match=r"none of its 17 sessions is of these logs; write one of them by: turncoat"):
        watched_by([str(file)], others)


def test_a_report_shows_curves_and_what_each_act_was_said_of(logs: Path, watched: Watched, tmp_path: Path) -> None:
    tc.monitor(logs, "rules").write(file := tmp_path / "flagged.csv")
    out = tmp_path / "report.html"
    write_report([logs], out, monitors=[str(file), "recorded:observe_rules"])
    page = out.read_text("utf-8")
    assert 'id="roc-flagged"' in page and 'id="roc-recorded-observe_rules"' in page
    assert 'class="fold watch"' in page
    guarded_acts = watched.acts[watched.acts["condition"].str.contains("monitor")]
    assert (">flagged, let pass<" in page) == bool((guarded_acts["score"] >= 0.5).any())
    high = watched.acts["score"] >= 0.5
    assert page.count(">would have been flagged<") == high.sum()
    assert page.count(">would not have been flagged<") == (~high).sum() > 0
    rows = read_table(logs).frame
    read = [t for _, t in read_transcripts(rows, watchings([watched])) if isinstance(t, Transcript)]
    found = {(t.log, t.sample, t.epoch): t for t in read}
    for key, acts in watched.acts.groupby(["log", "sample", "epoch"]):
        attempts = found[Path(str(key[0])).name, str(key[1]), int(str(key[2]))].attempts
        assert [a.record for a in attempts] == acts["record"].tolist()
        assert [s.score for a in attempts for s in a.said if s.afterwards] == acts["score"].tolist()
        inside = [s.score for a in attempts for s in a.said if not s.afterwards]
        assert inside == (acts["score"].tolist() if "monitor=" in str(key[1]) else [])
    bare = read_transcripts(rows[~rows["condition"].str.contains("monitor")])
    assert not any(t.attempts for _, t in bare if isinstance(t, Transcript))


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("model", UsageError, "asks a model"),
        ("ruls", UsageError, "rules"),
        ("there.parquet", DataError, "No such file"),
        ("other.csv", DataError, "no column 'scenario'"),
        ("wrong.json", DataError, "no column"),
    ],
)
def test_what_is_no_monitor_of_a_report_is_one_line(
    name: str, error: type[Exception], said: str, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.csv").write_text("a,b\n1,2\n", "utf-8")
    Path("wrong.json").write_text("[]", "utf-8")
    with pytest.raises(error, match=said) as caught:
        write_report([logs], tmp_path / "r.html", monitors=[name])
    assert "\n" not in str(caught.value)
