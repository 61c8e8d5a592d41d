"""What an author has answered so far: kept line by line, so that a stopped command goes on where it was.

`author/order.json` says what was asked for; `author/journal.jsonl` what was accepted, taken back, refused and spent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path as File
from typing import Any

from turncoat.base.errors import OutputError, UsageError
from turncoat.base.files import add_lines, reason, write_whole
from turncoat.base.text import unbroken
from turncoat.search.author_order import Order
from turncoat.search.author_pieces import Path, Piece

ORDER, JOURNAL = "order.json", "journal.jsonl"
KEPT = 4000
"""Characters of a refused answer that are kept."""
_CUT = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What a line that a kill cut off raises; it is passed over."""


def dollars_in(folder: File) -> float:
    """What an order has cost so far, by its folder `author`; 0 where there is none.

    Raises:
        OutputError: Its journal cannot be read.
    """
    spent = 0.0
    for entry in _entries(folder / JOURNAL):
        with suppress(*_CUT):
            spent += float(entry["dollars"]) if entry["what"] == "call" else 0.0
    return spent


def _entries(file: File) -> Iterator[Any]:
    """The lines of a journal; none where there is no file."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    except OSError as error:
        raise OutputError(f"{file}: {reason(error)}") from None
    for line in lines:
        with suppress(*_CUT):
            yield json.loads(line)


class Journal:
    """The record of one order.

    Args:
        folder: The folder `author` of the order's own folder.
        order: What is asked for.

    Raises:
        UsageError: The folder is of another order.
        OutputError: It cannot be written, or something else stands there.
    """

    def __init__(self, folder: File, order: Order) -> None:
        self._file = folder / JOURNAL
        self.written_on = order.written_on
        self.spent = 0.0
        self.calls = 0
        self.texts: dict[str, tuple[str, str]] = {}
        """Piece → its source and the accepted text."""
        self.reasons: dict[str, str] = {}
        """Piece → why its last text was taken back."""
        self._begin(folder, order)
        add_lines(self._file)  # so that nothing is paid that could not be kept
        self._read()

    def _begin(self, folder: File, order: Order) -> None:
        head = folder / ORDER
        try:
            if head.is_file():
                told = json.loads(head.read_text(encoding="utf-8"))
                if told.get("order") != order.fixed:
                    changed = [k for k, v in order.fixed.items() if (told.get("order") or {}).get(k) != v]
                    raise UsageError(
                        f"{folder.parent}: holds the work on another order ({', '.join(changed)}); "
                        "give the same options to go on with it, or another --out"
                    )
                self.written_on = date.fromisoformat(told["written_on"])
                return
            if folder.parent.exists() and any(p.name != ".turncoat-begun" for p in folder.parent.iterdir()):
                raise OutputError(f"{folder.parent}: is there already; name a new folder")
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder}: {reason(error)}") from None
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            raise OutputError(f"{head}: cannot be read; remove {folder.parent} to begin anew") from None
        head_data = {"order": order.fixed, "written_on": order.written_on.isoformat()}
        write_whole(head, json.dumps(head_data, indent=2, ensure_ascii=False) + "\n")

    def _read(self) -> None:
        for entry in _entries(self._file):
            with suppress(*_CUT):
                self._take(entry)

    def _take(self, entry: dict[str, Any]) -> None:
        match entry["what"]:
            case "accepted":
                self.texts[entry["id"]] = (entry["source"], entry["text"])
                self.reasons.pop(entry["id"], None)
            case "taken back":
                self.texts.pop(entry["id"], None)
                self.reasons[entry["id"]] = entry["why"]
            case "call":
                self.spent += float(entry["dollars"])
                self.calls += int(entry.get("calls", 1))

    def note(self, what: str, **more: Any) -> None:
        """Write one line, and take it in.

        Raises:
            OutputError: It cannot be written.
        """
        entry = {"what": what, **more}
        line = json.dumps(entry, ensure_ascii=False)
        add_lines(self._file, unbroken(line))
        self._take(entry)

    def accept(self, piece: Piece, text: str) -> None:
        """Keep a text."""
        self.note("accepted", id=piece.id, source=piece.source, text=text)

    def take_back(self, piece: Piece, why: str) -> None:
        """Give a text up, with the reason, which its author is told."""
        text = self.texts.get(piece.id, ("", ""))[1]
        self.note("taken back", id=piece.id, why=why, text=text[:KEPT])

    def refuse(self, step: str, why: list[str], raw: str) -> None:
        """Keep what was no use, with the reasons."""
        self.note("refused", step=step, why=why[:20], raw=raw[:KEPT])

    def text_of(self, piece: Piece) -> str | None:
        """The accepted text of a piece, if it was written for the same source."""
        source, text = self.texts.get(piece.id, ("", ""))
        return text if piece.id in self.texts and source == piece.source else None

    def written(self, pieces: list[Piece]) -> Mapping[Path, str]:
        """All texts that are accepted, by their places."""
        return {p.path: text for p in pieces if (text := self.text_of(p)) is not None}
