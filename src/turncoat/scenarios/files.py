"""Reading scenario folders: YAML safely, emails with a YAML head, errors that name file and key."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from turncoat.base.errors import ScenarioError, choices, did_you_mean

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
    if not isinstance(data, dict):
        raise ScenarioError(f"{place}: needs a mapping of keys; found {kind(data)}")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise ScenarioError(f"{place}: {problem_of(model, _first(model, error))}{more}") from None


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

UNQUOTED = "on, off, yes and no without quotes are true and false to YAML: put the word in quotes"

NEEDS = {
    "dict_type": "needs a mapping (key: value)",
    "model_type": "needs a mapping (key: value)",
    "list_type": "needs a list",
    "tuple_type": "needs a list",
    "string_type": "needs a text",
    "bool_parsing": "needs true or false",
    "bool_type": "needs true or false",
    "int_parsing": "needs a whole number",
    "int_type": "needs a whole number",
    "float_parsing": "needs a number",
    "float_type": "needs a number",
    "int_from_float": "needs a whole number",
    "finite_number": "needs a number that has an end",
    "date_type": "needs a day, such as 2026-02-01",
    "date_parsing": "needs a day, such as 2026-02-01",
    "date_from_datetime_parsing": "needs a day, such as 2026-02-01",
    "too_short": "needs at least one",
    "greater_than": "needs a number greater than {gt:g}",
    "greater_than_equal": "needs a number greater than or equal to {ge:g}",
    "less_than": "needs a number less than {lt:g}",
    "less_than_equal": "needs a number less than or equal to {le:g}",
}
"""What would do, by pydantic's kind of error."""


def _first(model: type[BaseModel], error: ValidationError) -> ErrorDetails:
    """What is told of several things: a misspelled key before the one that is missing for it."""
    found = error.errors(include_url=False)
    unknown = (e for e in found if e["type"] == "extra_forbidden")
    return next((e for e in unknown if did_you_mean(str(e["loc"][-1]), _keys(model, e["loc"][:-1]))), found[0])


def problem_of(model: type[BaseModel], error: ErrorDetails) -> str:
    """What pydantic found, in our words: the key, what was found, what would do."""
    loc, value = error["loc"], error["input"]
    key = f"key {'.'.join(str(p) for p in loc if p != '[key]')!r}" if loc else ""
    match error["type"], value:
        case "missing", _:
            return f"{key} is missing" + (f"; add the line: canary: {CANARY}" if loc == ("canary",) else "")
        case "extra_forbidden", _:
            names = _keys(model, loc[:-1])
            near = did_you_mean(str(loc[-1]), names)
            return f"{key} is not known here; allowed keys: {', '.join(names)}{near}"
        case "value_error", dict():  # of several keys together; the message says which
            return f"{key}: {error['ctx']['error']}".removeprefix(": ")
        case "value_error", _:
            return f"{key}: {error['ctx']['error']}"
        case "string_type" | "tuple_type", bool():
            return f"{key}: found {str(value).lower()}; {UNQUOTED}"
        case "string_type" | "tuple_type", int() | float():
            return f'{key}: found the number {value}; put it in quotes: "{value}"'
        case "literal_error", str():
            would_do = re.findall("'([^']+)'", error["ctx"]["expected"])
            return f"{key}: {choices(value, would_do)}"
    needs = NEEDS[error["type"]].format(**error.get("ctx", {})) if error["type"] in NEEDS else error["msg"]
    return f"{key}: {needs}; found {kind(value)}"


def kind(value: Any) -> str:
    """A value for a message: a short one as it stands."""
    match value:
        case None:
            return "nothing"
        case dict() | list():
            return "a mapping" if isinstance(value, dict) else "a list"
    try:
        found = repr(value)
    except ValueError:  # Python does not spell out a number of thousands of figures
        return "a number of more than 4300 figures"
    return found if len(found) <= 60 else found[:57] + "…"


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the mapping at a place in a model's data."""
    for step in loc:
        named = (f.annotation for n, f in model.model_fields.items() if step in (n, f.alias))
        model = next((m for annotation in named for m in _models(annotation)), model)
    return [f.alias or n for n, f in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type such as `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
