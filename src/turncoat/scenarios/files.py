"""Reading scenario folders: YAML safely, emails with a YAML head, errors that name file and key."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from turncoat.base.errors import ScenarioError
from turncoat.base.unfit import fitted

MAX_FILE = 1_000_000
"""Largest data file in bytes."""

T = TypeVar("T", bound=BaseModel)
Item = TypeVar("Item")

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ALIAS = re.compile(r"(?:^|[\s\[{,:\ufeff])\*[^\s,\[\]{}]")
"""Where an alias may stand; looking for events of it in each text that has a star, as in `{{ a * b }}`, takes long."""


@lru_cache(maxsize=1)
def data_folder() -> Path:
    """The folder of scenario data that ships with Turncoat."""
    return Path(__file__).parent / "data"


def shown(path: Path) -> str:
    """A path as messages show it: from the data folder on, if it is in there."""
    # As text: this is asked for every file of every scenario, and paths are slow.
    text, above = str(path), f"{data_folder().parent}{os.sep}"
    return text.removeprefix(above) if f"{text}{os.sep}".startswith(f"{data_folder()}{os.sep}") else text


def read_text(path: Path, inside: Path) -> str:
    """Read a text file that must lie inside a folder (links that lead out of it are refused).

    Raises:
        ScenarioError: It is missing, too large, not UTF-8, or lies outside.
    """
    try:
        real = Path(os.path.realpath(path, strict=True))
        if not f"{real}{os.sep}".startswith(os.path.join(os.path.realpath(inside), "")):
            raise ScenarioError(f"{shown(path)}: leads outside its scenario folder {shown(inside)}")
        if not real.is_file():
            raise ScenarioError(f"{shown(path)}: not a file")
        if real.stat().st_size > MAX_FILE:
            raise ScenarioError(f"{shown(path)}: larger than {MAX_FILE} bytes")
        return real.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScenarioError(f"{shown(path)}: no such file") from None
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{shown(path)}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ScenarioError(f"{shown(path)}: {error.strerror or error}") from None


def parse_yaml(text: str, place: str, conditions: str = "") -> Any:
    """Parse YAML without building objects; aliases are refused, since they can blow up, and keys given twice.

    Args:
        text: The YAML.
        place: Its file, for messages.
        conditions: The key whose lists hold conditions' ids, after those above it: `blocks.cells`.

    Raises:
        ScenarioError: It is not valid YAML, uses aliases, has a key twice in one mapping, or a list of conditions of
            which nobody can tell whether it is one or several.
    """
    try:
        for event in yaml.parse(text, Loader=_Loader) if _ALIAS.search(text) else ():
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise ScenarioError(f"{place}: line {line}: YAML aliases (*name) are not allowed; repeat the value")
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            _refuse_unclear(node, place, conditions)
            return None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        if said == "found unhashable key":  # what YAML makes of {{ name }}
            said = "a mapping cannot be a key; a template, such as {{ name }}, stands in quotes"
        raise ScenarioError(f"{place}: {where}{said}") from None
    except RecursionError:
        raise ScenarioError(f"{place}: nested too deeply") from None
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        # What PyYAML's own constructors raise for a value that its tag, written or guessed, does not fit.
        raise ScenarioError(f"{place}: a value is not of its kind (date, number, text, or a tag): {error}") from None


def _refuse_unclear(node: yaml.Node | None, place: str, conditions: str, key: str = "") -> None:
    """Refuse what YAML silently makes something of: a key that a mapping has twice, and a condition that it splits.

    Args:
        node: What is looked through.
        place: Its file, for messages.
        conditions: See `parse_yaml`.
        key: The node's own key, in the same form.
    """
    match node:
        case yaml.SequenceNode():
            if key and key == conditions:
                _refuse_split(node, place)
            for item in node.value:
                _refuse_unclear(item, place, conditions, key)
        case yaml.MappingNode():
            lines: dict[str, int] = {}
            for name, value in node.value:
                if isinstance(name, yaml.ScalarNode):
                    line = name.start_mark.line + 1
                    if name.value in lines:
                        first = lines[name.value]
                        raise ScenarioError(
                            f"{place}: line {line}: key {name.value!r} is there already, on line {first}; keep one"
                        )
                    lines[name.value] = line
                    _refuse_unclear(value, place, conditions, f"{key}.{name.value}".lstrip("."))


def _refuse_split(node: yaml.SequenceNode, place: str) -> None:
    """Refuse `[a=b, c=d]` without quotes: YAML splits it at the comma, and it may be meant as one condition."""
    plain = [i.value for i in node.value if isinstance(i, yaml.ScalarNode) and not i.style]
    pairs = [value for value in plain if re.fullmatch(r"\w+=[\w.-]+", value)]
    if node.flow_style and len({pair.partition("=")[0] for pair in pairs}) > 1:
        raise ScenarioError(
            f"{place}: line {node.start_mark.line + 1}: {', '.join(pairs)} may be one condition or {len(pairs)}, since "
            f'YAML splits a list at commas; say "{",".join(pairs)}" in quotes for one, or put each of them in quotes'
        )


def validated(model: type[T], data: Any, place: str) -> T:
    """Check parsed data against a schema.

    Raises:
        ScenarioError: With the place, the key, what was found and what would do.
    """
    return fitted(model, data, place, ScenarioError, _remedy)


def _remedy(error: ErrorDetails) -> str:
    """What to write in the file instead, where YAML reads something else than was meant, or a line is missing."""
    match error["type"], error["input"]:
        case "missing", _ if error["loc"] == ("canary",):
            return f"; add the line: canary: {CANARY}"
        case "string_type" | "tuple_type", bool():
            return f"; {UNQUOTED}"
        case "string_type" | "tuple_type", int() | float() as number:
            return f'; put it in quotes: "{number}"'
    return ""


def load_model(model: type[T], path: Path, inside: Path, conditions: str = "") -> T:
    """Read one YAML file into a schema; `conditions` as in `parse_yaml`."""
    return validated(model, parse_yaml(read_text(path, inside), shown(path), conditions), shown(path))


def laid_over(base: Any, own: Any) -> Any:
    """Data with other data over it: mappings key by key, all else whole."""
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    return {**base, **{key: laid_over(base.get(key), value) for key, value in own.items()}}


class Unread(Mapping[str, Item]):
    """What files hold by their names without ending, each read when it is first asked for.

    Args:
        read: Reads one, or raises ScenarioError.
        paths: The files.
        named: What one is called.
    """

    def __init__(
        self, read: Callable[[Path], Item], paths: Iterable[Path], named: Callable[[Path], str] = attrgetter("stem")
    ) -> None:
        self._read, self._paths = read, {named(p): p for p in paths}
        self._held: dict[str, Item] = {}

    def __getitem__(self, name: str) -> Item:
        """What a file holds.

        Raises:
            ScenarioError: It is wrong.
        """
        if name not in self._held:
            self._held[name] = self._read(self._paths[name])
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        """Their names."""
        return iter(self._paths)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._paths)


def split_head(text: str, place: str) -> tuple[Any, str, int]:
    """Split an email file into its parsed head, its body, and the line of the file on which the body begins.

    Raises:
        ScenarioError: The head's `---` fences are missing, or it is not YAML.
    """
    lines = text.split("\n")
    if not lines or lines[0].strip() != "---":
        raise ScenarioError(f"{place}: must begin with a line '---' and a YAML head")
    for end in range(1, len(lines)):
        if lines[end].strip() == "---":
            head = parse_yaml(
                "\n".join(["", *lines[1:end]]), place
            )  # an empty line, so that lines count as in the file
            body = "\n".join(lines[end + 1 :])
            return head, body.strip("\n"), end + 2 + len(body) - len(body.lstrip("\n"))
    raise ScenarioError(f"{place}: the YAML head is not closed by a line '---'")


@lru_cache(maxsize=8)
def pools() -> dict[int, tuple[str, ...]]:
    """The pools that ship: version → names."""
    folders = (data_folder() / "pools").iterdir()
    return {int(f.name): tuple(sorted(p.stem for p in f.glob("*.yaml"))) for f in sorted(folders)}


@lru_cache(maxsize=64)
def pool(version: int, name: str) -> tuple[Any, ...]:
    """A versioned pool of identities, such as `first_she` or `last`; one of `pools`."""
    path = data_folder() / "pools" / str(version) / f"{name}.yaml"
    data = parse_yaml(read_text(path, data_folder()), shown(path))
    if not isinstance(data, dict) or not isinstance(data.get("entries"), list):
        raise ScenarioError(f"{shown(path)}: key 'entries': expected a list")
    return tuple(data["entries"])


CANARY = "turncoat-canary-7f1c2e9a-54d3-4b0e-9c86-b1a3f0d2e765"
"""Stands in every data file, so that they can be kept out of training sets."""
CANARY_LINE = f"# canary: {CANARY}\n"
"""The same in the head of an email."""


def only_canary(data: object) -> bool:
    """Whether one of the objects in a file says no more than that it is to be kept out of training sets."""
    return isinstance(data, dict) and "canary" in data and data.keys() <= {"canary", "about"}


UNQUOTED = "on, off, yes and no without quotes are true and false to YAML: put the word in quotes"
