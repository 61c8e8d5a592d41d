"""Keys and passwords out of all that is written: one function, `hide`, wherever settings, URLs or texts enter.

What it takes for a secret: a value under a name that is a key's (`api_key`, `X-Api-Key`, `password`, `?sig=`), user and
password in a URL, and what has the form of a key by itself (`sk-…`, `Bearer …`, `eyJ….….…`, long random text). What it
finds in the settings of a model's client is remembered with the client, so that a provider that repeats it does not
get it into a log either.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import unquote

from inspect_ai.model import GenerateConfig, ModelAPI

from turncoat.base.patterns import later

T = TypeVar("T")

HIDDEN = "(secret)"

SENT_ONLY = ("extra_headers", "extra_body")
"""Generation settings that a provider alone reads, so that what Inspect holds and logs of them may be hidden."""

_GIVEN, _PRIVATE = "_turncoat_was_given", "_turncoat_sends"
_SHORTEST = 12
"""Characters of the shortest variable that is taken as a secret: shorter ones hit words by chance."""
_SHORTEST_GIVEN = 8
"""The same of what is found in settings."""

_WORDS = frozenset(
    "key keys apikey apikeys secret secrets token password passwords passwd pwd pass passphrase passcode credential "
    "credentials authorization auth cookie cookies bearer jwt signature sig session sessionid sid otp".split()
)
"""Last words of a secret's name."""
_TAILS = frozenset("id value header string text data b64 base64 old new prod dev test primary secondary".split())
"""Words that may stand behind them: `AWS_ACCESS_KEY_ID`, `token_value`, `api_key_2`."""
_ENDS = ("apikey", "accesskey", "secretkey", "privatekey", "authkey", "authtoken", "accesstoken", "password", "secret")
"""Ends of names that are written in one word."""
_SHELL = frozenset({"PWD", "OLDPWD"})
"""Variables of every shell: the working folder."""
_NAMES = ("name", "header", "key", "field")
"""Under these a list of headers names each: `{"name": "X-Api-Key", "value": "…"}`."""

_HUMP = later(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTER = later(r"[^A-Za-z]+")
_URL_USER = later(r"(?i)([a-z][a-z0-9+.-]*://)([^/?#\s]*)@")
_USER = later(r"(?<![\w./:@+-])([\w.+%-]+:[^\s/?#@\"']+)@(?=[\w\[])")
_PAIR = later(
    r"""(?<![\w-])(?P<name>[A-Za-z][\w.%-]{0,60})(?P<sign>["']?\s*[=:]\s*["'\[{]*)(?P<value>[^\s"'&;,#{}\[\]]+)"""
)
_QUERY = later(r"(?<=[?&;#])(?P<name>[^=&;#\s?]+)(?P<sign>=)(?P<value>[^&;#\s\"']+)")
_LINE = later(r"(?im)^(?P<name>[\w-]*(?:authorization|cookie))(?P<sign>\s*:\s*)(?P<value>\S.*)$")
_SCHEME = later(
    r"(?i)(?P<name>\b(?:bearer|basic|apikey|negotiate))(?P<sign>\s+)(?P<value>(?=\S*[\d=_]|\S{16})[\w+/.~=-]{6,})"
)
_SHAPE = later(
    r"""(?xs)
      -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z\ ]*-----|\Z)
    | (?<![\w-])(?:sk|pk|rk|gsk|xai|pplx|r8|hf|gh[opusr]|github_pat|glpat|nvapi|csk|tgp|fw|xox[a-z]|lsv2)[-_]
      (?=[\w-]*\d|[\w-]{16})[\w-]{8,}
    | (?<![\w-])(?:key|token|secret)[-_](?=[\w-]*\d)[\w-]{10,}
    | (?<!\w)(?:AKIA|ASIA)[0-9A-Z]{12,}
    | (?<!\w)(?:AIza|ya29\.)[\w-]{20,}
    | (?<!\w)eyJ[\w-]{6,}\.[\w-]{4,}(?:\.[\w-]*)?
    """
)
_RANDOM = later(
    r"""(?x)
      (?<![\w-])[0-9a-fA-F]{32,}(?![\w-])
    | (?<![\w/+-])(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[A-Z])(?=(?:[A-Za-z]*\d){3})[A-Za-z0-9]{24,}(?![\w-])
    """
)


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether an argument, a header, a parameter of a URL or a variable is named like a key."""
    words = [w.lower() for w in _NO_LETTER.split(_HUMP.sub("_", unquote(name))) if w]
    while len(words) > 1 and words[-1] in _TAILS:
        words.pop()
    return bool(words) and (words[-1] in _WORDS or words[-1].endswith(_ENDS))


def hide(value: T, found: list[str] | None = None) -> T:
    """The value without anything secret, at any depth.

    Args:
        value: Settings, a URL, or any text or nesting of them; objects of other kinds stay as they are.
        found: Gets what was hidden.
    """
    hidden: T = _hidden(value, [] if found is None else found)  # of the value's own shape
    return hidden


def secrets_in(settings: Any) -> list[str]:
    """What `hide` takes out."""
    found: list[str] = []
    hide(settings, found)
    return found


def has_password(url: str | None) -> bool:
    """Whether a URL carries a user, a password, a key in its query, or what has the form of one in its path."""
    return bool(url and "://" in url and clear(url) != url)


def _hidden(value: Any, found: list[str]) -> Any:
    match value:
        case str():
            return _text(value, found)
        case bytes():
            text = value.decode("utf-8", "replace")
            return value if (public := _text(text, found)) == text else public.encode()
        case Mapping():
            return _mapping(value, found)
        case (str(name), str() | bytes() as secret) if is_secret(name):  # a header as a pair
            return type(value)((name, _whole(secret, found)))
        case list() | tuple():
            hidden = [_hidden(v, found) for v in value]
            return hidden if isinstance(value, list) else tuple(hidden)
    return value


def _mapping(value: Mapping[Any, Any], found: list[str]) -> dict[Any, Any]:
    listed = any(isinstance(value.get(n), str) and is_secret(value[n]) for n in _NAMES)
    public: dict[Any, Any] = {}
    for name, inner in value.items():
        if listed and name in _NAMES:
            public[name] = inner
        elif is_secret(str(name)) or (listed and name in ("value", "values", "content")):
            public[name] = _whole(inner, found)
        else:
            public[_text(name, found) if isinstance(name, str) else name] = _hidden(inner, found)
    return public


def _whole(value: Any, found: list[str]) -> Any:
    """What stands under a secret's name: all of it, and each of its words, for `Bearer` stands before many."""
    match value:
        case None | bool():
            return value
        case Mapping() | list() | tuple():
            for inner in value.values() if isinstance(value, Mapping) else value:
                _whole(inner, found)
        case bytes():
            _whole(value.decode("utf-8", "replace"), found)
        case _:
            found.extend(dict.fromkeys((str(value), *str(value).split())))
    return HIDDEN


def _text(text: str, found: list[str]) -> str:
    return _shaped(_named(_users(text, found), found), found, _RANDOM)


def _users(text: str, found: list[str]) -> str:
    """Without users and passwords before hosts."""

    def url(match: re.Match[str]) -> str:
        if match[2] == HIDDEN:
            return match[0]
        found.extend((match[2], match[2].partition(":")[2]))
        return f"{match[1]}{HIDDEN}@"

    def bare(match: re.Match[str]) -> str:
        found.extend((match[1], match[1].partition(":")[2]))
        return f"{HIDDEN}@"

    return _USER.sub(bare, _URL_USER.sub(url, text)) if "@" in text else text


def _named(text: str, found: list[str]) -> str:
    """Without values of what is named like a key: `?api_key=…`, `OPENAI_API_KEY=…`, `X-Api-Key: …`, `Bearer …`."""

    def named(match: re.Match[str]) -> str:
        if match["value"].startswith(HIDDEN[:-1]) or not is_secret(match["name"]):
            return match[0]
        found.extend(dict.fromkeys((match["value"], *match["value"].split())))
        return f"{match['name']}{match['sign']}{HIDDEN}"

    if ":" in text or "=" in text:
        text = _each(_PAIR, named, _LINE.sub(named, _QUERY.sub(named, text)))
    return _SCHEME.sub(named, text)


def _each(pattern: re.Pattern[str], named: Callable[[re.Match[str]], str], text: str) -> str:
    """As `sub`; but what stands as the value of one name is looked through for others: `note: token=…`."""
    parts, at = [], 0
    while (match := pattern.search(text, at)) is not None:
        public = named(match)
        end = match.start("value") if public == match[0] else match.end()
        parts += [text[at : match.start()], public if end == match.end() else text[match.start() : end]]
        at = end
    return "".join([*parts, text[at:]])


def _shaped(text: str, found: list[str], *further: re.Pattern[str]) -> str:
    """Without what has the form of a key."""

    def shaped(match: re.Match[str]) -> str:
        found.append(match[0])
        return HIDDEN

    for pattern in (_SHAPE, *further):
        text = pattern.sub(shaped, text)
    return text


def clear(text: str, secrets: Iterable[str] = ()) -> str:
    """A message without known secrets and without what is one by its name or form; random text in it may be an id."""
    return _shaped(_named(_users(without_secrets(text, secrets), []), []), [])


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def known_secrets(api: ModelAPI | None = None, more: Iterable[str] = ()) -> tuple[str, ...]:
    """What must not be written, the longest first.

    Args:
        api: A model's client, whose own key counts, and what `remember` keeps with it.
        more: Further values, as `secrets_in` finds them.
    """
    values = set(_of_environment(tuple(os.environ.items())))
    given = list(more)
    if api is not None:
        values |= {str(key) for key in (api.api_key, getattr(api, "initial_api_key", None)) if key}
        given += getattr(api, _GIVEN, ())
    values = {v for v in values if len(v) >= _SHORTEST} | {v for v in given if len(v) >= _SHORTEST_GIVEN}
    return tuple(sorted(values - {HIDDEN, "Negotiate"}, key=len, reverse=True))


@lru_cache(maxsize=4)
def _of_environment(variables: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    found = [value for name, value in variables if is_secret(name) and name not in _SHELL]
    for name, value in variables:
        if name not in _SHELL:
            _shaped(_named(_users(value, found), found), found)
    return tuple(found)


def remember(api: ModelAPI, args: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> None:
    """Keep with a model's client what must not be written of its settings, and what it sends all the same.

    Args:
        api: The client. Its provider may repeat what it was given.
        args: The client's arguments.
        settings: Generation settings of the run; see `sent`.
    """
    settings = settings or {}
    setattr(api, _GIVEN, tuple({*getattr(api, _GIVEN, ()), *secrets_in(args), *secrets_in(settings)}))
    private = {n: settings[n] for n in SENT_ONLY if settings.get(n) and hide(settings[n]) != settings[n]}
    if private:
        setattr(api, _PRIVATE, private)


def sent(api: ModelAPI, config: GenerateConfig) -> GenerateConfig:
    """The settings as the provider gets them: with what was hidden in those that Inspect holds."""
    private: Mapping[str, Any] = getattr(api, _PRIVATE, {})
    whole = {n: value for n, value in private.items() if getattr(config, n) == hide(value)}
    return config.model_copy(update=whole) if whole else config


def public_config(config: GenerateConfig) -> GenerateConfig:
    """Generation settings as they may be logged."""
    update = {n: public for n in SENT_ONLY if (given := getattr(config, n)) and (public := hide(given)) != given}
    return config.model_copy(update=update) if update else config
