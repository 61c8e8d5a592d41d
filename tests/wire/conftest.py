"""Surroundings of every test here: the keys and proxies of the machine play no part, and retries come at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .clients import quick_retries

FOREIGN = ("OPENAI", "ANTHROPIC", "AZURE", "BEDROCK", "AWS", "INSPECT", "SSL_CERT")


def plain_traceback(*exception: object, **options: object) -> tuple[str, str]:
    """Stands in for Inspect's traceback in text and in colour."""
    return repr(exception[1]), repr(exception[1])


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the machine's provider settings, keep proxies away from loopback, and make Inspect retry at once."""
    for name in list(os.environ):
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # Every client would read all the certificates it trusts; over plain HTTP a folder without any does as well.
    monkeypatch.setenv("SSL_CERT_DIR", str(Path(__file__).parent))
    # Rendering a failed attempt's traceback in colour takes Inspect 0.2 s of computing, most of these tests' time.
    # If Inspect moves the function, nothing breaks but the pace.
    monkeypatch.setattr("inspect_ai.model._model.format_traceback", plain_traceback, raising=False)
    # Prices that other tests made known would stand in the usage here.
    monkeypatch.setattr("inspect_ai.model._model_info._custom_models", {})
    monkeypatch.setattr("inspect_ai.model._model_info._result_cache", {})
    with quick_retries():
        yield
