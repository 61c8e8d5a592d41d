"""Keyed draws by SHA-256: what depends on a key alone, so that the same key gives the same choice for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(*key: object) -> float:
    """A number in [0, 1) that depends on the key alone."""
    return _number(hashlib.sha256("/".join(map(str, key)).encode("utf-8", "replace"))) / 2**64


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


def indices(key: str) -> Callable[[bytes, int], int]:
    """Draws for many slots under one key, which is hashed once.

    Args:
        key: What all draws depend on, with the sign that ends it.

    Returns:
        From a slot's name and a size to an index below the size.
    """
    digest = hashlib.sha256(key.encode())

    def index(slot: bytes, size: int) -> int:
        drawn = digest.copy()
        drawn.update(slot)
        return _number(drawn) % size

    return index


def _number(digest: hashlib._Hash) -> int:
    return int.from_bytes(digest.digest()[:8], "big")
