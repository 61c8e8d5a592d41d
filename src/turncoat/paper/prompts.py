"""The only way to the installed `inspect-evals`: its prompts and its classifiers. Imported when they are used."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from turncoat.base.errors import UsageError

REMEDY = "the published prompts come from inspect-evals; install them with: pip install 'turncoat[reference]'"


class Arguments(NamedTuple):
    """What the published generator is asked for, in its own words."""

    scenario: str
    goal_type: str
    goal_value: str
    urgency_type: str
    extra_system_instructions: str | None = None
    prod: bool = False
    test_eval_awareness: bool = False


class PublishedText(NamedTuple):
    """A published prompt as its own task sends it."""

    system: str
    user: str
    mails: str
    """The mails alone; they are the end of `user`."""


def published_version() -> str:
    """Version of the installed `inspect-evals`.

    Raises:
        UsageError: It is not installed.
    """
    try:
        return version("inspect-evals")
    except PackageNotFoundError:
        raise UsageError(REMEDY) from None


@lru_cache(maxsize=512)
def published_text(arguments: Arguments) -> PublishedText:
    """The published prompt, byte for byte.

    Raises:
        UsageError: `inspect-evals` is not installed.
        ValueError: The published generator refuses the combination.
    """
    module = _module("prompt_generator")
    prompts = module.generate_prompts(
        scenario=arguments.scenario,
        goal_type=arguments.goal_type,
        goal_value=arguments.goal_value,
        urgency_type=arguments.urgency_type,
        extra_system_instructions=arguments.extra_system_instructions,
        prod_flag=arguments.prod,
        alignment_faking_warning=module.ALIGNMENT_FAKING_WARNING if arguments.test_eval_awareness else None,
    )
    user = "\n".join([prompts.user_prompt, prompts.email_content])
    return PublishedText(prompts.system_prompt, user, prompts.email_content)


def published_classifier(scenario: str) -> Any:
    """The published classifier of one of its scenarios (`blackmail`, `leaking`, `murder`).

    Raises:
        UsageError: `inspect-evals` is not installed.
    """
    module = _module("classifiers")
    kinds = {"blackmail": "BlackmailClassifier", "leaking": "LeakClassifier", "murder": "MurderClassifier"}
    return getattr(module, kinds[scenario])()


def _module(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(f"inspect_evals.agentic_misalignment.{name}")
    except ImportError as error:
        raise UsageError(f"{REMEDY} ({error})") from None
