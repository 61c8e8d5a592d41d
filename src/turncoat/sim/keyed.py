"""Keyed draws: numbers that depend on a key alone, so that the same key gives the same choice for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(*key: object) -> float:
    """A number in [0, 1) that depends on the key alone (SHA-256)."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def pick(count: int, *key: object) -> int:
    """An index below `count` that depends on the key alone."""
    return int(draw(*key) * count)


def one_of(options: Sequence[T], *key: object) -> T:
    """One of several options, each with the same probability."""
    return options[pick(len(options), *key)]


def by_chance(chances: Mapping[str, float], *key: object) -> str:
    """A name with its probability; "" with what the probabilities leave over."""
    at = draw(*key)
    for name, probability in chances.items():
        at -= probability
        if at < 0:
            return name
    return ""
