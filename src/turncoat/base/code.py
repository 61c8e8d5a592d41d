"""What code says, as hashes: the modules that something depends on, without comments, formatting and docstrings.

Needs the standard library alone and runs nothing of what it reads. Every supported Python gives the same hashes: the
syntax tree is walked here, since what `ast.dump` prints differs from version to version.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

_UNSAID = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields that say nothing, or not in every version."""


class Said(NamedTuple):
    """What one module says.

    Attributes:
        hash: SHA-256 over its syntax tree.
        imports: Names of modules, and of what is imported from them.
    """

    hash: str
    imports: tuple[str, ...]


def said(source: bytes) -> Said:
    """Read one module."""
    reader = _Reader()
    reader.read(ast.parse(source))
    return Said(reader.hash, tuple(sorted(reader.imports)))


def code_of(
    root: Path, starts: Iterable[str], outside: Collection[str] = (), read: Callable[[bytes], Said] = said
) -> dict[str, str]:
    """The modules of a package that some of its modules depend on, by their import statements, and what they say.

    Imports inside functions count, those for type checkers alone do not. A package that holds a module counts by its
    `__init__`, except for the root, which only names what there is.

    Args:
        root: Folder of the package, such as `src/turncoat`.
        starts: Names of modules, such as `turncoat.scoring.score`.
        outside: Names of packages that are left out, with all that only they depend on.
        read: Reads a module; see `turncoat.base.code_kept` for one that remembers.

    Returns:
        Module's name → hash of what it says, sorted; the starts included.

    Raises:
        FileNotFoundError: A start does not exist.
    """
    waiting = list(starts)
    if missing := [name for name in waiting if _file(root, name) is None]:
        raise FileNotFoundError(f"{missing[0]}: no such module in {root}")
    found: dict[str, str] = {}
    looked_for: set[str] = set()
    while waiting:
        name = waiting.pop()
        left_out = name in looked_for or name == root.name or any(f"{name}.".startswith(f"{o}.") for o in outside)
        looked_for.add(name)
        path = None if left_out else _file(root, name)
        if path is not None:
            found[name], imports = read(path.read_bytes())
            waiting += [name.rpartition(".")[0], *imports]
    return dict(sorted(found.items()))


def _file(root: Path, name: str) -> Path | None:
    package, *parts = name.split(".")
    place = root.joinpath(*parts)
    found = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return found if package == root.name and found.is_file() else None


def hash_of(words: Iterable[str]) -> str:
    """SHA-256 over words without line breaks, in hex digits."""
    return hashlib.sha256("\n".join(words).encode("utf-8")).hexdigest()


class _Reader:
    """Puts a syntax tree in words: each node by its kind, and its fields between brackets."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.imports: set[str] = set()

    @property
    def hash(self) -> str:
        return hash_of(self.words)

    def read(self, item: object) -> None:
        """Take in a node, or what stands in a field of one."""
        if not isinstance(item, ast.AST):
            self.words.append(f"{type(item).__name__}:{item!a}")
            return
        match item:
            case ast.Expr(value=ast.Constant(value=str())):
                return  # a docstring, of whatever it is
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=orelse):
                for other in orelse:
                    self.read(other)
                return
            case ast.Import(names=names):
                self.imports.update(alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                self.imports.update((module, *(f"{module}.{alias.name}" for alias in names)))
        self.words.append(type(item).__name__)
        for name in item._fields:
            if name not in _UNSAID:
                self._field(name, getattr(item, name, None), item)

    def _field(self, name: str, value: object, of: ast.AST) -> None:
        if value is None or value == []:
            return
        self.words.append(f"{name}[")
        for part in _pieces(of) if isinstance(of, ast.JoinedStr) else value if isinstance(value, list) else (value,):
            self.read(part)
        self.words.append("]")


def _pieces(node: ast.JoinedStr) -> Iterable[object]:
    """The parts of an f-string; how its plain text is cut into pieces differs between versions of Python."""
    text = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            yield from (text, part)
            text = ""
    yield text
