"""Which responses are read: all, none, or a random sample that every judge and every re-scoring draws alike."""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.base.errors import UsageError
from turncoat.base.keyed import draw


@dataclass(frozen=True)
class ReadPolicy:
    """How large a share of responses is read for more than the outcome."""

    share: float

    def reads(self, sample: object, epoch: int) -> bool:
        """Whether a response is read; depends on the sample's id and the epoch alone, never on a judge or an outcome.

        A larger share reads what a smaller one reads, and more.
        """
        if self.share in (0.0, 1.0):
            return bool(self.share)
        return draw("read", sample, epoch) < self.share


def read_policy(text: str) -> ReadPolicy:
    """The policy that an option names: `all`, `none`, or `sample:0.2`.

    Raises:
        UsageError: Another word, or a share that is not between 0 and 1.
    """
    if text in ("all", "none"):
        return ReadPolicy(float(text == "all"))
    word, _, number = text.partition(":")
    try:
        share = float(number)
    except ValueError:
        share = -1.0
    if word != "sample" or not 0 < share <= 1:
        raise UsageError(f"read {text!r} is not one of: all, none, sample:P with 0 < P <= 1, such as sample:0.2")
    return ReadPolicy(share)
