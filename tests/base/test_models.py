"""Names of one model, and names of two that look alike."""

import pytest

from turncoat.base.models import model_identity, same_model

ONE = [
    ("openai/gpt-4.1", "openrouter/openai/gpt-4.1"),
    ("openai/gpt-4.1", "openai/azure/gpt-4.1"),
    ("openai/gpt-4.1", "openai/gpt-4.1-2025-04-14"),
    ("openai/gpt-4.1", "OpenAI/GPT-4.1"),
    ("openai/gpt-4", "openai/gpt-4-0613"),
    ("openai/gpt-4-turbo", "openai/gpt-4-turbo-preview"),
    ("anthropic/claude-3-5-sonnet-20241022", "anthropic/claude-3-5-sonnet-latest"),
    ("anthropic/claude-3-5-sonnet-20241022", "openrouter/anthropic/claude-3.5-sonnet:beta"),
    ("anthropic/claude-3-5-sonnet-latest", "anthropic/bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0"),
    ("anthropic/claude-opus-4-20250514", "anthropic/claude-opus-4-0"),
    ("anthropic/claude-sonnet-4-20250514", "anthropic/vertex/claude-sonnet-4@20250514"),
    ("google/gemini-2.5-pro", "google/vertex/gemini-2.5-pro-preview-05-06"),
    ("google/gemini-2.0-flash", "google/gemini-2.0-flash-001"),
    ("mistral/mistral-large-latest", "mistral/mistral-large-2407"),
    ("together/meta-llama/Llama-3.1-70B-Instruct", "vllm/meta-llama/llama-3.1-70b-instruct-fp8"),
    ("ollama/llama3:latest", "ollama/llama3"),
    ("sim/judge", "sim/judge"),
]
TWO = [
    ("openai/gpt-4.1", "openai/gpt-4.1-mini"),
    ("openai/gpt-4", "openai/gpt-4o"),
    ("openai/gpt-4", "openai/gpt-4-turbo"),
    ("openai/gpt-4.1", "openai/gpt-4.5"),
    ("openai/o1", "openai/o3"),
    ("anthropic/claude-3-5-sonnet-20241022", "anthropic/claude-3-7-sonnet-20250219"),
    ("anthropic/claude-sonnet-4-20250514", "anthropic/claude-sonnet-4-5-20250929"),
    ("anthropic/claude-opus-4-20250514", "anthropic/claude-opus-4-1-20250805"),
    ("anthropic/claude-opus-4-0", "anthropic/claude-sonnet-4-0"),
    ("ollama/llama3:8b", "ollama/llama3:70b"),
    ("google/gemini-2.0-flash", "google/gemini-2.0-flash-thinking-exp"),
    ("google/gemini-2.0-flash", "google/gemini-2.0-flash-lite"),
    ("together/meta-llama/Llama-3.1-70B-Instruct", "together/meta-llama/Llama-3.1-405B-Instruct"),
    ("openai/ft:gpt-4o-2024-08-06:firm::abc", "openai/gpt-4o"),
    ("openai/latest", "openai/preview"),
    ("sim/rate-0.5", "sim/rate-0.50"),
    ("sim/rung-informs-1", "sim/rung-informs-1.0"),
    ("mockllm/judge", "openai/judge"),
]


@pytest.mark.parametrize(("first", "second", "one"), [(*p, True) for p in ONE] + [(*p, False) for p in TWO])
def test_names_of_one_model_are_told_from_names_of_two(first: str, second: str, one: bool) -> None:
    assert same_model(first, second) is same_model(second, first) is one


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("", ""),
        ("/", ""),
        ("latest", "latest"),
        ("openai/-latest", "-latest"),
        ("openai/:free", ":free"),
        ("x/20250101", "20250101"),
        ("a" * 5000, "a" * 5000),
    ],
)
def test_any_text_has_an_identity(name: str, identity: str) -> None:
    assert model_identity(name) == identity
