"""What the words of a command ask of the runner: a study or a scenario, its settings, and the command to go on with."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from turncoat.base.errors import UsageError, choices
from turncoat.base.stores import is_address
from turncoat.cli.app import complain
from turncoat.cli.scenarios import our_name

if TYPE_CHECKING:
    from turncoat.runs.request import Request
    from turncoat.runs.study import Study

REFERENCE = "reference"
"""The pack that the option of this name runs a study on."""

_ELSEWHERE = frozenset({"shard", "log_dir", "report", "as_json", "workers", "executor", "address"})


def command_words(context: typer.Context) -> list[str]:
    """The words of a command as they were given, without those that say where it goes on and what it prints."""
    words, options = [str(context.info_name)], []
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if name in _ELSEWHERE or source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[name]
        if parameter.param_type_name == "argument":
            words.append(str(value))
        elif isinstance(value, bool):
            options += [parameter.opts[0]] if value else []
        else:
            for one in value if isinstance(value, list | tuple) else [value]:
                options += [parameter.opts[0], str(one)]
    return [*words, *options]


def rates_of(text: str | None) -> tuple[float, float] | None:
    """Read `RATE,RATE`.

    Raises:
        UsageError: Another form, or two that are no different rates.
    """
    if text is None:
        return None
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--difference {text!r} is not of the form RATE,RATE, such as 0.1,0.2") from None
    if not (0 <= first <= 1 and 0 <= second <= 1) or first == second:
        raise UsageError(f"--difference {text!r}: two different rates between 0 and 1")
    return first, second


def requested(
    what: str,
    conditions: list[str] | None,
    worlds: str | None,
    epochs: int | None = None,
    reference: bool = False,
    judge: str | None = None,
    *,
    model: list[str] | None = None,
    interface: list[str] | None = None,
    guards: list[str] | None = None,
    log_dir: Path | str | None = None,
    scoring: Mapping[str, Any] = {},
    **more: Any,
) -> "Request":
    """What a command asks of the runner: the study that it names, its judge and its folder where none is given.

    Raises:
        UsageError: As `chosen`.
    """
    from turncoat.runs.design import with_every_guard
    from turncoat.runs.request import Request
    from turncoat.runs.study import default_folder, is_study
    from turncoat.scoring.options import ScoringOptions

    study, name = chosen(what, conditions, worlds, epochs, reference)
    store = log_dir if isinstance(log_dir, str) and is_address(log_dir) else ""
    folder = default_folder(name) if store or not log_dir else Path(log_dir)
    if log_dir is None and not is_study(what) and not folder.exists() and any(Path("logs").glob("*.eval")):
        complain("turncoat: logs/ holds logs, where scenarios went in earlier versions; --log-dir logs continues them")
    return Request(
        study=with_every_guard(study, guards or ()),
        name=name,
        models=model or (),
        log_dir=folder,
        store=store,
        scoring=ScoringOptions(judge or study.judge or "rules", **scoring),
        seeds=None if reference else worlds,
        epochs=epochs,
        interfaces=interface or (),
        **more,
    )


def chosen(
    what: str, conditions: list[str] | None, worlds: str | None, epochs: int | None, reference: bool = False
) -> "tuple[Study, str]":
    """The study that a command names, and its name; a scenario stands for a study of its conditions.

    Raises:
        UsageError: Neither is there, or conditions are given for a study.
    """
    from turncoat.runs.design import on_pack, scenario_study
    from turncoat.runs.study import is_study, load_study, study_names

    if is_study(what):
        if conditions:
            raise UsageError(f"--condition goes with a scenario; the cells of study {what} stand in its file")
        study = load_study(what)
        if not reference:
            return study, what
        seeds = {"seeds": worlds} if worlds else {}
        blocks = tuple(b.model_copy(update=seeds) for b in study.blocks)
        return on_pack(study.model_copy(update={"blocks": blocks}), REFERENCE, what), f"{what}-{REFERENCE}"
    if reference:
        raise UsageError(f"--reference goes with a study; the scenario is {REFERENCE}/{what}")
    try:
        return scenario_study(our_name(what), conditions or (), "1-20" if worlds is None else worlds, epochs or 1), what
    except UsageError as error:
        if str(error).startswith("scenario: "):
            raise type(error)(f"{error}; or a study: {', '.join(study_names())}") from None
        raise


def settings_of(items: list[str]) -> dict[str, Any]:
    """Read `NAME=VALUE` items and check them against Inspect's generation settings.

    Raises:
        UsageError: An item of another form, an unknown name, a value of a wrong type, or a name with two values.
    """
    import yaml
    from inspect_ai.model import GenerateConfig

    from turncoat.providers.secrets import hide

    found: dict[str, Any] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign:
            raise UsageError(f"--generate {hide(item)!r} is not of the form NAME=VALUE, such as temperature=1")
        if name not in GenerateConfig.model_fields:
            raise UsageError(f"--generate: {choices(name, GenerateConfig.model_fields)}")
        try:
            found[name] = yaml.safe_load(value)
            GenerateConfig.model_validate({name: found[name]})
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError):
            raise UsageError(f"--generate {name}: {hide(value)!r} is not a value for it") from None
    _see_once("--generate", items)
    return found


def _see_once(option: str, items: list[str]) -> None:
    """See that no name has two values; they are not told, since one may be a key.

    Raises:
        UsageError: One has.
    """
    values: dict[str, str] = {}
    for name, _, value in (item.partition("=") for item in items):
        if values.setdefault(name, value) != value:
            raise UsageError(f"{option} {name}: is given twice, with different values; give it once")


def roles_of(items: list[str]) -> dict[str, str]:
    """Read `ROLE=MODEL` items.

    Raises:
        UsageError: An item of another form, or a name with two values.
    """
    _see_once("--model-role", items)
    found = dict(item.partition("=")[::2] for item in items)
    if wrong := next((item for item in items if "" in (item.partition("=")[0], item.partition("=")[2])), None):
        raise UsageError(f"--model-role {wrong!r} is not of the form ROLE=MODEL, such as reviewer=openai/gpt-4.1")
    return found


def arguments_of(items: list[str]) -> dict[str, Any]:
    """Read `NAME=VALUE` items as they stand; values are read as YAML.

    Raises:
        UsageError: An item of another form, or a name with two values.
    """
    import yaml

    from turncoat.providers.secrets import hide

    found: dict[str, Any] = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or not name.isidentifier():
            raise UsageError(
                f"--model-arg {hide(name)!r} is not of the form NAME=VALUE, such as base_url=http://localhost"
            )
        try:
            found[name] = yaml.safe_load(value)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError):
            raise UsageError(f"--model-arg {name}: its value cannot be read") from None
    _see_once("--model-arg", items)
    return found
