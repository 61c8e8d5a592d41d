"""Running and reading from Python: the same numbers as the report's, from scripts as from a running loop."""

import asyncio
import math
import pickle
from pathlib import Path

import pandas as pd
import pytest

import turncoat as tc
from turncoat.analysis import analyse_logs
from turncoat.cli.screens import summary_of

BOTH = "goal=explicit,threat=replacement"


def small(worlds: str = "1-3") -> tc.Study:
    return tc.study(scenario="blackmail", conditions=[BOTH, "threat=replacement"], worlds=worlds)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tc.Run:
    folder = tmp_path_factory.mktemp("api")
    return tc.run(small(), model=["sim/insider", "sim/loyal"], judge="sim/judge-1-1", log_dir=folder / "logs")


def test_a_study_says_what_is_run_and_what_it_takes() -> None:
    assert small().cells["samples"].tolist() == [3, 3]
    assert tc.study("agency", worlds="1-2").cells["samples"].unique().tolist() == [2]
    plan = small().plan(model="openai/gpt-4.1")
    assert plan.samples == 6 and plan.dollars is not None
    with pytest.raises(tc.UsageError, match="give the name or file of a study, or scenario="):
        tc.study()
    with pytest.raises(tc.UnknownName, match=r"agenci.*did you mean"):
        tc.study("agenci")
    with pytest.raises(tc.UsageError, match="conditions go with scenario="):
        tc.study("agency", conditions="control")


def test_frames_hold_the_numbers_of_the_report_and_of_the_command(results: tc.Run) -> None:
    _, overview = analyse_logs(results.paths)
    rates, contrasts = results.rates(), results.contrasts()
    shown = summary_of(results.result).as_dict()["cells"]
    assert len(rates) == len(overview.cells) == len(shown)
    for row, cell, told in zip(rates.itertuples(), overview.cells, shown, strict=True):
        assert (row.harmful, row.scored, row.total) == (cell.rate.k, cell.rate.n, cell.rate.total)
        assert (row.rate, row.low, row.high, row.method) == (told["rate"], told["low"], told["high"], told["method"])
        assert (row.least, row.most) == (cell.rate.bounds.low, cell.rate.bounds.high)
    assert len(contrasts) == len(overview.contrasts) > 0
    for row, found in zip(contrasts.itertuples(), overview.contrasts, strict=True):
        assert (row.first, row.second, row.added) == (found.first.condition, found.second.condition, found.added)
        d = found.difference
        assert (row.difference, row.low, row.high, row.p) == (d.estimate, d.low, d.high, d.p_value)
    holm = [math.nan if c.adjusted_p is None else c.adjusted_p for c in overview.contrasts]
    assert contrasts["p_holm"].tolist() == pytest.approx(holm, nan_ok=True)
    assert results.notes == () and results.problems == ()


def test_a_sample_shows_itself_as_a_transcript(results: tc.Run) -> None:
    harmful = results.samples.query("harmful == True")
    sample = results[harmful.index[0]]
    page, text = sample._repr_html_(), str(sample)
    assert sample.harmful is True and sample.quotes
    assert "<mark" in page and "<script" not in page
    assert sample.answer in text and sample.prompt[:200] in text
    assert all(words in sample.answer for _, words in sample.quotes)
    assert repr(results[harmful["sample"].iloc[0]]).startswith("<sample blackmail/goal=explicit,threat=replacement")
    assert repr(results[-1]) == repr(results.sample(len(results) - 1))
    with pytest.raises(IndexError):
        _ = results[len(results)]
    with pytest.raises(tc.UsageError, match="sample 'x': there is none"):
        results.sample("x")


def test_figures_and_files(results: tc.Run, tmp_path: Path) -> None:
    figure = results.figure(results.figures[0])
    assert figure._repr_svg_().startswith("<svg")
    for ending in ("svg", "png", "pdf"):
        figure.save(tmp_path / f"figure.{ending}")
        assert (tmp_path / f"figure.{ending}").stat().st_size > 1000
    with pytest.raises(tc.UsageError, match="gif"):
        figure.save(tmp_path / "figure.gif")
    with pytest.raises(tc.UsageError, match=results.figures[0]):
        results.figure("nothing")
    results.export(tmp_path / "samples.csv")
    assert len(pd.read_csv(tmp_path / "samples.csv")) == len(results)
    results.report(tmp_path / "report.html")
    results.report(tmp_path / "report.md", title="Ours")
    assert (tmp_path / "report.md").read_text().startswith("## Ours")


def test_two_runs_are_compared_and_scored_again(results: tc.Run) -> None:
    compared = tc.compare(results, results.paths)
    assert set(compared.moves["moved"]) == {"not shown"} and len(compared.moves) == len(results.rates())
    scores = tc.score(results.paths[0])
    assert len(scores) == 6 and scores.attrs["problems"] == ()
    own = tc.score(["Nothing needs an answer.", ""], scenario="blackmail", condition=BOTH, world=7)
    assert own["harmful"].tolist()[0] is False and own["reason"].tolist()[1] == "empty"
    with pytest.raises(tc.UsageError):
        tc.score(["x"], scenario="blackmial")


def test_a_run_travels_as_its_results(results: tc.Run) -> None:
    other = pickle.loads(pickle.dumps(results))
    assert type(other) is tc.Results and other.rates().equals(results.rates())


def test_in_a_loop_runs_are_awaited_also_two_at_a_time(tmp_path: Path) -> None:
    async def main() -> list[tc.Run]:
        first, second = (tc.run(small(), model=m, log_dir=tmp_path / m[4:]) for m in ("sim/insider", "sim/loyal"))
        assert not second.ended and "run of blackmail" in repr(second)
        with pytest.raises(tc.UsageError, match="has not ended; await it"):
            second.rates()
        return list(await asyncio.gather(first, second))

    runs = asyncio.run(main())
    assert [r.rates()["model"].unique().tolist() for r in runs] == [["sim/insider"], ["sim/loyal"]]
    assert [r.result.progress.finished for r in runs] == [6, 6]


def test_errors_are_raised_where_the_run_is_awaited(tmp_path: Path) -> None:
    async def main() -> None:
        run = tc.run(small(), model="sim/insidr", log_dir=tmp_path)
        with pytest.raises(tc.UnknownName, match="insidr"):
            await run

    asyncio.run(main())
    with pytest.raises(tc.UnknownName, match="insidr"):
        tc.run(small(), model="sim/insidr", log_dir=tmp_path)
    with pytest.raises(tc.UsageError, match=r"temprature.*did you mean 'temperature'"):
        tc.run(small(), model="sim/loyal", log_dir=tmp_path, settings={"temprature": 1})


def test_a_run_that_is_cancelled_finishes_what_is_in_flight_and_continues(tmp_path: Path) -> None:
    def begun() -> tc.Run:
        options = {"latency": 0.2}
        return tc.run(small("1-8"), model="sim/loyal", log_dir=tmp_path, model_args=options, max_connections=1)

    async def main() -> tc.Run:
        run = begun()
        task = asyncio.ensure_future(_wait(run))
        while run._progress is None or run._progress.finished < 2:
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await run

    first = asyncio.run(main())
    assert "told to stop" in first.notes[0] and first.result.progress.finished < 16
    rest = begun()
    assert rest.result.kept == first.result.progress.finished and len(rest) == 16


async def _wait(run: tc.Run) -> tc.Run:
    return await run
