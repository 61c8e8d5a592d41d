"""The common kind of template without Jinja's machinery: text, `{{ name.attribute }}`, and `{% if %}` on levels.

Nine in ten of the templates in scenario data need nothing else, and a study renders them for thousands of worlds. What
is out of the ordinary, in a template or in a value, is left to Jinja, which also words the errors; so this module
decides nothing but speed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import nodes

Piece = Callable[[Mapping[str, Any]], str]
"""Part of a template: from variables to text. Raises `LookupError` or `AttributeError` where Jinja has to look."""

_CASES: dict[str, Callable[[str], str]] = {"capitalize": str.capitalize, "lower": str.lower, "upper": str.upper}
"""Filters that are methods of texts."""

_Test = Callable[[Mapping[str, Any]], bool]


class NotQuick(LookupError):  # noqa: N818 - nothing is wrong
    """A template or a value that is left to Jinja."""


def quick(tree: nodes.Template) -> Piece | None:
    """Turn a parsed template into a function, or None if it holds anything out of the ordinary."""
    try:
        return _sequence(tree.body)
    except NotQuick:
        return None


def _sequence(items: Sequence[nodes.Node]) -> Piece:
    pieces: list[str | Piece] = []
    for item in items:
        match item:
            case nodes.Output(nodes=parts):
                pieces += [_part(part) for part in parts]
            case nodes.If():
                pieces.append(_choice(item))
            case _:
                raise NotQuick
    filled = tuple(p for p in pieces if not isinstance(p, str))
    if not filled:
        text = "".join(map(str, pieces))
        return lambda variables: text
    if len(pieces) == 1:
        return filled[0]
    pattern = "".join(p.replace("%", "%%") if isinstance(p, str) else "%s" for p in pieces)
    match filled:  # most have few places; a loop costs as much as they do
        case [first]:
            return lambda variables: pattern % first(variables)
        case [first, second]:
            return lambda variables: pattern % (first(variables), second(variables))
        case [first, second, third]:
            return lambda variables: pattern % (first(variables), second(variables), third(variables))
    return lambda variables: pattern % tuple([piece(variables) for piece in filled])


def _part(node: nodes.Node) -> str | Piece:
    return node.data if isinstance(node, nodes.TemplateData) else _output(node)


def _output(node: nodes.Node) -> Piece:
    match node:
        case nodes.Name(name=name):
            return _variable(name)
        case nodes.Getattr(node=nodes.Name(name=name), attr=attr) if not attr.startswith("_"):
            return _attribute(name, attr)
        case nodes.Getitem(node=nodes.Name(name=name), arg=nodes.Slice(start=start, stop=stop, step=None)):
            part = slice(_bound(start), _bound(stop))
            return lambda variables: _text(variables[name])[part]
        case nodes.Filter(node=nodes.Expr() as inner, name=name, args=[], kwargs=[]) if name in _CASES:
            value, change = _output(inner), _CASES[name]
            return lambda variables: change(value(variables))
        case _:
            raise NotQuick


def _bound(node: nodes.Expr | None) -> int | None:
    if node is not None and not (isinstance(node, nodes.Const) and type(node.value) is int):
        raise NotQuick
    return None if node is None else node.value


def _variable(name: str) -> Piece:
    def look(variables: Mapping[str, Any]) -> str:
        value = variables[name]
        return value if type(value) is str else _shown(value)

    return look


def _attribute(name: str, attr: str) -> Piece:
    def look(variables: Mapping[str, Any]) -> str:
        thing = variables[name]
        value = thing[attr] if type(thing) is dict else getattr(thing, attr)
        return value if type(value) is str else _shown(value)

    return look


def _shown(value: Any) -> str:
    """Another value as Jinja shows it: a whole number."""
    if type(value) is int:
        return str(value)
    raise NotQuick


def _text(value: Any) -> str:
    if type(value) is not str:
        raise NotQuick
    return value


def _choice(node: nodes.If) -> Piece:
    branches = [(_test(n.test), _sequence(n.body)) for n in (node, *node.elif_)]
    otherwise = _sequence(node.else_)
    if not node.elif_:
        ((holds_only, then_only),) = branches
        return lambda variables: then_only(variables) if holds_only(variables) else otherwise(variables)

    def choose(variables: Mapping[str, Any]) -> str:
        for holds, then in branches:
            if holds(variables):
                return then(variables)
        return otherwise(variables)

    return choose


def _test(node: nodes.Node) -> _Test:
    """A comparison of one variable with literal texts; Python compares as Jinja does."""
    match node:
        case nodes.Compare(expr=nodes.Name(name=name), ops=[nodes.Operand(op=op, expr=other)]):
            values = _literals(other)
            match op, other:
                case "eq", nodes.Const():
                    return lambda variables: variables[name] == values[0]
                case "ne", nodes.Const():
                    return lambda variables: variables[name] != values[0]
                case "in", nodes.List():
                    return lambda variables: variables[name] in values
                case "notin", nodes.List():
                    return lambda variables: variables[name] not in values
        case nodes.And(left=left, right=right):
            one, other_one = _test(left), _test(right)
            return lambda variables: one(variables) and other_one(variables)
    raise NotQuick


def _literals(node: nodes.Node) -> tuple[str, ...]:
    items = node.items if isinstance(node, nodes.List) else [node]
    values = tuple(item.value for item in items if isinstance(item, nodes.Const))
    if len(values) != len(items) or not all(isinstance(v, str) for v in values):
        raise NotQuick
    return values
