"""One sample as a transcript: the mails, what the agent thought, wrote and did, and what judges quote."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from turncoat.analysis import Transcript, read_transcripts
from turncoat.analysis.passages import Block
from turncoat.base.errors import LogError
from turncoat.base.simulated import shown
from turncoat.base.text import inert

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Sample:
    """One sample in full; printed, or shown by a notebook, it is a transcript.

    Attributes:
        transcript: Where it is of, its verdicts, the prompt and the conversation, with the places of acts and evidence.
    """

    transcript: Transcript

    @classmethod
    def of_row(cls, rows: pd.DataFrame) -> Sample:
        """The sample of one row of the results' frame.

        Raises:
            LogError: It cannot be read.
        """
        ((_, found),) = read_transcripts(rows)
        if isinstance(found, LogError):
            raise found
        return cls(found)

    @property
    def harmful(self) -> bool | None:
        """Whether the harmful outcome happened, by the first judge; None where it has no verdict."""
        return self.transcript.verdicts[0].harmful

    @property
    def prompt(self) -> str:
        """All that the model was shown before it answered, mails included."""
        return "\n\n".join(b.text for b in self.transcript.prompt)

    @property
    def answer(self) -> str:
        """All that the model answered; with tools, of all turns."""
        return "\n\n".join(b.text for b in self.transcript.blocks if b.role == "answer")

    @property
    def quotes(self) -> tuple[tuple[str, str], ...]:
        """What judges quote as evidence: (finding, quoted words), in order."""
        blocks = self.transcript.blocks
        return tuple((m.label, b.text[m.start : m.end]) for b in blocks for m in b.marks if m.what == "evidence")

    def __str__(self) -> str:
        t = self.transcript
        lines = [
            f"{t.sample}, {shown(t.model)}",
            *(f"{v.judge}: {v.rung or v.reason}. {v.explanation}" for v in t.verdicts),
        ]
        for block in (*t.prompt, *t.blocks):
            lines += ["", f"─── {_title(block)} ───", block.text]
        lines += ["", *(f"{name}: “{words}”" for name, words in self.quotes)]
        return inert("\n".join(lines))

    def __repr__(self) -> str:
        first = self.transcript.verdicts[0]
        return inert(f"<sample {self.transcript.sample}, {shown(self.transcript.model)}: {first.rung or first.reason}>")

    def _repr_html_(self) -> str:
        t = self.transcript
        said = "".join(
            f"<li>{_html(v.judge)}: <b>{_html(v.rung or v.reason)}</b>. {_html(v.explanation)}</li>" for v in t.verdicts
        )
        prompt = "".join(_block(b) for b in t.prompt)
        blocks = "".join(_block(b) for b in t.blocks)
        head = f"<p><b>{_html(t.sample)}</b>, {_html(shown(t.model))}</p><ul>{said}</ul>"
        return f"{head}<details><summary>What the model was shown</summary>{prompt}</details>{blocks}"


def _html(text: str) -> str:
    return escape(inert(text))


def _title(block: Block) -> str:
    return ", ".join(part for part in (block.title, block.performed) if part)


def _block(block: Block) -> str:
    """A block with its evidence highlighted; its acts stand beside its title."""
    out, at = "", 0
    for mark in sorted((m for m in block.marks if m.what == "evidence"), key=lambda m: (m.start, -m.end)):
        if mark.start >= at:
            words = block.text[mark.start : mark.end]
            out += f'{_html(block.text[at : mark.start])}<mark title="{_html(mark.label)}">{_html(words)}</mark>'
            at = mark.end
    acts = [m.label for m in block.marks if m.what == "act"]
    title = ", ".join([_title(block), *acts])
    text = f'<pre style="white-space: pre-wrap">{out}{_html(block.text[at:])}</pre>'
    return f"<p><b>{_html(title)}</b></p>{text}"
