"""Finding and loading studies: the shipped ones by name, a user's by the path of its file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from turncoat.base.errors import ScenarioError, UnknownName, choices
from turncoat.base.extensions import extensions
from turncoat.runs.schema import Study
from turncoat.scenarios.files import parse_yaml, read_text, validated

FOLDER = Path(__file__).parent / "data"


def study_names() -> list[str]:
    """Names of the studies that ship with Turncoat and with plug-ins, such as `paper/fig7`."""
    return sorted(_shipped())


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Path]:
    """Name → file; plug-ins name their folders at the entry points of `studies`."""
    folders = [FOLDER, *(load() for load in extensions("studies").values())]
    return {p.relative_to(f).with_suffix("").as_posix(): p for f in folders for p in f.rglob("*.yaml")}


def is_study(name: str) -> bool:
    """Whether a name means a study: a shipped one's name, or the path of a YAML file."""
    return name in study_names() or Path(name).suffix in (".yaml", ".yml")


def default_folder(name: str) -> Path:
    """Where logs go if no folder is named: one folder for each study, `logs` for scenarios."""
    plain = name.removesuffix("-reference")
    if not is_study(plain):
        return Path("logs")
    return Path("logs") / (str(Path(plain).with_suffix("")) + name.removeprefix(plain))


def load_study(name: str) -> Study:
    """Load a study, with what it includes.

    Args:
        name: A shipped study's name, or the path of a YAML file.

    Raises:
        UnknownName: Neither a shipped study nor a file.
        ScenarioError: The file is wrong; names file, key, what was found and what would do.
    """
    return _load(name, ())


def _load(name: str, inside: tuple[str, ...]) -> Study:
    path, place = _path(name)
    study = validated(Study, parse_yaml(read_text(path, path.parent), place), place)
    if name in inside:
        raise ScenarioError(f"{place}: key 'include': {' → '.join([*inside, name])} goes round in a circle")
    blocks, contrasts, exclusions = list(study.blocks), list(study.contrasts), list(study.exclusions)
    for other in study.include:
        try:
            part = _load(other, (*inside, name))
        except UnknownName as error:
            raise ScenarioError(f"{place}: key 'include': {error}") from None
        if part.epochs != study.epochs or part.stopping != study.stopping:
            raise ScenarioError(
                f"{place}: key 'include': {other!r} has epochs {part.epochs} and "
                f"{'a' if part.stopping else 'no'} stopping rule; both must be as in the study that includes it"
            )
        blocks += [b if b.seeds else b.model_copy(update={"seeds": part.seeds}) for b in part.blocks]
        contrasts += [c for c in part.contrasts if c not in contrasts]
        exclusions += [e for e in part.exclusions if e not in exclusions]
    return study.model_copy(
        update={"blocks": tuple(blocks), "contrasts": tuple(contrasts), "exclusions": tuple(exclusions)}
    )


def _path(name: str) -> tuple[Path, str]:
    if name in _shipped():
        return _shipped()[name], f"studies/{name}.yaml"
    path = Path(name).expanduser()
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return path, str(path)
    raise UnknownName(f"study: {choices(name, study_names())}, or the path of a YAML file")
