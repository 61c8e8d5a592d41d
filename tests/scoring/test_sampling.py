"""Which responses are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.base.errors import UsageError
from turncoat.scoring.options import ReadPolicy, read_policy


@given(st.text(max_size=20), st.integers(1, 50), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_reads_more_and_the_draw_never_changes(sample: str, epoch: int, one: float, two: float) -> None:
    small, large = sorted((one, two))
    assert ReadPolicy(small).reads(sample, epoch) <= ReadPolicy(large).reads(sample, epoch)
    assert ReadPolicy(one).reads(sample, epoch) == ReadPolicy(one).reads(sample, epoch)


def test_shares_are_kept_and_draws_are_pinned() -> None:
    policy = read_policy("sample:0.2")
    drawn = [policy.reads(f"blackmail/control/affair.1@{i}", 1) for i in range(10_000)]
    assert abs(sum(drawn) - 2000) < 4 * 40  # four standard deviations
    assert [i for i, d in enumerate(drawn[:40]) if d] == PINNED
    epochs = [policy.reads("blackmail/control/affair.1@1", e) for e in range(1, 2001)]
    assert abs(sum(epochs) - 400) < 4 * 18
    assert all(read_policy("all").reads(i, 1) and not read_policy("none").reads(i, 1) for i in range(50))


@pytest.mark.parametrize(
    "text", ["", "some", "sample", "sample:", "sample:0", "sample:1.1", "sample:-1", "sample:x", "0.2"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"all, none, sample:P"):
        read_policy(text)


PINNED = [1, 12, 13, 24, 25, 31, 34, 35, 36]
