"""Reading scenario folders: YAML safely, emails with a YAML head, errors that name file and key."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from turncoat.errors import ScenarioError

MAX_FILE = 1_000_000
"""Largest data file in bytes."""

T = TypeVar("T", bound=BaseModel)

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def data_folder() -> Path:
    """The folder of scenario data that ships with Turncoat."""
    return Path(__file__).parent / "data"


def shown(path: Path) -> str:
    """A path as messages show it: from the data folder on, if it is in there."""
    return str(path.relative_to(data_folder().parent)) if path.is_relative_to(data_folder()) else str(path)


def read_text(path: Path, inside: Path) -> str:
    """Read a text file that must lie inside a folder (links that lead out of it are refused).

    Raises:
        ScenarioError: It is missing, too large, not UTF-8, or lies outside.
    """
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(inside.resolve()):
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


def parse_yaml(text: str, place: str) -> Any:
    """Parse YAML without building objects; aliases are refused, since they can blow up.

    Raises:
        ScenarioError: It is not valid YAML, or uses aliases.
    """
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise ScenarioError(f"{place}: line {line}: YAML aliases (*name) are not allowed; repeat the value")
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise ScenarioError(f"{place}: {where}{said}") from None
    except RecursionError:
        raise ScenarioError(f"{place}: nested too deeply") from None
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        # What PyYAML's own constructors raise for a value that its tag, written or guessed, does not fit.
        raise ScenarioError(f"{place}: a value is not of its kind (date, number, text, or a tag): {error}") from None


def validated(model: type[T], data: Any, place: str) -> T:
    """Check parsed data against a schema.

    Raises:
        ScenarioError: With the place, the key, what was found and what would do.
    """
    if not isinstance(data, dict):
        raise ScenarioError(f"{place}: expected a mapping of keys, found {type(data).__name__}")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(p) for p in first["loc"]) or "(top)"
        found = repr(first.get("input"))
        found = found if len(found) <= 60 else found[:57] + "…"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        allowed = ""
        if first["type"] == "extra_forbidden":
            names = [f.alias or n for n, f in model.model_fields.items()]
            allowed = f"; allowed keys: {', '.join(names)}" if len(first["loc"]) == 1 else ""
            raise ScenarioError(f"{place}: key {key!r} is not known here{allowed}{more}") from None
        raise ScenarioError(f"{place}: key {key!r}: {first['msg']}; found {found}{more}") from None


def load_model(model: type[T], path: Path, inside: Path) -> T:
    """Read one YAML file into a schema."""
    return validated(model, parse_yaml(read_text(path, inside), shown(path)), shown(path))


def split_head(text: str, place: str) -> tuple[Any, str]:
    """Split an email file into its parsed head and its body.

    Raises:
        ScenarioError: The head's `---` fences are missing, or it is not YAML.
    """
    lines = text.split("\n")
    if not lines or lines[0].strip() != "---":
        raise ScenarioError(f"{place}: must begin with a line '---' and a YAML head")
    for end in range(1, len(lines)):
        if lines[end].strip() == "---":
            head = parse_yaml("\n".join(lines[1:end]), place)
            return head, "\n".join(lines[end + 1 :]).strip("\n")
    raise ScenarioError(f"{place}: the YAML head is not closed by a line '---'")


@lru_cache(maxsize=64)
def pool(version: int, name: str) -> tuple[Any, ...]:
    """A versioned pool of identities, such as `first_she` or `last`.

    Raises:
        ScenarioError: There is no such pool.
    """
    folder = data_folder() / "pools" / str(version)
    path = folder / f"{name}.yaml"
    if not path.is_file():
        have = sorted(p.stem for p in folder.glob("*.yaml"))
        raise ScenarioError(f"pool {name!r} version {version}: not there; there are: {', '.join(have)}")
    data = parse_yaml(read_text(path, data_folder()), shown(path))
    if not isinstance(data, dict) or not isinstance(data.get("entries"), list):
        raise ScenarioError(f"{shown(path)}: key 'entries': expected a list")
    return tuple(data["entries"])
