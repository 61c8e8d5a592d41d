"""Templates of scenario data, rendered in Jinja's sandbox: scenario folders come from strangers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import Template, TemplateError, meta, nodes

from turncoat.base import errors
from turncoat.scenarios.sandbox import MAX_RENDERED, MissingError, Sandbox, allow_work

__all__ = ["MAX_RENDERED", "Text", "compared", "has_markup", "render", "variables"]


@lru_cache(maxsize=1)
def _environment() -> Sandbox:
    return Sandbox()


@lru_cache(maxsize=8192)
def _compiled(source: str) -> Template:
    return _environment().from_string(_environment().bounded(source))


_BROKEN = (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError, SyntaxError)
"""What a template's compiling and rendering raise beside Jinja's own errors; nesting without end among them."""


def has_markup(source: str) -> bool:
    """Whether a string is a template at all; most fields are plain."""
    return "{" in source and ("{{" in source or "{%" in source or "{#" in source)


def variables(source: str, place: str, line: int = 0) -> frozenset[str]:
    """Names that a template reads from its context; the arguments are those of `render`.

    Raises:
        turncoat.base.errors.TemplateError: The template cannot be parsed.
    """
    try:
        return frozenset(meta.find_undeclared_variables(_environment().parse(source)))
    except (TemplateError, *_BROKEN) as error:
        raise errors.TemplateError(f"{place}: {_said(error, source, line, {})}") from error


def compared(source: str) -> Iterator[tuple[str, str, int]]:
    """What a template compares with literal texts: the variable, the text, and the line of the template."""
    for test in _environment().parse(source).find_all(nodes.Compare):
        if isinstance(test.expr, nodes.Name):
            for literal in (c for operand in test.ops for c in operand.find_all(nodes.Const)):
                if isinstance(literal.value, str):
                    yield test.expr.name, literal.value, literal.lineno


class Text(NamedTuple):
    """A template and where it stands; the fields are the arguments of `render`."""

    source: str
    place: str
    line: int = 0

    def within(self, context: dict[str, Any]) -> str:
        """The text with these variables.

        Raises:
            turncoat.base.errors.TemplateError: As `render`.
        """
        return render(self.source, context, self.place, self.line)


def render(source: str, context: dict[str, Any], place: str, line: int = 0) -> str:
    """Render one template.

    Args:
        source: The template's text.
        context: Its variables.
        place: File and key, for messages.
        line: Line of the file on which the text begins; 0 if it is not known.

    Raises:
        turncoat.base.errors.TemplateError: A syntax error, a variable without a value, a forbidden construct, or a
            result beyond `MAX_RENDERED` characters.
    """
    if not has_markup(source):
        return source
    try:
        template = _compiled(source)
        allow_work()
        parts: list[str] = []
        length = 0
        # The variables are shared, not copied: copying them is half the cost.
        for chunk in template.root_render_func(template.new_context(context, shared=True)):
            length += len(chunk)
            if length > MAX_RENDERED:
                raise errors.TemplateError(f"{place}: renders to more than {MAX_RENDERED} characters")
            parts.append(chunk)
        return "".join(parts)
    except (TemplateError, *_BROKEN) as error:
        raise errors.TemplateError(f"{place}: {_said(error, source, line, context)}") from error


def _said(error: BaseException, source: str, first: int, variables: Mapping[str, Any]) -> str:
    """What is wrong with a template, in one line, with the line on which it stands."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    number = getattr(error, "lineno", None)
    if isinstance(error, MissingError):
        what, number = _written(error, source)
        names = list(variables if error.of is None else _fields(error.of))
        where = getattr(error.of, "_where", "")
        text = f"{what} is not there" + (f"; there are{where}: {errors.nearest(error.name, names)}" if names else where)
    elif not isinstance(error, TemplateError):
        text = f"{type(error).__name__}: {text}"
    if not number or (first == 0 and "\n" not in source):
        return text
    return f"line {number + first - 1}: {text}" if first else f"line {number} of the text: {text}"


def _fields(thing: Any) -> Iterable[str]:
    """What a template may ask a thing for, by name."""
    return thing if isinstance(thing, Mapping) else getattr(thing, "_fields", ())


def _written(error: MissingError, source: str) -> tuple[str, int]:
    """How a template asks for what is not there (`tester.frist`), and on which line of it."""
    tree, name = _environment().parse(source), error.name[: errors.LONGEST]
    if error.of is None:
        places = (n for n in tree.find_all(nodes.Name) if n.name == error.name)
        return repr(name), next((n.lineno for n in places), 0)
    for node in tree.find_all(nodes.Getattr):
        if node.attr == error.name and isinstance(node.node, nodes.Name):
            return repr(f"{node.node.name}.{name}"), node.lineno
    return repr(name), 0
