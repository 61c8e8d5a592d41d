"""Templates of scenario data in Jinja's sandbox, with bounds on work and memory: scenario folders come from strangers.

A template's work is what it holds, once, plus its loops; so each turn of a loop is counted by what its body holds. Its
values are texts, numbers and the variables it is given; texts and numbers may grow to a limit only, and a list cannot
be built from variables, so that nothing doubles by holding itself twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, meta, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from turncoat.base import errors

MAX_RENDERED = 200_000
"""Most characters that one template may render to, and that a text within it may grow to."""
MAX_WORK = 200_000
"""Most parts of a template that its loops may evaluate."""
NESTED = 20
"""What a rendering within another one counts beside its loops."""
MAX_NUMBER = 10**12
"""Largest number that is calculated with."""

_left: ContextVar[list[int] | None] = ContextVar("left", default=None)
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
        super().__init__(
            undefined=_Undefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=_written_out
        )
        self.intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
        kept = {name: self.filters[name] for name in _FILTERS} | {name: partial(_of_text, name) for name in _OF_TEXTS}
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
        # A mapping has its entries and nothing else, a text or a number nothing at all; what others have is data.
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self._nothing(obj, attribute)
        if isinstance(obj, _BARE) or type(obj) is tuple:
            return self._nothing(obj, attribute)
        if not attribute.startswith("_") and type(value := getattr(obj, attribute, None)) is str:
            return value
        return super().getattr(obj, attribute)

    def _nothing(self, obj: Any, name: str) -> Undefined:
        return self.unsafe_undefined(obj, name) if name.startswith("_") else self.undefined(obj=obj, name=name)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """An entry that a template asks for; a text in brackets is no other way to an attribute."""
        return self.getattr(obj, argument) if isinstance(argument, str) else super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see an attribute: what can be called is no data, and would show an address."""
        return not attr.startswith("_") and not callable(value)

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


@contextmanager
def _bounded_work() -> Iterator[None]:
    """Count the work of one rendering, and of what it renders meanwhile, such as the lines that a template names."""
    left = _left.get()
    if left is not None:
        _spend(left, NESTED)
        yield
        return
    token = _left.set([MAX_WORK])
    try:
        yield
    finally:
        _left.reset(token)


def _spend(left: list[int], size: int) -> None:
    left[0] -= size
    if left[0] < 0:
        raise SecurityError(f"loops that evaluate more than {MAX_WORK} parts of the template")


_FILTERS = ("default", "first", "last", "length")
_OF_TEXTS = ("capitalize", "lower", "title", "trim", "upper")
_BARE = (str, int, float, list, type(None))


def _written_out(value: Any) -> Any:
    """What is put into the text: never a thing that has no words of its own, and would show where it lies in memory."""
    if type(value) is str:
        return value
    own: Any = type(value)
    if own.__str__ is object.__str__ and own.__repr__ is object.__repr__:
        raise SecurityError("what has no words of its own cannot be written; name one of its fields")
    if isinstance(value, LoopContext | TemplateReference) or (callable(value) and not isinstance(value, Undefined)):
        raise SecurityError("the template's own machinery cannot be written")
    return value


def _of_text(name: str, value: Any, *args: Any) -> str:
    return str(FILTERS[name](_written_out(value), *args))


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
    left = _left.get() or [0]
    for item in items:
        _spend(left, size)
        yield item


def _joined(parts: list[Any]) -> str:
    return _join(parts)


def _join(value: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        raise SecurityError("join takes no attribute here")
    texts: list[str] = []
    length = 0
    for item in value:
        texts.append(str(_written_out(item)))
        length += len(texts[-1]) + (len(d) if len(texts) > 1 else 0)
        if length > MAX_RENDERED:
            raise SecurityError(f"a text of more than {MAX_RENDERED} characters")
    return str(d).join(texts)


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    text, old, new = (str(_written_out(value)) for value in (text, old, new))
    times = text.count(old) if count < 0 else min(count, text.count(old))
    if len(text) + times * (len(new) - len(old)) > MAX_RENDERED:
        raise SecurityError(f"a text of more than {MAX_RENDERED} characters")
    return text.replace(old, new, count)


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


@lru_cache(maxsize=8192)
def _read_by(source: str) -> frozenset[str]:
    return frozenset(meta.find_undeclared_variables(_environment().parse(source)))


def variables(source: str, place: str, line: int = 0) -> frozenset[str]:
    """Names that a template reads from its context; the arguments are those of `render`.

    Raises:
        turncoat.base.errors.TemplateError: The template cannot be parsed.
    """
    if not has_markup(source):
        return frozenset()
    try:
        return _read_by(source)
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
        with _bounded_work():
            parts: list[str] = []
            length = 0
            # The variables are shared, not copied, and there are no globals to look through: half the cost otherwise.
            for chunk in template.root_render_func(Context(_environment(), context, template.name, template.blocks)):
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
