"""Names of keys: those of xdotool, which models with native computer use are trained on, and other products'."""

from __future__ import annotations

import string
from collections.abc import Mapping
from types import MappingProxyType


class UnknownKey(ValueError):  # noqa: N818 - reads as what it reports
    """There is no such key; the message says what would be one."""


_NAMED: Mapping[str, tuple[str, ...]] = {
    "Enter": ("return", "enter", "linefeed", "kp_enter"),
    "Escape": ("escape", "esc", "cancel"),
    "Backspace": ("backspace",),
    "Tab": ("tab", "iso_left_tab"),
    "Delete": ("delete", "del", "kp_delete"),
    "Insert": ("insert", "kp_insert"),
    "Home": ("home", "kp_home", "begin", "kp_begin"),
    "End": ("end", "kp_end"),
    "PageUp": ("prior", "pageup", "page_up", "kp_prior", "kp_page_up"),
    "PageDown": ("next", "pagedown", "page_down", "kp_next", "kp_page_down"),
    "ArrowLeft": ("left", "arrowleft", "kp_left"),
    "ArrowUp": ("up", "arrowup", "kp_up"),
    "ArrowRight": ("right", "arrowright", "kp_right"),
    "ArrowDown": ("down", "arrowdown", "kp_down"),
    "Space": ("space", "spacebar", "kp_space"),
    "Pause": ("pause", "break"),
    "PrintScreen": ("print", "printscreen", "prtscr", "sys_req"),
    "ContextMenu": ("menu", "contextmenu"),
    "CapsLock": ("caps_lock", "capslock"),
    "NumLock": ("num_lock", "numlock"),
    "ScrollLock": ("scroll_lock", "scrolllock"),
    "Control": ("ctrl", "control", "ctl", "control_l", "control_r"),
    "Shift": ("shift", "shift_l", "shift_r"),
    "Alt": ("alt", "alt_l", "alt_r", "option", "opt", "iso_level3_shift"),
    "-": ("minus", "kp_subtract", "hyphen"),
    "+": ("plus", "kp_add"),
    "*": ("asterisk", "kp_multiply"),
    "/": ("slash", "kp_divide"),
    ".": ("period", "kp_decimal"),
    "=": ("equal", "kp_equal"),
    ",": ("comma", "kp_separator"),
    ";": ("semicolon",),
    ":": ("colon",),
    "'": ("apostrophe", "quoteright"),
    '"': ("quotedbl",),
    "`": ("grave", "quoteleft"),
    "\\": ("backslash",),
    "[": ("bracketleft",),
    "]": ("bracketright",),
    "(": ("parenleft",),
    ")": ("parenright",),
    "?": ("question",),
    "!": ("exclam",),
    "@": ("at",),
    "#": ("numbersign",),
    "_": ("underscore",),
}
# A Mac's command key does here what its control key would do.
_COMMAND = ("cmd", "command", "meta", "meta_l", "meta_r", "super", "super_l", "super_r", "win", "windows")
NAMES: Mapping[str, str] = MappingProxyType(
    {name: key for key, names in _NAMED.items() for name in names}
    | dict.fromkeys(_COMMAND, "Control")
    | {f"f{n}": f"F{n}" for n in range(1, 13)}
    | {f"kp_{n}": str(n) for n in range(10)}
)
"""Name in small letters → the key as the browser's driver calls it."""
MODIFIERS = frozenset({"Control", "Shift", "Alt"})


def keys_of(text: str) -> list[tuple[str, ...]]:
    """The combinations that a text names, each as the keys that are held together.

    Args:
        text: Such as `Return`, `ctrl+a`, `CTRL+SHIFT+T`, or several with spaces between them.

    Raises:
        UnknownKey: A name that is none, or no name at all.
    """
    if text == " ":
        return [("Space",)]
    found = [_combination(part) for part in text.split()]
    if not found:
        raise UnknownKey("text: names no key; give one such as Return, Tab or ctrl+a")
    return found


def _combination(text: str) -> tuple[str, ...]:
    parts = ["+"] if text == "+" else text.split("+")
    if len(parts) > 2 and parts[-2:] == ["", ""]:  # ctrl++
        parts = [*parts[:-2], "+"]
    return tuple(_key(part, alone=len(parts) == 1) for part in parts)


def _key(name: str, *, alone: bool) -> str:
    if len(name) == 1 and name.isprintable():
        return name if alone or name not in string.ascii_letters else name.lower()
    if (key := NAMES.get(name.lower())) is None:
        raise UnknownKey(f"text: {name[:40]!r} is no key; names are such as Return, Tab, Next, Left, F5 or ctrl+a")
    return key
