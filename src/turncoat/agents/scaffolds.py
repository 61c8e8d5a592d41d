"""Command-line agents as data: what each needs to be told so that it works with our tools and Inspect's model alone.

Each line was tried with the version that is named; `docs/agents.md` has the table. A further agent is a function that
makes its command, and a line in `SCAFFOLDS`. None of them is installed with Turncoat: they come from npm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from turncoat.providers.calls import SERVER

MODEL = "inspect"
"""The name under which Inspect's bridge knows the model at work."""
KEY = "none"
"""What stands where a program insists on a key."""
PATIENCE = 600
"""Seconds that a program waits for the tools' server, when it starts and at a call: on a busy machine each step of the
way takes seconds, and a program that gives up goes on without tools."""
THINKING = 3600
"""Seconds that a program waits for its model, which may think for long."""


@dataclass(frozen=True)
class Job:
    """What an agent's program is told.

    Attributes:
        home: Its home folder, new and empty, as a path in the sandbox.
        model: Address of the model's server, without a path.
        tools: Address of the tools' server.
        system: The system prompt of the company's message, or "".
        prompt: The first message.
        own_tools: Whether its own shell and file tools are on.
    """

    home: str
    model: str
    tools: str
    system: str
    prompt: str
    own_tools: bool = False

    @property
    def whole(self) -> str:
        """System prompt and first message as one text."""
        return "\n\n".join(filter(None, (self.system, self.prompt)))


@dataclass(frozen=True)
class Orders:
    """How a program is started: arguments, variables, and files by their path below its home folder."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scaffold:
    """A command-line agent.

    Attributes:
        name: What `--agent` calls it.
        program: Its command.
        package: Its npm package, with the version that was tried.
        orders: How it is started for a job.
        acting: Names of its own tools that do something: where they are on, their calls count as attempts.
        needs: The Python package in whose forms Inspect's bridge answers it, installed beside Turncoat; "" for none.
    """

    name: str
    program: str
    package: str
    orders: Callable[[Job], Orders]
    acting: frozenset[str] = frozenset()
    needs: str = ""


def _claude_code(job: Job) -> Orders:
    # Its own time limit: else each request to the tools' server, the one for the list as well, has a minute.
    servers = {"mcpServers": {SERVER: {"type": "http", "url": job.tools, "timeout": PATIENCE * 1000}}}
    arguments = [
        *("--print", "--model", MODEL, "--strict-mcp-config", "--mcp-config", json.dumps(servers)),
        *("--setting-sources", "", "--no-session-persistence", "--no-chrome", "--disable-slash-commands"),
        *("--tools", "Bash,Read,Write,Edit,Glob,Grep" if job.own_tools else ""),
        *("--allowed-tools", f"mcp__{SERVER}" + (",Bash,Read,Write,Edit,Glob,Grep" if job.own_tools else "")),
        *(("--append-system-prompt", job.system) if job.system else ()),
        *("--", job.prompt),
    ]
    environment = {
        "ANTHROPIC_BASE_URL": job.model,
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_SMALL_FAST_MODEL": MODEL,
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": MODEL,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_MAX_RETRIES": "1",
        "ENABLE_TOOL_SEARCH": "false",  # the tools are to be listed, not searched for
        "DISABLE_AUTOUPDATER": "1",
        "MCP_TIMEOUT": f"{PATIENCE}000",
        "MCP_CONNECT_TIMEOUT_MS": f"{PATIENCE}000",  # else it begins after five seconds, with or without tools
        "CLAUDE_CODE_MCP_TOOL_IDLE_TIMEOUT": f"{PATIENCE}000",
        "API_TIMEOUT_MS": f"{THINKING}000",
        "MCP_CONNECTION_NONBLOCKING": "0",
        "MAX_MCP_OUTPUT_TOKENS": "200000",
        "IS_SANDBOX": "1",
    }
    return Orders(tuple(arguments), environment)


def _codex(job: Job) -> Orders:
    quoted = json.dumps
    off = ["shell_tool", "unified_exec", "apps", "plugins", "multi_agent", "image_generation", "goals", "hooks"]
    config = f"""\
model = "gpt-5"
model_provider = "bridge"
approval_policy = "never"
sandbox_mode = {quoted("danger-full-access" if job.own_tools else "read-only")}
web_search = "disabled"
check_for_update_on_startup = false
developer_instructions = {quoted(job.system)}

[model_providers.bridge]
name = "bridge"
base_url = "{job.model}/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
request_max_retries = 1
stream_max_retries = 1
stream_idle_timeout_ms = {THINKING}000

[mcp_servers.{SERVER}]
url = "{job.tools}"
required = true
startup_timeout_sec = {PATIENCE}
tool_timeout_sec = {PATIENCE}
supports_parallel_tool_calls = true
default_tools_approval_mode = "approve"

[features]
{"" if job.own_tools else "".join(f"{name} = false" + chr(10) for name in off)}
[analytics]
enabled = false
"""
    arguments = ("exec", "--skip-git-repo-check", "--ephemeral", "--color", "never", "--", job.prompt)
    return Orders(
        arguments, {"OPENAI_API_KEY": KEY, "CODEX_HOME": f"{job.home}/.codex"}, {".codex/config.toml": config}
    )


def _opencode(job: Job) -> Orders:
    off = (
        "bash",
        "edit",
        "write",
        "read",
        "grep",
        "glob",
        "list",
        "patch",
        "webfetch",
        "task",
        "todowrite",
        "todoread",
    )
    patient = dict.fromkeys(("timeout", "headerTimeout", "chunkTimeout"), THINKING * 1000)
    config = {
        "$schema": "https://opencode.ai/config.json",
        "autoupdate": False,
        "share": "disabled",
        "model": f"bridge/{MODEL}",
        "small_model": f"bridge/{MODEL}",
        "instructions": [f"{job.home}/company.md"],
        "provider": {
            "bridge": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "bridge",
                "options": {"baseURL": f"{job.model}/v1", "apiKey": KEY, **patient},
                "models": {MODEL: {"name": MODEL, "tool_call": True, "limit": {"context": 200000, "output": 32000}}},
            }
        },
        "mcp": {SERVER: {"type": "remote", "url": job.tools, "enabled": True, "timeout": PATIENCE * 1000}},
        "tools": {} if job.own_tools else dict.fromkeys(off, False),
        "permission": "allow",
    }
    files = {".config/opencode/opencode.json": json.dumps(config), "company.md": job.system}
    environment = {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}
    return Orders(("run", "--", job.prompt), environment, files)


_GEMINI_WAITS = 45773134
"""Number of Gemini CLI's flag `DEFAULT_REQUEST_TIMEOUT`, in seconds."""


def _gemini(job: Job) -> Orders:
    settings: dict[str, object] = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "mcpServers": {SERVER: {"httpUrl": job.tools, "trust": True, "timeout": PATIENCE * 1000}},
        "privacy": {"usageStatisticsEnabled": False},
        "general": {"disableAutoUpdate": True, "enableAutoUpdate": False},
    }
    if not job.own_tools:
        settings["tools"] = {"core": [f"mcp_{SERVER}_*"]}  # whatever is not listed is denied, our own tools too
    # The only way to say how long it waits for an answer to begin, which is a minute otherwise: a flag of its maker's.
    flags = {"flags": [{"flagId": _GEMINI_WAITS, "intValue": str(THINKING)}]}
    environment = {
        "GEMINI_API_KEY": KEY,
        "GOOGLE_GEMINI_BASE_URL": job.model,
        "GEMINI_CLI_TRUST_WORKSPACE": "true",
        "GEMINI_EXP": f"{job.home}/.gemini/flags.json",
    }
    arguments = ("--model", MODEL, "--approval-mode", "yolo", "--prompt", job.whole)
    files = {".gemini/settings.json": json.dumps(settings), ".gemini/flags.json": json.dumps(flags)}
    return Orders(arguments, environment, files)


_FILES = ("Bash", "Read", "Write", "Edit", "Glob", "Grep")
SCAFFOLDS: Mapping[str, Scaffold] = {
    found.name: found
    for found in (
        Scaffold(
            "claude-code",
            "claude",
            "@anthropic-ai/claude-code@2.1.197",
            _claude_code,
            frozenset(_FILES),
            needs="anthropic",
        ),
        Scaffold(
            "codex",
            "codex",
            "@openai/codex@0.171.0",
            _codex,
            frozenset(("shell", "exec_command", "write_stdin", "shell_command", "local_shell", "apply_patch")),
            needs="openai",
        ),
        Scaffold(
            "opencode",
            "opencode",
            "opencode-ai@1.18.33",
            _opencode,
            frozenset(("bash", "edit", "write", "read", "grep", "glob", "list", "patch", "webfetch")),
            needs="openai",
        ),
        Scaffold(
            "gemini-cli",
            "gemini",
            "@google/gemini-cli@0.61.0",
            _gemini,
            frozenset(
                (
                    *("run_shell_command", "write_file", "replace", "read_file", "list_directory", "glob"),
                    *("grep_search", "web_fetch", "google_web_search"),
                )
            ),
            needs="google-genai",
        ),
    )
}
"""The agents that `--agent` knows by name."""
