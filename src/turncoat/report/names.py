"""Models' names as readers see them: as people write them, short, and marked where the model is simulated.

In data and at the command line the key stays (`anthropic/claude-opus-4-20250514`); a report says under «Where the
numbers come from» which key each name stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_lowercase

from turncoat.analysis.published import publication
from turncoat.base.simulated import shown

_PLAIN = re.compile(r"[a-z][a-z0-9.:-]*")
"""A name as an API has it; what is written otherwise is left as it is."""
_DATE = re.compile(r"-(?:20\d{6}|20\d\d-\d\d-\d\d|latest)$")
_SIZE = re.compile(r"[a-z]?\d+(?:\.\d+)?[bme]")
"""Numbers of parameters: `235b`, `a22b`, `128e`."""

_SPACED = {
    "claude": "Claude",
    "gemini": "Gemini",
    "gemma": "Gemma",
    "grok": "Grok",
    "kimi": "Kimi",
    "llama": "Llama",
    "ministral": "Ministral",
    "mistral": "Mistral",
    "mixtral": "Mixtral",
    "nova": "Nova",
    "phi": "Phi",
}
"""First word of models' names whose makers write them with spaces."""
_HYPHENED = {"deepseek": "DeepSeek", "qwen": "Qwen", "glm": "GLM"}
"""The same of those with hyphens; a number may stand at the word (`qwen3`)."""


def short_names(models: Iterable[str]) -> dict[str, str]:
    """The name of each model: as people write it where it is its alone, else as its API has it, else Inspect's whole.

    Simulated models say so. Of those that imitate a published model, the published one's name is left before the mark.

    Args:
        models: Inspect's names; those of one text together, since what is short depends on the others.
    """
    names = list(dict.fromkeys(models))
    tails = {m: _tail(m) for m in names}
    choices = [{m: written(t) for m, t in tails.items()}, tails, {m: m for m in names}]
    counts = [list(c.values()) for c in choices]
    found = {}
    for m in names:
        own = (c[m] for c, all_ in zip(choices, counts, strict=True) if all_.count(c[m]) == 1)
        found[m] = shown(m, next(own, m))
    return found


def _tail(model: str) -> str:
    imitates = publication().imitates or "\0"
    return model.removeprefix(imitates) if model.startswith(imitates) else model.rpartition("/")[2] or model


def written(name: str) -> str:
    """A model's name as people write it: `claude-opus-4-20250514` → `Claude Opus 4`; unknown ones stay.

    Args:
        name: The last part of Inspect's name.
    """
    if not _PLAIN.fullmatch(name):
        return name
    first, *rest = _DATE.sub("", name).split("-")
    if not rest and not any(c.isdigit() for c in first):
        return name
    number = first.lstrip(ascii_lowercase)
    family = first.removesuffix(number)
    if first == "gpt" and rest[0][:1].isdigit():
        return " ".join([f"GPT-{rest[0]}", *rest[1:]])
    if family in _SPACED:
        return " ".join([_SPACED[family] + number, *map(_word, _decimals(rest) if family == "claude" else rest)])
    if family in _HYPHENED:
        return "-".join([_HYPHENED[family] + number, *map(_word, rest)])
    return name


def _decimals(words: list[str]) -> list[str]:
    """Numbers side by side are one: `3`, `5` → `3.5`; `4`, `0` → `4`."""
    joined = re.sub(r"(?<![\w.])(\d+) (\d+)(?![\w.])", r"\1.\2", " ".join(words))
    return re.sub(r"(?<=\d)\.0\b", "", joined).split()


def _word(word: str) -> str:
    return word.upper() if _SIZE.fullmatch(word) else word[:1].upper() + word[1:]
