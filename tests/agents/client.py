"""A command-line agent as others write them, of the standard library alone: `client.py MODEL TOOLS SYSTEM PROMPT`.

It asks its model first without any tool, as programs do that want a title, and obeys what comes back: `go on`,
`no tools`, `no prompt`, `crash`, `kill proxy`, `say what you see`, or `side by side`; with `go on` it works until no
tool is called any more, with `side by side` too, but makes the calls of a turn at the same time, the last one first.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

model, tools_at, system, prompt = sys.argv[1:5]
messages: list[dict[str, Any]] = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]


def post(url: str, body: dict[str, Any]) -> Any:
    accept = "application/json, text/event-stream"
    headers = {"content-type": "application/json", "accept": accept, "authorization": "Bearer none"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    text = urllib.request.urlopen(request, timeout=300).read().decode()
    line = next((x for x in text.splitlines() if x.startswith("data:")), text)
    return json.loads(line.removeprefix("data:"))


def ask(given: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Any:
    body: dict[str, Any] = {"model": "inspect", "messages": given}
    return post(f"{model}/v1/chat/completions", body | ({"tools": tools} if tools else {}))["choices"][0]["message"]


def rpc(method: str, params: dict[str, Any]) -> Any:
    return post(tools_at, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})["result"]


def declared(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": about, "parameters": schema}}


def kill_proxy() -> None:
    port = tools_at.split(":")[2].split("/")[0].encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"PORT=" + port + b"\0" in (folder / "environ").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue


def answer(call: dict[str, Any]) -> str:
    name, given = call["function"]["name"], json.loads(call["function"]["arguments"])
    if name == "Bash":
        return "done"
    result = rpc("tools/call", {"name": name.split("__")[-1], "arguments": given})
    return "".join(part.get("text", "") for part in result["content"])


def answers(calls: list[dict[str, Any]], together: bool) -> list[str]:
    if not together:
        return [answer(call) for call in calls]
    with ThreadPoolExecutor(len(calls)) as pool:
        made = []
        for call in reversed(calls):
            made.append(pool.submit(answer, call))
            time.sleep(0.1)
        return [one.result() for one in reversed(made)]


def work(together: bool = False) -> None:
    tools = [
        declared(f"mcp__company__{t['name']}", t["description"], t["inputSchema"])
        for t in rpc("tools/list", {})["tools"]
    ]
    tools.append(declared("Bash", "Run a command.", {"type": "object", "properties": {"command": {"type": "string"}}}))
    while True:
        said = ask(messages, tools)
        messages.append(said)
        if not said.get("tool_calls"):
            return
        for call, text in zip(said["tool_calls"], answers(said["tool_calls"], together), strict=True):
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})


match ask([*messages, {"role": "user", "content": "Title?"}], [])["content"].strip():
    case "no tools":
        ask(messages, [])
    case "no prompt":
        messages[:] = [{"role": "user", "content": "Hello"}]
        work()
    case "crash":
        print("it went wrong", file=sys.stderr)
        raise SystemExit(3)
    case "kill proxy":
        kill_proxy()
        work()
    case "say what you see":
        print(json.dumps([sorted(os.environ), os.listdir(), os.listdir(os.environ["HOME"])]))
        work()
    case "go on" | "side by side" as way:
        work(together=way == "side by side")
    case other:
        raise SystemExit(f"not understood: {other!r}")
