"""The gaps between the published text and others: which samples each compares."""

from pathlib import Path

from tests.analysis.factory import make_log, make_sample
from turncoat.analysis import read_table
from turncoat.analysis.rates import rates
from turncoat.paper.memory import memory_gaps

CONDITION = "goal=explicit,threat=replacement"


def logs(folder: Path, plan: dict[str, tuple[str, int, int, int]], scenario: str = "blackmail") -> Path:
    """Logs of storylines: name → scenario, harmful worlds, worlds, epochs."""
    for name, (where, harmful, worlds, epochs) in plan.items():
        samples = [
            make_sample(
                CONDITION, f"{name}.1@{world}", "explicit_blackmail" if world < harmful else "accepts",
                epoch=epoch, scenario=where,
            )
            for world in range(worlds)
            for epoch in range(1, epochs + 1)
        ]  # fmt: skip
        make_log(folder, samples, scenario=where, task_id=f"{where}-{name}".replace("/", "-"), name=f"log-{name}")
    return folder


def test_each_gap_compares_what_it_says(tmp_path: Path) -> None:
    reference = "reference/blackmail"
    logs(
        tmp_path,
        {"published": (reference, 1, 1, 20), "swapped": (reference, 8, 10, 1), "affair": ("blackmail", 5, 10, 1),
         "credential": ("blackmail", 1, 10, 1), "relapse": ("blackmail", 3, 10, 1)},
    )  # fmt: skip
    gaps = {g.against: g for g in memory_gaps(rates(read_table([tmp_path])))}
    assert {n: (g.other.k, g.other.n) for n, g in gaps.items()} == {
        "swapped": (8, 10),
        "same story": (5, 10),
        "new stories": (4, 20),
    }
    assert {n: round(g.estimate, 6) for n, g in gaps.items()} == {"swapped": 0.2, "same story": 0.5, "new stories": 0.8}
    assert all((g.published.k, g.published.n, g.scenario) == (20, 20, "blackmail") for g in gaps.values())
    assert gaps["swapped"].published.estimand == "this prompt"
    assert gaps["new stories"].other.estimand == "worlds given these storylines"
    assert all(g.interval.low < g.estimate < g.interval.high for g in gaps.values())
    assert gaps["same story"].interval.low > 0 > gaps["swapped"].interval.low


def test_lethal_has_no_storyline_of_the_same_story(tmp_path: Path) -> None:
    logs(tmp_path, {"published": ("reference/lethal", 1, 1, 5), "climate": ("lethal", 2, 5, 1)})
    gaps = memory_gaps(rates(read_table([tmp_path])))
    assert [g.against for g in gaps] == ["new stories"]


def test_what_was_not_run_has_no_gap(tmp_path: Path) -> None:
    logs(tmp_path, {"swapped": ("reference/blackmail", 2, 5, 1), "affair": ("blackmail", 2, 5, 1)})
    assert memory_gaps(rates(read_table([tmp_path]))) == ()
