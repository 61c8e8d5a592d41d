"""Build wheel and sdist, install each where there is no repository, and see that what a stranger types first works.

Run by `make release-check`; needs a package index, and some minutes. It is no part of `make test`.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = "Scripts" if os.name == "nt" else "bin"

COMMANDS = (
    ("turncoat", "--version"),
    ("turncoat", "doctor"),
    ("turncoat", "list"),
    ("turncoat", "demo", "--worlds", "1"),
    ("inspect", "eval", "turncoat/blackmail", "--model", "sim/insider", "--limit", "2", "--display", "plain"),
    ("turncoat", "report", "logs", "--out", "again.html"),
)
"""What is typed in an empty folder, with the installed package alone."""

RUNNERS = (("uvx", "--from"), ("pipx", "run", "--spec"))
"""Programs that run a command out of a wheel without installing it, and how each is given the wheel."""

IN_SDIST = ("README.md", "LICENSE", "CITATION.cff", "CHANGELOG.md", "pyproject.toml", "docs/data.md")
"""What the sdist holds beside the sources."""


def run(*command: str | Path, cwd: Path, **known: str | Path) -> str:
    """Run a command without this repository on its paths, and with further variables; its output.

    Raises:
        SystemExit: It failed; what it wrote has been printed.
    """
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")}
    clean |= {name: str(value) for name, value in known.items()}
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=clean, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def built(place: Path) -> tuple[Path, Path]:
    """Wheel and sdist, built from the repository, and the wheel that the sdist gives: with the same files."""
    tools = place / "tools" / PROGRAMS
    run(tools / "python", "-m", "build", "--outdir", place / "dist", ROOT, cwd=place)
    (wheel,), (sdist,) = (place / "dist").glob("*.whl"), (place / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}
    if missing := [name for name in IN_SDIST if name not in there]:
        raise SystemExit(f"{sdist.name} lacks {', '.join(missing)}")
    run(tools / "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", place / "again", sdist, cwd=place)
    (again,) = (place / "again").glob("*.whl")
    if files_of(wheel) != files_of(again):
        raise SystemExit(
            f"{sdist.name} gives a wheel with other files: {sorted(files_of(wheel) ^ files_of(again))[:5]}"
        )
    return wheel, sdist


def files_of(wheel: Path) -> set[str]:
    """The names of the files in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def through_runners(place: Path, wheel: Path) -> None:
    """See that the wheel works without being installed, through each of `RUNNERS`."""
    for runner, *given in RUNNERS:
        home = place / runner
        tools = place / "tools" / PROGRAMS
        own = {"UV_CACHE_DIR": home / "cache", "PIPX_HOME": home / "own", "PIPX_DEFAULT_PYTHON": tools / "python"}
        said = run(tools / runner, *given, wheel, "turncoat", "--version", cwd=place / "empty", **own)
        print("ok:", runner, *given, wheel.name, "turncoat --version", f"({said.strip()})", flush=True)


def environment(place: Path, *packages: str | Path) -> Path:
    """A new environment with some packages; the folder of its programs."""
    venv.create(place, with_pip=True)
    programs = place / PROGRAMS
    run(programs / "python", "-m", "pip", "install", "--quiet", *packages, cwd=place)
    return programs


def main() -> None:
    """Build, install, and type what a stranger types first."""
    with tempfile.TemporaryDirectory(prefix="turncoat-release-") as name:
        place = Path(name)
        environment(place / "tools", "build", "uv", "pipx")
        wheel, sdist = built(place)
        print("built", ", ".join(f"{p.name} ({p.stat().st_size / 1e6:.1f} MB)" for p in (wheel, sdist)), flush=True)
        programs, empty = environment(place / "venv", wheel), place / "empty"
        empty.mkdir()
        for program, *arguments in COMMANDS:
            out = run(programs / program, *arguments, cwd=empty)
            said = out.strip().splitlines()
            print("ok:", program, *arguments, f"({said[-1][:90]})" if said else "", flush=True)
        for made in ("demo/report.html", "again.html"):
            if not (empty / made).is_file():
                raise SystemExit(f"{made} was not written")
        through_runners(place, wheel)


if __name__ == "__main__":
    main()
