"""Finding models by name, before anything is spent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import ReferenceType, ref

from inspect_ai.model import GenerateConfig, GenerateConfigArgs, Model, get_model
from pydantic import PrivateAttr

from turncoat.base.errors import UnknownName, UsageError
from turncoat.providers.inspect_private import PrerequisiteError, active_model, ensure_entry_points
from turncoat.providers.patience import meant
from turncoat.providers.secrets import (
    SENT_ONLY,
    clear,
    has_password,
    hide,
    known_secrets,
    public_config,
    remember,
    secrets_in,
)
from turncoat.providers.sound import keep_sound


def resolve_model(name: str, args: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None) -> Model:
    """The model that a name stands for, before anything is spent.

    Args:
        name: Provider and model.
        args: Arguments of the provider's client.
        settings: Generation settings of the run, whose secrets are kept with the client.

    Raises:
        UnknownName: Unknown provider, a missing package, or a missing key.
        UsageError: A password or a key stands in the URL of the provider.
    """
    if "/" not in name:
        raise UnknownName(f"model {name!r} is not of the form provider/model, such as openai/gpt-4.1 or sim/insider")
    secrets = known_secrets(more=secrets_in(args or {}))
    ensure_entry_points("turncoat")  # Inspect, not finding ours, would load every package that extends it
    try:
        model = get_model(name, **(args or {}))
    except (PrerequisiteError, ValueError, TypeError, ImportError) as error:
        raise UnknownName(f"model {name!r}: {clear(said(error), secrets)}") from None
    if has_password(model.api.base_url):
        raise UsageError(
            f"model {name!r}: its base URL has a user or password or a key in it, which every log would show; "
            "give a key instead, by the provider's variable or --model-arg api_key=…"
        )
    remember(model.api, args or {}, settings)
    # The client has its arguments by now; what the model keeps of them is what Inspect writes into logs and what a
    # log is known again by, so that neither a key nor a timeout of the client stands there.
    model.model_args = meant(hide(model.model_args))
    return model


class TaskSettings(GenerateConfig):
    """A task's own generation settings, which hide what a command of Inspect's adds to them.

    Inspect logs what comes of this merger, and sends it. The client of the model that is at work when the task is made
    keeps what is hidden, and sends that. Where none is at work, nothing is hidden.
    """

    _model: ReferenceType[Model] | None = PrivateAttr(None)

    def model_post_init(self, context: Any, /) -> None:
        """Note which model is at work, and hide what it shows of its arguments."""
        if (model := active_model()) is not None:
            self._model = ref(model)
            remember(model.api, model.model_args, model.config.model_dump(exclude_none=True))
            model.model_args = hide(model.model_args)
            model.config = public_config(model.config)

    def merge(self, other: GenerateConfig | GenerateConfigArgs) -> GenerateConfig:
        """Merged with the settings of a command, those that are shown."""
        merged = super().merge(other)
        if self._model is None or (model := self._model()) is None:
            return merged
        keep_sound([model])  # it is this that sends what is hidden
        remember(model.api, {}, merged.model_dump(include=set(SENT_ONLY)))
        return public_config(merged)


def said(error: Exception) -> str:
    """An error's message on one line, without a terminal's markup, which Inspect writes into its own."""
    from rich.errors import MarkupError
    from rich.markup import render

    text = " ".join(str(getattr(error, "message", None) or error).split())
    try:
        return render(text).plain if isinstance(error, PrerequisiteError) else text
    except MarkupError:
        return text
