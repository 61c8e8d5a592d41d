"""Where labels are few, it is said how many more are needed."""

import pytest

from turncoat.analysis.labelled import ENOUGH, Answers, Corrected
from turncoat.report.accuracy import corrected_data, corrected_text
from turncoat.stats.correction import PredictionPowered, prediction_powered
from turncoat.stats.rates import rate


def corrected(labelled: int, total: int, powered: PredictionPowered | None) -> Corrected:
    strata = (Answers("judged harmless", labelled, labelled, 1.0),)
    return Corrected(
        scenario="blackmail",
        interface="text",
        condition="all",
        model="acme/x",
        judge="rules@1",
        simulated=False,
        raw=rate(total // 3, total),
        strata=strata,
        raters=(),
        prediction_powered=powered,
        rogan_gladen=None,
    )


def powered(labelled: int, total: int) -> PredictionPowered:
    labels = [i % 3 == 0 if i < labelled else None for i in range(total)]
    return prediction_powered([i % 4 == 0 for i in range(total)], labels, [labelled / total] * total)


@pytest.mark.parametrize(("labelled", "total"), [(5, 500), (12, 500), (60, 500)])
def test_the_number_of_further_labels_makes_the_interval_narrow(labelled: int, total: int) -> None:
    found = corrected(labelled, total, powered(labelled, total))
    more = found.more_labels
    assert more is not None and ENOUGH <= more <= total - labelled
    then = powered(labelled + more, total)
    assert (then.high - then.low) / 2 < 0.13
    said = corrected_text([found])
    assert f"{labelled} labels leave" in said and f"about {more} more labels" in said
    assert corrected_data(found)["more_labels"] == more


def test_nothing_is_asked_for_where_the_interval_is_narrow_or_all_have_labels() -> None:
    narrow = corrected(450, 500, powered(450, 500))
    assert narrow.more_labels == 0 and "more label" not in corrected_text([narrow])
    assert corrected(9, 9, None).more_labels is None


def test_without_an_interval_the_number_is_that_of_a_rate_of_a_half() -> None:
    found = corrected(5, 500, None)
    assert found.more_labels is not None and 80 <= found.more_labels <= 100
    assert "5 labels give no interval" in corrected_text([found])
