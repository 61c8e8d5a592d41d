"""Jinja's sandbox with bounds on work and memory: scenario folders come from strangers.

A template's work is what it holds, once, plus its loops; so each turn of a loop is counted by what its body holds. Its
values are texts, numbers and the variables it is given; texts and numbers may grow to a limit only, and a list cannot
be built from variables, so that nothing doubles by holding itself twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

MAX_RENDERED = 200_000
"""Most characters that one template may render to, and that a text within it may grow to."""
MAX_WORK = 200_000
"""Most parts of a template that its loops may evaluate."""
MAX_NUMBER = 10**12
"""Largest number that is calculated with."""

_left: ContextVar[list[int]] = ContextVar("left")
"""What the rendering at hand may still evaluate in loops."""

_REFUSED = (
    nodes.AssignBlock,
    nodes.Macro,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.Block,
    nodes.Import,
    nodes.FromImport,
    nodes.NSRef,
)
_COLLECTIONS = (nodes.List, nodes.Tuple, nodes.Dict)
_VARYING = (nodes.Name, nodes.Filter)


class MissingError(UndefinedError):
    """A variable or field that is not there: `name`, of the thing `of` (None for a variable)."""

    def __init__(self, of: Any, name: str, message: str) -> None:
        super().__init__(message)
        self.of, self.name = of, name


class _Undefined(StrictUndefined):
    """A variable without a value, whose error can be worded by who knows what there is."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: Any = UndefinedError
    ) -> None:
        if exc is UndefinedError and hint is None:
            exc = partial(MissingError, None if obj is missing else obj, str(name))
        super().__init__(hint, obj, name, exc)


class Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox without loaders, filters that build huge strings, calls, or dunder access."""

    def __init__(self) -> None:
        super().__init__(undefined=_Undefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
        self.intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
        kept = {name: self.filters[name] for name in _FILTERS}
        self.filters = {**kept, "join": _join, "replace": _replace, _TURNS: _turns, _JOINED: _joined}
        self.globals = {}

    def bounded(self, source: str) -> nodes.Template:
        """Parse a template and put the counting of loops into it.

        Raises:
            TemplateSyntaxError: It is none, or holds what is not available here.
        """
        tree = self.parse(source)
        for refused in tree.find_all(_REFUSED):
            raise TemplateSyntaxError(f"{type(refused).__name__.lower()} is not available", refused.lineno)
        for used in tree.find_all(nodes.Filter):
            if used.name.startswith("_"):
                raise TemplateSyntaxError(f"filter {used.name} is not available", used.lineno)
        for collection in tree.find_all(_COLLECTIONS):
            if getattr(collection, "ctx", "load") == "load" and any(collection.find_all(_VARYING)):
                raise TemplateSyntaxError("a list can hold plain values only", collection.lineno)
        visited: nodes.Template = _Counting().visit(tree)
        return visited

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute or entry that a template asks for."""
        # The two ordinary cases quickly: an entry of a mapping, and a text of a person or goal.
        if type(obj) is dict:
            if attribute in obj:
                return obj[attribute]
        elif not attribute.startswith("_") and type(value := getattr(obj, attribute, None)) is str:
            return value
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see an attribute."""
        # Enough here, and quick: nothing can be called, so a method that is reached can only be printed.
        return not attr.startswith("_")

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Refused: nothing can be called."""
        raise SecurityError("templates may not call functions")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate, within bounds."""
        texts = operator == "+" and isinstance(left, str) and isinstance(right, str)
        if not texts and not all(isinstance(x, int | float) for x in (left, right)):
            raise SecurityError(f"operator {operator} works on numbers only")
        if operator == "**":
            raise SecurityError("operator ** is not available")
        if texts:
            return _joined([left, right])
        if max(abs(left), abs(right)) > MAX_NUMBER:
            raise SecurityError(f"numbers above {MAX_NUMBER} are not calculated with")
        return super().call_binop(context, operator, left, right)


def allow_work() -> None:
    """Start the count for one rendering."""
    _left.set([MAX_WORK])


_FILTERS = ("capitalize", "default", "first", "last", "length", "lower", "title", "trim", "upper")
_TURNS, _JOINED = "_turns", "_joined"  # put in by us; a template that names them is refused


class _Counting(NodeTransformer):
    """Puts the counting filters where loops and joins stand."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's name
        size = nodes.Const(1 + sum(1 for _ in node.find_all(nodes.Node)))
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _TURNS, [size], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, _JOINED, [], [], None, None, lineno=node.lineno)


def _turns(items: Iterable[Any], size: int) -> Iterator[Any]:
    left = _left.get()
    for item in items:
        left[0] -= size
        if left[0] < 0:
            raise SecurityError(f"loops that evaluate more than {MAX_WORK} parts of the template")
        yield item


def _joined(parts: list[Any]) -> str:
    return _join(parts)


def _join(value: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        raise SecurityError("join takes no attribute here")
    texts: list[str] = []
    length = 0
    for item in value:
        texts.append(str(item))
        length += len(texts[-1]) + (len(d) if len(texts) > 1 else 0)
        if length > MAX_RENDERED:
            raise SecurityError(f"a text of more than {MAX_RENDERED} characters")
    return str(d).join(texts)


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    text, old, new = str(text), str(old), str(new)
    times = text.count(old) if count < 0 else min(count, text.count(old))
    if len(text) + times * (len(new) - len(old)) > MAX_RENDERED:
        raise SecurityError(f"a text of more than {MAX_RENDERED} characters")
    return text.replace(old, new, count)
