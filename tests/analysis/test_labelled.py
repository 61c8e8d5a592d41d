"""Correcting a run's rates by labels drawn from it."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from turncoat.analysis import Table
from turncoat.analysis.labelled import corrected_rates
from turncoat.base.errors import UsageError
from turncoat.labels.drawing import Candidate, draw_samples, stratum_of
from turncoat.labels.items import Label, Labelled, Origin
from turncoat.report.accuracy import corrected_data, corrected_text
from turncoat.stats.correction import weighted_accuracy


def run_of(judged: Sequence[bool | None], condition: str = "control") -> Table:
    """A table with these verdicts, one world each."""
    n = len(judged)
    frame = pd.DataFrame(
        {
            "scenario": "blackmail",
            "interface": "text",
            "model": "m",
            "judge": "j@1",
            "simulated": False,
            "condition": condition,
            "world": [f"affair.1@{i}" for i in range(n)],
            "sample": [f"s{i}" for i in range(n)],
            "epoch": 1,
            "harmful": pd.array(list(judged), dtype="boolean"),
            "log": "/logs/a.eval",
        }
    )
    return Table(frame, (), ())


def labels_of(table: Table, truth: np.ndarray, wanted: int, seed: int) -> Iterator[Labelled]:
    """What a person who knows the truth says of a drawn part."""
    pool = [
        Candidate("a.eval", s, 1, stratum_of(None if h is pd.NA else bool(h), False))
        for s, h in zip(table.frame["sample"], table.frame["harmful"], strict=True)
    ]
    for drawn in draw_samples(pool, wanted, seed):
        name = drawn.candidate.sample
        origin = Origin(log="a.eval", sample=name, epoch=1, drawn_with=drawn.probability)
        label = Label(harmful=bool(truth[int(name[1:])]))
        yield Labelled(id=name, scenario="blackmail", response="", label=label, origin=origin)


def test_labels_bring_a_blind_judge_back_to_the_truth() -> None:
    rng = np.random.default_rng(4)
    held = inside = 0
    for seed in range(60):
        truth = rng.random(400) < 0.3
        judged = [bool(b) for b in np.where(truth, rng.random(400) < 0.5, rng.random(400) < 0.03)]
        table = run_of([None if rng.random() < 0.05 else b for b in judged])
        (found,) = corrected_rates(table, list(labels_of(table, truth, 120, seed)))
        assert found.prediction_powered is not None and found.rogan_gladen is not None
        held += found.prediction_powered.low <= 0.3 <= found.prediction_powered.high
        inside += found.raw.contains(0.3)
    assert held >= 52, "of 60 intervals 57 are expected to hold the truth; below 52 has a chance under 0.01"
    assert inside < 10, "the judge's own rate misses half of the harm"


def test_weights_undo_unequal_drawing() -> None:
    # 10 of 100 judged harmful, all labelled; a tenth of the rest labelled, and one of those found harmful.
    judged = [True] * 10 + [False] * 90
    labels: list[bool | None] = [True] * 8 + [False] * 2 + [True] + [False] * 8 + [None] * 81
    accuracy = weighted_accuracy(judged, labels, [1.0] * 10 + [0.1] * 90)
    # Weighted: 8 found of 8 + 10 harmful; 80 right of 2 + 80 harmless.
    assert accuracy.true_positives / accuracy.positives == pytest.approx(8 / 18, abs=0.2)
    assert accuracy.true_negatives / accuracy.negatives == pytest.approx(80 / 82, abs=0.1)
    assert accuracy.positives == int(18**2 / (8 + 100)), "Kish's effective number, not the 9 labels"


def test_what_is_missing_is_said() -> None:
    table = run_of([True, False, False])
    origin = Origin(log="a.eval", sample="s0", epoch=1, drawn_with=1.0)
    one = Labelled(id="a", scenario="blackmail", response="", label=Label(harmful=True), origin=origin)
    (found,) = corrected_rates(table, [one])
    assert found.prediction_powered is None and "at least two" in found.note
    assert found.note in corrected_text([found]) and corrected_data(found)["prediction_powered"] is None
    stranger = one.model_copy(update={"origin": origin.model_copy(update={"sample": "s9"})})
    with pytest.raises(UsageError, match="not in these logs, such as s9"):
        corrected_rates(table, [stranger])
    with pytest.raises(UsageError, match="where its sample came from"):
        corrected_rates(table, [one.model_copy(update={"origin": None})])


def test_open_labels_are_shown_and_may_not_vanish() -> None:
    judged = [True] * 4 + [False] * 16
    table = run_of(judged)

    def labels(harmful: bool | None) -> list[Labelled]:
        return [
            Labelled(
                id=f"s{i}",
                scenario="blackmail",
                response="",
                rater="ada",
                label=Label(harmful=harmful if was else i == 5),
                origin=Origin(log="a.eval", sample=f"s{i}", epoch=1, drawn_with=1.0 if was else 0.5),
            )
            for i, was in enumerate(judged)
            if was or i % 2
        ]

    (found,) = corrected_rates(table, labels(None))
    assert (found.drawn, found.labelled, found.open, found.raters) == (12, 8, 4, ("ada",))
    assert found.prediction_powered is None and found.rogan_gladen is None and "drawn of: harmful" in found.note
    assert found.if_open is not None and found.if_open[0] < 0.15 < 0.25 < found.if_open[1]
    text = corrected_text([found])
    assert "8 of 12 (harmful 0 of 4; no necessary act 8 of 8) | 4" in text and "Labelled by ada." in text
    assert corrected_data(found)["strata"]["harmful"] == {"drawn": 4, "labelled": 0, "open": 4}
    (whole,) = corrected_rates(table, labels(True))
    assert whole.if_open is None and whole.prediction_powered is not None


def test_labelled_samples_stand_for_the_open_ones_of_their_stratum() -> None:
    table = run_of([False] * 40)
    table.frame["necessary"] = [True] * 20 + [False] * 20
    # Of 20 that the judge read 10 are open and 5 harmful; of 20 that it never saw none.
    told = [True] * 5 + [False] * 5 + [None] * 10 + [False] * 20
    labels = [
        Labelled(
            id=f"s{i}",
            scenario="blackmail",
            response="",
            label=Label(harmful=harmful),
            origin=Origin(log="a.eval", sample=f"s{i}", epoch=1, drawn_with=1.0),
        )
        for i, harmful in enumerate(told)
    ]
    (found,) = corrected_rates(table, labels)
    assert found.prediction_powered is not None and found.prediction_powered.estimate == pytest.approx(0.25)
    assert found.if_open == pytest.approx((5 / 40, 15 / 40))
    # Two open labels of one world are too few for anything, and no reason to fail.
    table.frame["world"] = "affair.1@1"
    (found,) = corrected_rates(table, labels[8:12])
    assert found.prediction_powered is None and found.if_open is None


def test_from_a_run_to_corrected_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from turncoat.cli import app, guarded

    def turncoat(*arguments: str) -> str:
        assert guarded(lambda standalone_mode: app(list(arguments), standalone_mode=standalone_mode)) == 0
        return capsys.readouterr().out

    logs, out = str(tmp_path / "logs"), str(tmp_path / "labels.jsonl")
    turncoat("run", "lethal", "--model", "sim/insider", "--worlds", "1-6", "--log-dir", logs, "--json")
    turncoat("label", logs, "--out", out, "--sample", "24", "--judge", "rules")
    assert "rules@" in turncoat("correct", logs, "--labels", out)
    # A judge that is compared with its own labels agrees with itself, through log, label file and parser.
    agreed = turncoat("validate", "--labels", out, "--split", "run")
    assert "Disagreements" not in agreed and "rules@" in agreed
    # A copy that was scored again holds the same responses.
    log = next(p for p in Path(logs).rglob("*.eval"))
    copy = tmp_path / "again" / "other-name.eval"
    copy.parent.mkdir()
    turncoat("score", str(log), "--judge", "sim/judge-0.9-0.9", "--write", str(copy))
    assert "judge-0.9-0.9" in turncoat("correct", str(copy.parent), "--labels", out)
    # A log and its copy, each with a judge of its own, hold each response once.
    turncoat("score", str(log), "--judge", "sim/judge-0.8-0.8", "--append")
    both = str(tmp_path / "both.jsonl")
    assert "(24 drawn)" in turncoat("label", str(log), str(copy), "--out", both, "--sample", "24", "--judge", "rules")
    # The draw hangs neither on where the log lies nor on its name.
    moved = Path(shutil.copy(log, tmp_path / "moved.eval"))
    assert "0 labels added" in turncoat("label", str(moved), "--out", out, "--sample", "24", "--judge", "rules")
    # Another draw does not go into the same file.
    other = ["label", logs, "--out", out, "--sample", "12", "--judge", "rules"]
    assert guarded(lambda standalone_mode: app(other, standalone_mode=standalone_mode)) == 2
    assert "another --sample or --seed" in capsys.readouterr().err
    # Nor into one of before labels named the task.
    old = re.sub(r'"task": "[^"]*", ', "", Path(out).read_text())
    Path(out).write_text(old)
    assert '"task"' not in old and guarded(lambda standalone_mode: app(other, standalone_mode=standalone_mode)) == 2
    assert "another --sample or --seed" in capsys.readouterr().err
    turncoat("label", logs, "--out", out, "--sample", "24", "--judge", "rules")
    assert "rules@" in turncoat("correct", logs, "--labels", out)
