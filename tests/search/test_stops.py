"""Ctrl-C and the cost limit in the middle of a search, through the ordinary runner: the same command goes on."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

from tests.search.records import request_in
from turncoat.base.errors import UsageError
from turncoat.runs.progress import Progress
from turncoat.runs.request import Request
from turncoat.search.investigator import Plan, search, settings_of
from turncoat.search.record import Record, read_record
from turncoat.search.running import Halted

PLAN = Plan(budget=6, round=3, confirm=1, ablate=0)
PRICES = "as_of: 2026-11-01\nsource: made up\nmodels:\n  sim/hinged: {input: 100, output: 100}\n"


def _searched(request: Request, listener: Callable[[Progress], None] | None = None) -> Record:
    settings = settings_of(request, "sim/hinged", "harm", vary=("threat",), fresh=2)
    return search(request, settings, PLAN, listener=listener)


def _request(folder: Path) -> Request:
    prices = folder.with_name("prices.yaml")
    prices.write_text(PRICES)
    return replace(request_in(folder, "deliberation=real"), models=("sim/hinged",), prices=prices, max_connections=1)


def _paid(folder: Path) -> dict[tuple[str, str, int], str]:
    """Every sample that the logs hold by round, id and epoch, and the run of it."""
    found: dict[tuple[str, str, int], str] = {}
    for info in list_eval_logs(str(folder), recursive=True):
        for sample in read_eval_log(info).samples or ():
            if sample.scores:
                key = Path(info.name).parent.name, f"{sample.metadata['scenario']} {sample.id}", sample.epoch
                assert key not in found
                found[key] = str(sample.uuid)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return _searched(_request(tmp_path_factory.mktemp("whole") / "search"))


def _plain(record: Record) -> object:
    seen = [(r.stage, sorted(r.picks.items()), sorted((r.seen or {}).items())) for r in record.rounds]
    return seen, [c.key for c in record.candidates]


def _cost(record: Record) -> float:
    return sum(r.cost for r in record.rounds)


@pytest.mark.parametrize("after", [2, *(pytest.param(n, marks=pytest.mark.long) for n in (4, 5, 7))])
def test_ctrl_c_leaves_a_folder_with_which_the_search_goes_on(after: int, whole: Record, tmp_path: Path) -> None:
    request, ended = _request(tmp_path / "search"), 0

    def interrupting(progress: Progress) -> None:
        nonlocal ended
        ended += 1
        if ended == after:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises((Halted, KeyboardInterrupt)) as halted:  # the latter between two rounds
        _searched(request, interrupting)
    assert not isinstance(halted.value, Halted) or halted.value.interrupted
    before = _paid(request.log_dir)
    assert before
    again = _searched(request)
    assert _plain(again) == _plain(whole)
    assert before.items() <= _paid(request.log_dir).items()
    assert _cost(again) == pytest.approx(_cost(whole), rel=0.35)
    assert read_record(request.log_dir) == again


def test_the_cost_limit_leaves_a_folder_with_which_the_search_goes_on(whole: Record, tmp_path: Path) -> None:
    request, paid = _request(tmp_path / "search"), dict[tuple[str, str, int], str]()
    bounded = replace(request, max_cost=_cost(whole) / 3)
    for _ in range(12):
        try:
            again = _searched(bounded)
            break
        except Halted as halted:
            assert not halted.interrupted and "cost" in str(halted)
            now = _paid(request.log_dir)
            assert paid.items() <= now.items()
            paid = now
    else:
        raise AssertionError("it never ends")
    assert paid
    assert _plain(again) == _plain(whole)
    assert paid.items() <= _paid(request.log_dir).items()
    assert _cost(again) == pytest.approx(_cost(whole), rel=0.2)


def test_a_limit_without_a_price_is_refused_and_leaves_no_record(tmp_path: Path) -> None:
    request = replace(_request(tmp_path / "search"), models=("openai-api/local/m",), prices=None, max_cost=1.0)
    with pytest.raises(UsageError):
        _searched(request)
    assert read_record(request.log_dir) is None
