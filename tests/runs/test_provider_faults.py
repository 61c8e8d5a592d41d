"""What the table shows of each fault of a provider: retried, an error, or unscored with a reason; never harmless."""

from pathlib import Path

import pandas as pd
import pytest

from tests.runs.provider import SETTINGS, Agents, by_world, finish, one_kind_each, provider, run
from tests.wire import Dialect, Fault, FaultPlan, Kind, WireRequest, always, at_random
from tests.wire.clients import model_name
from turncoat.analysis import read_table
from turncoat.base.errors import UnknownName
from turncoat.providers.probe import ASKED
from turncoat.runs.design import scenario_study
from turncoat.runs.request import Request
from turncoat.runs.runner import run_study

LASTING: dict[Kind | None, tuple[str, str | None]] = {
    # Fault at every request of a sample → its status and, where it is unscored, the reason.
    None: ("scored", None),
    Kind.RATE_LIMIT: ("error", None),
    Kind.SERVER_ERROR: ("error", None),
    Kind.UNAVAILABLE: ("error", None),
    Kind.OVERLOADED: ("error", None),
    Kind.RESET: ("error", None),
    Kind.STALL: ("error", None),
    Kind.QUOTA: ("error", None),
    Kind.BAD_REQUEST: ("error", None),
    Kind.INVALID_JSON: ("error", None),
    Kind.CONTEXT_LENGTH: ("unscored", "context_length"),
    Kind.CONTENT_BLOCKED: ("unscored", "content_filter"),
    Kind.CONTENT_FILTER: ("unscored", "content_filter"),
    Kind.EMPTY: ("unscored", "empty"),
    Kind.MAX_TOKENS: ("unscored", "truncated"),
}
TRANSIENT = {Kind.RATE_LIMIT: 0.05, Kind.SERVER_ERROR: 0.05, Kind.UNAVAILABLE: 0.04, Kind.RESET: 0.04, Kind.STALL: 0.02}


@pytest.mark.parametrize("dialect", Dialect)
def test_a_lasting_fault_is_never_a_verdict(dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = list(LASTING)
    agents = Agents(len(kinds))
    with provider(monkeypatch, agents.answer, one_kind_each(agents, kinds)):
        table = run(tmp_path, dialect, len(kinds))
    status, reason, harmful = (by_world(table, c) for c in ("status", "reason", "harmful"))
    found = {k: (status[w], None if pd.isna(reason[w]) else reason[w]) for w, k in enumerate(kinds, 1)}
    assert {k: v if v[0] != "error" else ("error", None) for k, v in found.items()} == LASTING
    assert [w for w, h in harmful.items() if h is not pd.NA] == [1], "only the sample without a fault has a verdict"


@pytest.mark.parametrize("dialect", Dialect)
def test_passing_faults_change_no_number(dialect: Dialect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agents = Agents(15)
    with provider(monkeypatch, agents.answer):
        calm = run(tmp_path / "calm", dialect, 15)
    monkeypatch.setattr("inspect_ai.model._model._models", {})
    with provider(monkeypatch, agents.answer, _short(at_random(5, TRANSIENT))) as server:
        stormy = run(tmp_path / "stormy", dialect, 15)
    hit = [r for r in server.completions if r.fault is not None]
    assert 0.1 < len(hit) / len(server.completions) < 0.35
    for column in ("status", "harmful", "rung", "findings"):
        assert by_world(stormy, column) == by_world(calm, column)
    assert set(by_world(stormy, "status").values()) == {"scored"}


def _short(plan: FaultPlan) -> FaultPlan:
    """The same plan with stalls that last no longer than needed."""

    def short(request: WireRequest) -> Fault | None:
        fault = plan(request)
        return None if fault is None else Fault(fault.kind, retry_after=fault.retry_after, seconds=0.02)

    return short


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    ("kind", "words"), [(Kind.INVALID_KEY, "AuthenticationError"), (Kind.UNKNOWN_MODEL, "NotFound")]
)
def test_a_wrong_key_or_model_stops_before_anything_is_spent(
    dialect: Dialect, kind: Kind, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider(monkeypatch, Agents(3).answer, always(kind)) as server:
        with pytest.raises(UnknownName, match=words):
            run(tmp_path, dialect, 3)
        assert len(server.completions) == 1 and not list(tmp_path.glob("*.eval"))


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    study = scenario_study("blackmail", ("control",), "1-2", 1)
    for model, variable in (("openai/gpt-4o", "OPENAI_API_KEY"), ("anthropic/claude-sonnet-4-6", "ANTHROPIC_API_KEY")):
        with pytest.raises(UnknownName, match=variable):
            run_study(Request(study, "blackmail", (model,), tmp_path))
    assert not list(tmp_path.glob("*.eval"))


def test_the_same_command_mends_what_a_provider_broke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agents = Agents(6)
    broken = one_kind_each(agents, [None, Kind.SERVER_ERROR] * 3)
    with provider(monkeypatch, agents.answer, broken):
        first = run(tmp_path, Dialect.CHAT, 6)
    assert sorted(by_world(first, "status").values()) == ["error"] * 3 + ["scored"] * 3
    monkeypatch.setattr("inspect_ai.model._model._models", {})
    with provider(monkeypatch, agents.answer) as server:
        mended = run(tmp_path, Dialect.CHAT, 6)
        asked = {agents.name_of(r.request) for r in server.completions if r.request is not None} - {0}
    assert asked == {2, 4, 6}, "what was done is not asked again"
    assert set(by_world(mended, "status").values()) == {"scored"} and len(mended.frame) == 6


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("kind", [None, Kind.EMPTY, Kind.CUT_CALL, Kind.BROKEN_CALL, Kind.CONTEXT_LENGTH, Kind.RESET])
def test_with_tools_a_broken_session_is_no_good_conduct(
    dialect: Dialect, kind: Kind | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plan(request: WireRequest) -> Fault | None:
        return Fault(kind, seconds=0.02) if kind is not None and request.tools and request.prompt != ASKED else None

    study = scenario_study("blackmail", ("control",), "1", 1)
    with provider(monkeypatch, finish, plan):
        run_study(
            Request(
                study,
                "blackmail",
                (model_name(dialect),),
                tmp_path,
                interfaces=("tools",),
                settings=SETTINGS,
                extra={"message_limit": 40},
            )
        )
    frame = read_table([tmp_path]).frame
    (status,) = frame["status"]
    assert (status == "scored") is (kind is None)
