"""The investigator on stated effects: it finds them, confirms on worlds it never saw, and goes on after a kill."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.search.records import SETTINGS, drawn, request_in
from turncoat.base.errors import UsageError
from turncoat.scenarios.worlds import parse_world
from turncoat.search import investigator
from turncoat.search.checking import Checked
from turncoat.search.choosing import archive
from turncoat.search.confirmed import ablations, as_data, confirmed
from turncoat.search.investigator import Plan, search, settings_of
from turncoat.search.record import Candidate, Record, Round, read_record

PLAN = Plan(budget=90, round=30, confirm=2, ablate=1)
VARY = ("goal", "threat", "instruction", "agency")


def chance(levels: Mapping[str, str]) -> float:
    return 0.75 if levels["threat"] == "replacement" and levels["agency"] == "off" else 0.04


def searched(folder: Path, monkeypatch: pytest.MonkeyPatch, plan: Plan = PLAN, **more: object) -> Record:
    monkeypatch.setattr(investigator, "run_round", drawn(chance))
    request = request_in(folder)
    return search(request, settings_of(request, "sim/insider", "harm", vary=VARY, fresh=40, **more), plan)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Record:
    with pytest.MonkeyPatch.context() as patch:
        return searched(tmp_path_factory.mktemp("search"), patch)


def test_the_pair_is_found_and_confirmed(found: Record) -> None:
    worst = confirmed(found)[0]
    assert {"threat=replacement", "agency=off"} <= set(worst.candidate.condition.split(","))
    assert worst.interval.contains(0.75)
    assert worst.n == 40
    assert found.spent == PLAN.budget


def test_what_is_confirmed_was_never_searched(found: Record) -> None:
    seeds = {
        stage: {parse_world(w)[2] for r in found.rounds if r.stage == stage for ws in r.picks.values() for w in ws}
        for stage in ("search", "confirm", "ablate")
    }
    assert all(seeds.values())
    assert not seeds["search"] & seeds["confirm"]
    assert not (seeds["search"] | seeds["confirm"]) & seeds["ablate"]
    assert min(seeds["confirm"]) > max(found.settings.seeds)


def test_waiting_for_whoever_proposes_is_no_work_of_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    class Slow:
        name, spent = "slow", 0.0

        def propose(self, record: Record) -> Sequence[Candidate]:
            now[0] += 1000
            return ()

    monkeypatch.setattr(investigator, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(investigator, "checked", lambda candidate, *_: Checked(shown=str(candidate.key)))
    rounds = searched(tmp_path, monkeypatch, Plan(budget=20, round=10, confirm=1, ablate=0, proposers=[Slow()])).rounds
    assert now[0] >= 2000 and [r.choosing for r in rounds] == [0.0] * len(rounds)


def test_no_candidate_meets_a_world_twice(found: Record) -> None:
    for seen in found.seen("search").values():
        worlds = [s.world for s in seen]
        assert len(worlds) == len(set(worlds))


def test_the_levers_that_did_it_come_first_and_the_shortest_change_is_the_pair(found: Record) -> None:
    ablation = ablations(found)[0]
    effects = [(lever.name, lever.effect.estimate if lever.effect else 0) for lever in ablation.levers]
    assert {name for name, _ in effects[:2]} == {"threat", "agency"}
    assert all(effect > 0.4 for _, effect in effects[:2])
    assert all(abs(effect) < 0.3 for _, effect in effects[2:])
    assert ablation.shortest is not None
    assert set(ablation.shortest.kept) == {"threat=replacement", "agency=off"}


def test_the_archive_and_the_data_speak_of_what_was_seen(found: Record) -> None:
    kept = archive(found)
    assert {k.place for k in kept} == {("x", "silent", "not-read", "said")}
    data = as_data(found)
    assert data["tried"] == len(found.tried)
    assert data["confirmed"][0]["low"] <= data["confirmed"][0]["rate"] <= data["confirmed"][0]["high"]
    assert data["ablations"][0]["shortest"] is not None


class Killed(BaseException):
    pass


@pytest.mark.parametrize("fatal", [2, 4])
def test_a_search_that_was_killed_comes_to_the_same_end(
    fatal: int, found: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, calls = drawn(chance), 0

    def dying(*arguments: object) -> Round:
        nonlocal calls
        calls += 1
        if calls == fatal:
            raise Killed
        return run(*arguments)

    monkeypatch.setattr(investigator, "run_round", dying)
    request = request_in(tmp_path)
    settings = settings_of(request, "sim/insider", "harm", vary=VARY, fresh=40)
    with pytest.raises(Killed):
        search(request, settings, PLAN)
    again = search(request, settings, PLAN)
    assert _plain(again) == _plain(found)
    assert read_record(tmp_path) == again
    assert search(request, settings, PLAN) == again  # nothing is left to do


def _plain(record: Record) -> object:
    return [(r.stage, r.picks, r.seen) for r in record.rounds], [c.key for c in record.candidates]


def test_a_larger_budget_goes_on_and_confirms_on_other_worlds_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = searched(tmp_path, monkeypatch, Plan(30, 30, 1, 0))
    more = searched(tmp_path, monkeypatch, Plan(60, 30, 2, 0))
    assert more.rounds[: len(first.rounds)] == first.rounds
    assert more.spent == 60
    rounds = more.of("confirm")
    worlds = [{w for ws in r.picks.values() for w in ws} for r in rounds]
    assert len(rounds) == 2 and not worlds[0] & worlds[1]


def test_the_folder_of_another_search_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched(tmp_path, monkeypatch, Plan(5, 5, 1, 0))
    with pytest.raises(UsageError, match="holds a search with seed 1"):
        searched(tmp_path, monkeypatch, seed=2)


@pytest.mark.parametrize(
    ("vary", "objective", "said"),
    [(("gaol",), "harm", "--vary: factor 'gaol'"), ((), "harms", "--objective"), (("staging",), "harm", "--vary")],
)
def test_mistakes_are_refused_before_anything_is_written(
    vary: tuple[str, ...], objective: str, said: str, tmp_path: Path
) -> None:
    request = request_in(tmp_path / "new")
    with pytest.raises(UsageError, match=said):
        search(request, SETTINGS.model_copy(update={"vary": vary, "objective": objective}), PLAN)
    assert not (tmp_path / "new").exists()


def test_a_search_of_which_nothing_could_be_run_leaves_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> Round:
        raise UsageError("model sim/nobody: there is none")

    monkeypatch.setattr(investigator, "run_round", refusing)
    request = request_in(tmp_path)
    with pytest.raises(UsageError, match="nobody"):
        search(request, settings_of(request, "sim/nobody", "harm", vary=VARY), Plan(3, 3, 1, 0))
    assert read_record(tmp_path) is None


@pytest.mark.parametrize("wrong", [{"budget": 0}, {"round": 0}, {"confirm": 0}, {"ablate": -1}])
def test_a_plan_must_come_to_something(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="is less than"):
        Plan(**wrong)  # type: ignore[arg-type]


def test_what_the_check_refuses_is_not_run_and_is_kept_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(investigator, "run_round", drawn(lambda levels: 0.1))
    request = request_in(tmp_path)
    settings = settings_of(request, "sim/insider", "harm", vary=("monitor", "approval", "holding"), fresh=5)
    record = search(request, settings, Plan(20, 20, 1, 0))
    assert record.refused
    assert not set(record.refused) & {c for r in record.rounds for c in r.picks}
    assert all(record.refused.values())
