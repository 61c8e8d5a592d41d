"""Finding models by name, before anything is spent."""

from __future__ import annotations

from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import Model, get_model

from turncoat.errors import UnknownName


def resolve_model(name: str) -> Model:
    """The model that a name stands for, before anything is spent.

    Raises:
        UnknownName: Unknown provider, a missing package, or a missing key.
    """
    if "/" not in name:
        raise UnknownName(f"model {name!r} is not of the form provider/model, such as openai/gpt-4.1 or sim/insider")
    try:
        return get_model(name)
    except (PrerequisiteError, ValueError, ImportError) as error:
        text = getattr(error, "message", None) or error
        raise UnknownName(f"model {name!r}: {' '.join(str(text).split())}") from None
