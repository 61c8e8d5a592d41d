"""What a transcript says of its acts: who stopped what, what would have been flagged, and what is left out of many."""

import pytest

from turncoat.analysis.attempts import Attempt, Said
from turncoat.report.watched import MOST_ACTS, watch_entry


def act(number: int, *said: Said) -> Attempt:
    return Attempt(number, "send_mail", ("a@firm.example",), "<b>Offer</b>", said)


def guard(does: str, score: float | None = None) -> Said:
    return Said("read_only", does, score, "no", afterwards=False)


def monitor(score: float | None) -> Said:
    does = "failed" if score is None else "flag" if score >= 0.5 else "pass"
    return Said("rules", does, score, "", afterwards=True)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (guard("block"), "act stopped", "held back"),
        (guard("end"), "act stopped", "held back, session ended"),
        (guard("edit"), "act stopped", "changed"),
        (guard("hold"), "nothing flagged", "left later"),
        (guard("allow"), "nothing flagged", "let pass"),
        (guard("allow", 0.7), "act flagged", "flagged, let pass"),
        (monitor(0.5), "act flagged", "would have been flagged"),
        (monitor(0.49), "nothing flagged", "would not have been flagged"),
        (monitor(None), "nothing flagged", "the monitor failed"),
    ],
)
def test_what_was_said_of_an_act_stands_in_plain_words(said: Said, kind: str, words: str) -> None:
    found = watch_entry([act(1, said)])
    assert found["watched"] == kind and found["acts"][0]["said"][0]["words"] == words


def test_a_session_that_nobody_watched_says_so() -> None:
    assert watch_entry([])["watched"] == "not watched" and not watch_entry([])["acts"]


def test_of_many_acts_those_that_matter_are_shown_in_their_order() -> None:
    many = [act(i, guard("allow")) for i in range(10_000)]
    many[4_000], many[9_000] = act(4_000, guard("block")), act(9_000, monitor(0.9))
    found = watch_entry(many)
    assert len(found["acts"]) == MOST_ACTS and f"{MOST_ACTS} shown" in found["acts_note"]
    assert [a["said"][0]["words"] for a in found["acts"][-2:]] == ["held back", "would have been flagged"]
    assert "1 stopped, 1 would have been flagged" in found["acts_note"]
