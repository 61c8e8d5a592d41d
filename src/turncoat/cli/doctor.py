"""The command that says what is installed and set, and writes the line that belongs into a bug report."""

import os
import platform
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from shutil import which
from typing import Literal

from turncoat.base.version import __version__
from turncoat.cli.app import AsJson, answer, app

State = Literal["ok", "missing", "wrong"]
"""`missing` is something that can be done without; `wrong` is not."""

SIGNS = {"ok": "✓", "missing": "–", "wrong": "✗"}

KEYS = {
    "OPENAI_API_KEY": "openai/…",
    "ANTHROPIC_API_KEY": "anthropic/…",
    "GOOGLE_API_KEY": "google/…",
    "GROK_API_KEY": "grok/…",
    "XAI_API_KEY": "grok/…",
    "DEEPSEEK_API_KEY": "deepseek/…",
    "MISTRAL_API_KEY": "mistral/…",
    "OPENROUTER_API_KEY": "openrouter/…",
    "TOGETHER_API_KEY": "together/…",
    "AZUREAI_OPENAI_API_KEY": "openai/azure/…",
    "AWS_ACCESS_KEY_ID": "bedrock/…, and logs in S3",
}
"""Variable → the models that need it. Only whether it is set is said, never its value."""

TESTED_INSPECT = "0.3.283"
"""The oldest version of Inspect that the tests run with; they also run with the newest below the next minor one."""

_NEED = re.compile(r"(?P<name>[\w.-]+)(?:\[[^\]]*\])?(?P<range>[^;]*)(?:;\s*extra\s*==\s*['\"](?P<extra>[\w-]+)['\"])?")


@dataclass(frozen=True)
class Found:
    """One thing that was looked at."""

    part: str
    name: str
    state: State
    said: str


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is installed and set: versions, extras, keys (never their values), Chromium. Nothing is sent."""
    found = list(looked_at())
    data = {"found": [asdict(f) for f in found], "line": line(found)}
    answer(as_json, data, "\n".join([*_lines(found), "", "For a bug report:", line(found)]))


def looked_at() -> Iterator[Found]:
    """Everything that is looked at, part by part."""
    yield Found("versions", "turncoat", "ok", __version__)
    yield _python()
    yield from _needed()
    yield from _extras()
    yield from _keys()
    yield from _programs()


def _lines(found: list[Found]) -> Iterator[str]:
    width, part = max(len(f.name) for f in found), ""
    for f in found:
        if f.part != part:
            yield f"{part and chr(10)}{f.part}"
            part = f.part
        yield f"  {SIGNS[f.state]} {f.name:<{width}}  {f.said}"


def line(found: list[Found]) -> str:
    """One line for a bug report: versions, extras that are there, what is wrong. No key, no folder's or host's name."""
    named = {f.name: f.said.partition(" ")[0] for f in found if f.part == "versions"}
    extras = [f.name for f in found if f.part == "extras" and f.state == "ok"]
    wrong = [f"{f.name}: {f.said}" for f in found if f.state == "wrong"]
    said = [f"turncoat {__version__}", f"Python {platform.python_version()}", platform.system()]
    said += [f"Inspect {named.get('inspect-ai', 'missing')}", f"extras {', '.join(extras) or 'none'}"]
    return "; ".join([*said, *([f"wrong: {', '.join(wrong)}"] if wrong else [])])


def _python() -> Found:
    known = [c.rpartition(" ")[2] for c in _classifiers() if re.search(r":: 3\.\d+$", c)]
    here = ".".join(platform.python_version_tuple()[:2])
    state: State = "ok" if not known or here in known else "missing"
    note = f"known to work: {', '.join(known)}" if known else ""
    return Found("versions", "python", state, f"{platform.python_version()} ({note})" if note else here)


def _classifiers() -> list[str]:
    from importlib import metadata

    try:
        return metadata.metadata("turncoat").get_all("Classifier") or []
    except metadata.PackageNotFoundError:
        return []


def _needs() -> list[tuple[str, str, str]]:
    """What the package declares: name, range of versions, and the extra that it belongs to, or ""."""
    from importlib import metadata

    try:
        declared = metadata.requires("turncoat") or []
    except metadata.PackageNotFoundError:
        return []
    matches = (_NEED.match(text) for text in declared)
    return [(m["name"], m["range"].strip(), m["extra"] or "") for m in matches if m]


def _installed(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _needed() -> Iterator[Found]:
    for name, wanted, extra in _needs():
        if extra:
            continue
        here = _installed(name)
        note = f"needs {wanted}" + (f"; tested from {TESTED_INSPECT}" if name == "inspect-ai" else "")
        yield Found("versions", name, "ok" if within(here, wanted) else "wrong", f"{here or 'not installed'} ({note})")


def within(here: str, wanted: str) -> bool:
    """Whether a version lies within a range such as `>=0.3.283,<0.4`; what is not installed does not."""
    limits = re.findall(r"(>=|<)\s*([\d.]+)", wanted)
    at = _numbers(here)
    return bool(here) and all(at >= _numbers(v) if sign == ">=" else at < _numbers(v) for sign, v in limits)


def _numbers(text: str) -> tuple[int, ...]:
    """The leading numbers of a version, as long as those of others."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    parts = [int(n) for n in found[0].split(".")] if found else []
    return tuple([*parts, 0, 0, 0, 0][:4])


def _extras() -> Iterator[Found]:
    named = dict.fromkeys(extra for _, _, extra in _needs() if extra)
    for extra in sorted(named):
        names = [name for name, _, of in _needs() if of == extra]
        gone = [name for name in names if not _installed(name)]
        said = ", ".join(f"{n} {_installed(n)}" for n in names if _installed(n)) if not gone else ""
        how = f"pip install 'turncoat[{extra}]' brings {', '.join(gone)}"
        yield Found("extras", extra, "missing" if gone else "ok", how if gone else said)


def _keys() -> Iterator[Found]:
    for name, models in KEYS.items():
        there = bool(os.environ.get(name))
        yield Found("keys", name, "ok" if there else "missing", f"{'set' if there else 'not set'}; for {models}")


def _programs() -> Iterator[Found]:
    from turncoat.base.errors import TurncoatError
    from turncoat.webmail.browser.chromium import find_chromium

    try:
        yield Found("programs", "chromium", "ok", find_chromium())
    except (TurncoatError, ImportError):
        yield Found("programs", "chromium", "missing", "not found; the webmail in a browser needs it, nothing else")
    for name, use in (("docker", "agents in a sandbox of their own"), ("git", "the commands of the Makefile")):
        place = which(name)
        yield Found("programs", name, "ok" if place else "missing", f"{place or 'not found'}; for {use}")
