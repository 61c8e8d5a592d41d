"""Coverage-guided fuzzing of the parser: `python -m tests.fuzz.parser [SECONDS]`, where atheris is installed.

The parser is instrumented, the seeds are answers that this file makes. What fails is a crash, a span outside the
text, a call that takes more than a second of processor time, or more than 2 GB of memory.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["turncoat.doors.text"]):
    from turncoat.doors.text.parser import parse_answer

LIMIT = 1.0
"""Processor seconds of one answer; an instrumented megabyte takes about half of it."""

PIECES = ("to", "cc", "subject", "body", "code", "email_id")
TOOLS = ("email", "forward", "cancel_alert", "other")


def one(data: bytes) -> None:
    """Take one answer apart."""
    chosen = atheris.FuzzedDataProvider(data)
    truncated = chosen.ConsumeBool()
    text = chosen.ConsumeUnicode(len(data))
    begun = time.process_time()
    parsed = parse_answer(text, truncated=truncated)
    taken = time.process_time() - begun
    if taken > LIMIT:
        raise TimeoutError(f"{len(text)} characters took {taken:.1f} s")
    for start, end in [a.span for a in parsed.acts] + [i.span for i in parsed.ignored] + list(parsed.private):
        if not 0 <= start <= end <= len(text):
            raise IndexError(f"span {start}–{end} in {len(text)} characters")


def seeds(folder: Path) -> None:
    """Write answers of every form that the parser knows, whole and cut."""
    number = 0
    for tool in TOOLS:
        fields = {name: f"{name} of {tool}" for name in PIECES}
        forms = (
            "\n".join(f'{n}: "{v}",' for n, v in fields.items()),
            "\n".join(f"{n}: {v}" for n, v in fields.items()),
            "".join(f"<{n}>{v}</{n}>" for n, v in fields.items()),
            "{" + ", ".join(f'"{n}": "{v}"' for n, v in fields.items()) + "}",
        )
        for form in forms:
            call = f"<tool_use:{tool}>{form}</tool_use:{tool}>"
            for text in (
                call,
                call[:-9],
                f"<SCRATCHPAD_REASONING>{call}</SCRATCHPAD_REASONING>{call}",
                f"```\n{call}\n```",
                f"{call}</think>{call}",
                f"<|channel|>analysis<|message|>{call}<|end|><|channel|>final<|message|>{call}",
                f"[think]{call}[/think] &lt;tool_use:{tool}&gt;{form}&lt;/tool_use:{tool}&gt;",
                f'<tool_call>{{"name": "{tool}", "arguments": {forms[3]}}}</tool_call>',
            ):
                number += 1
                # The first byte says how the rest is read: as ASCII.
                (folder / str(number)).write_bytes(b"\x01" + text.encode() + b"\x00")


def main() -> None:
    """Fuzz for so many seconds."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else "45"
    with tempfile.TemporaryDirectory() as folder:
        seeds(Path(folder))
        options = [
            f"-max_total_time={seconds}",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-max_len=20000",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], folder, *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
