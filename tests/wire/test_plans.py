"""Plans of faults, without any server."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .exchange import Dialect, Message, WireRequest
from .faults import Fault, Kind, always, at_random, script


def request(prompt: str = "x", occurrence: int = 0) -> WireRequest:
    """A request with this prompt that came `occurrence` times before."""
    return WireRequest(
        dialect=Dialect.CHAT,
        model="m",
        system="",
        messages=(Message("user", prompt),),
        tools=(),
        max_tokens=None,
        stream=False,
        sdk_retry=0,
        occurrence=occurrence,
        headers={},
        body={},
        digest=hashlib.sha256(prompt.encode()).hexdigest(),
    )


def test_a_script_runs_once() -> None:
    plan = script(Kind.RESET, None, Fault(Kind.STALL, seconds=1))
    assert [plan(request()) for _ in range(4)] == [
        Fault(Kind.RESET),
        None,
        Fault(Kind.STALL, seconds=1),
        None,
    ]


def test_always() -> None:
    plan = always(Kind.QUOTA)
    assert [plan(request()) for _ in range(2)] == [Fault(Kind.QUOTA)] * 2


@given(seed=st.integers(0, 1000), prompt=st.text(max_size=5), in_a_row=st.integers(1, 4))
def test_random_faults_end(seed: int, prompt: str, in_a_row: int) -> None:
    plan = at_random(seed, {Kind.RESET: 1.0}, in_a_row=in_a_row)
    found = [plan(request(prompt, occurrence)) is not None for occurrence in range(in_a_row + 1)]
    assert found == [True] * in_a_row + [False]


@given(seed=st.integers(0, 1000), prompt=st.text(max_size=5), occurrence=st.integers(0, 9))
def test_random_faults_depend_on_the_request_alone(seed: int, prompt: str, occurrence: int) -> None:
    rates = {Kind.RESET: 0.4, Kind.STALL: 0.4}
    assert at_random(seed, rates)(request(prompt, occurrence)) == at_random(seed, rates)(request(prompt, occurrence))


def test_random_faults_have_their_rates() -> None:
    plan = at_random(1, {Kind.RATE_LIMIT: 0.2, Kind.RESET: 0.1})
    found = [fault.kind if (fault := plan(request(str(number)))) else None for number in range(4000)]
    # Four standard errors of a rate of 0.2 in 4,000 draws are 0.025.
    assert found.count(Kind.RATE_LIMIT) / 4000 == pytest.approx(0.2, abs=0.025)
    assert found.count(Kind.RESET) / 4000 == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("rates", [{Kind.RESET: 0.6, Kind.STALL: 0.5}, {Kind.RESET: -0.1}])
def test_rates_must_be_probabilities(rates: dict[Kind, float]) -> None:
    with pytest.raises(ValueError, match="at most 1"):
        at_random(1, rates)
