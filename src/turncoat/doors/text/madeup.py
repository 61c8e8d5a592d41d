"""Turns of others that a model makes up, since it writes past the end of its own."""

from __future__ import annotations

import re

from turncoat.base.patterns import later

_WORDS = ("user", "User", "USER", "Human", "HUMAN", "[INST]")
"""What the beginning of such a turn holds; most answers hold none of them."""
_TURN = later(
    r"<\|im_start\|>[ \t]*user\b|<\|start_header_id\|>[ \t]*user\b|<start_of_turn>[ \t]*user\b|<\|start\|>[ \t]*user\b"
    r"|<\|user\|>|<\|im_user\|>|<\|START_OF_TURN_TOKEN\|><\|USER_TOKEN\|>|<｜User｜>|\[INST\]"
    r"|(?<=\n)[ \t\r]*\n[ \t]{0,3}(?:#{1,6}[ \t]{0,3})?[*_]{0,3}(?:Human|User|HUMAN|USER)[*_]{0,3}:"
    r"|^[ \t]{0,3}#{1,6}[ \t]{0,3}[*_]{0,3}(?:Human|User|HUMAN|USER)[*_]{0,3}:?[*_]{0,3}[ \t\r]*$",
    re.M,
)


def turns_of_others(text: str) -> list[int]:
    """Where turns begin in an answer that are not the agent's."""
    return [match.start() for match in _TURN.finditer(text)] if any(word in text for word in _WORDS) else []
