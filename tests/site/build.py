"""`python -m tests.site.build`: collect the pages, build the site, check its links; no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.shared import ROOT
from tests.site.links import broken_links
from tests.site.pages import collect

PAGES = ROOT / "build" / "docs"
SITE = ROOT / "build" / "site"
WARNINGS = ("warning", "error", "traceback", "panicked")


def build() -> list[str]:
    """Build the site; what is wrong, a line each, warnings and broken links alike."""
    shutil.rmtree(PAGES, ignore_errors=True)
    collect(PAGES)
    shutil.rmtree(SITE, ignore_errors=True)
    zensical = Path(sys.executable).with_name("zensical")
    command = [str(zensical), "build", "--clean", "--strict", "--config-file", str(ROOT / "mkdocs.yml")]
    plain = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False)
    told = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if done.returncode != 0 or any(word in line.lower() for line in told for word in WARNINGS):
        return told or [f"zensical ended with {done.returncode}"]
    return broken_links(SITE)


def main() -> None:
    """Build, and end with 1 if anything is wrong."""
    problems = build()
    fine = f"{SITE / 'index.html'}: no warning, no broken link; to search in it: python -m http.server -d {SITE}"
    print("\n".join(problems) or fine)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
