"""Templates of scenario data, rendered in Jinja's sandbox: scenario folders come from strangers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from turncoat import errors

MAX_RENDERED = 200_000
"""Most characters that one template may render to."""


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox without loaders, filters that build huge strings, or dunder access."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        # Enough here, and quick: nothing can be called, so a method that is reached can only be printed.
        return not attr.startswith("_")

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        raise SecurityError("templates may not call functions")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator in ("*", "**") and not all(isinstance(x, int | float) for x in (left, right)):
            raise SecurityError(f"operator {operator} works on numbers only")
        if operator == "**":
            raise SecurityError("operator ** is not available")
        return super().call_binop(context, operator, left, right)


_FILTERS = (
    "capitalize",
    "default",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "replace",
    "title",
    "trim",
    "upper",
)


@lru_cache(maxsize=1)
def _environment() -> _Environment:
    env = _Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    env.intercepted_binops = frozenset({"*", "**"})
    env.filters = {name: env.filters[name] for name in _FILTERS}
    env.globals = {}
    return env


@lru_cache(maxsize=8192)
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


def has_markup(source: str) -> bool:
    """Whether a string is a template at all; most fields are plain."""
    return "{{" in source or "{%" in source or "{#" in source


def variables(source: str, place: str) -> frozenset[str]:
    """Names that a template reads from its context.

    Raises:
        turncoat.errors.TemplateError: The template cannot be parsed.
    """
    try:
        return frozenset(meta.find_undeclared_variables(_environment().parse(source)))
    except TemplateError as error:
        raise errors.TemplateError(f"{place}: {_first_line(error)}") from error


def render(source: str, context: dict[str, Any], place: str) -> str:
    """Render one template.

    Args:
        source: The template's text.
        context: Its variables.
        place: File and key, for messages.

    Raises:
        turncoat.errors.TemplateError: A syntax error, a variable without a value, a forbidden construct, or a
            result beyond `MAX_RENDERED` characters.
    """
    if not has_markup(source):
        return source
    try:
        parts: list[str] = []
        length = 0
        template = _compiled(source)
        # The context is shared, not copied: templates cannot assign to it, and copying is half the cost.
        for chunk in template.root_render_func(template.new_context(context, shared=True)):
            length += len(chunk)
            if length > MAX_RENDERED:
                raise errors.TemplateError(f"{place}: renders to more than {MAX_RENDERED} characters")
            parts.append(chunk)
    except TemplateError as error:
        raise errors.TemplateError(f"{place}: {_first_line(error)}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError) as error:
        raise errors.TemplateError(f"{place}: {type(error).__name__}: {_first_line(error)}") from error
    return "".join(parts)


def _first_line(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    line = getattr(error, "lineno", None)
    return f"line {line}: {text}" if line else text
