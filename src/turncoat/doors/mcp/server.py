"""Servers of the Model Context Protocol over visits: one company each, on stdio or under an address of its own.

A company is known by the token in its address and never by the protocol's session, since newer clients have none. The
prompt is handed over in three ways: as an MCP prompt, as the server's instructions, and, for clients that fetch no
prompt, with the first result; instructions alone prove nothing, since clients may keep them from their model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import mcp_types as types
from anyio.abc import TaskStatus
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from turncoat.base.version import __version__
from turncoat.doors.loopback import MAX_BODY, Allowance, bounded, given
from turncoat.doors.tools.catalog import tool_info
from turncoat.doors.visit import Visit
from turncoat.providers.calls import SERVER

PROMPT = "start"
"""Name of the MCP prompt."""


def server_of(visit: Visit) -> Server[Any]:
    """An MCP server over one visit."""

    def met(context: Any) -> None:
        client = context.session.client_params
        if client is not None:
            visit.meets(f"{client.client_info.name} {client.client_info.version}")

    async def list_tools(context: Any, _: Any) -> types.ListToolsResult:
        met(context)
        visit.hands_over("instructions")
        visit.lists()
        return types.ListToolsResult(tools=[_tool(t) for t in visit.tools])

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        met(context)
        text, wrong = await visit.call(params.name, params.arguments or {})
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=wrong)

    async def list_prompts(context: Any, _: Any) -> types.ListPromptsResult:
        met(context)
        about = "What you are here for: read this first."
        return types.ListPromptsResult(prompts=[types.Prompt(name=PROMPT, description=about)])

    async def get_prompt(context: Any, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        met(context)
        visit.hands_over("prompt")
        text = types.TextContent(type="text", text=whole_prompt(visit))
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=text)])

    server: Server[Any] = Server(
        SERVER,
        version=__version__,
        instructions=whole_prompt(visit),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )
    server.middleware.append(_taken_up)
    return server


async def _taken_up(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Let calls of another form than the protocol's reach the company as well, where they are kept as they came."""
    params = ctx.params
    if ctx.method == "tools/call" and isinstance(params, Mapping):
        name, arguments = params.get("name"), params.get("arguments")
        changed: dict[str, Any] = {"name": name if isinstance(name, str) else str(name)}
        if not (arguments is None or isinstance(arguments, Mapping)):
            changed["arguments"] = {"arguments": arguments}
        ctx = replace(ctx, params={**params, **changed})
    return await call_next(ctx)


def whole_prompt(visit: Visit) -> str:
    """System prompt and first message as one text."""
    return "\n\n".join(filter(None, (visit.prompt.system, visit.prompt.user)))


def _tool(text: Any) -> types.Tool:
    info = tool_info(text)
    schema = info.parameters.model_dump(exclude_none=True, by_alias=True)
    return types.Tool(name=info.name, description=info.description, input_schema=schema)


async def serve_stdio(visit: Visit) -> None:
    """Serve one visit on standard input and output, until the client closes them or the session is over."""
    server = server_of(visit)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
    visit.leave()


class Companies:
    """Visits under addresses of their own, served over HTTP on loopback.

    A visit is entered by its token. Once something was called, only the connection that called may go on, as far as the
    client's protocol has connections; once the session has ended, the token is used up. What belongs to no visit is
    answered alike, whatever it is, so that nothing can be learnt of other tokens.

    Args:
        port: The port on which it is served, for addresses and for the check of the Host header.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._served: dict[str, _Served] = {}
        self.app = Starlette(routes=[Route("/{token}/mcp", self._enter, methods=["GET", "POST", "DELETE"])])

    def address(self, token: str) -> str:
        """The address of a visit."""
        return f"http://127.0.0.1:{self._port}/{token}/mcp"

    async def host(self, visit: Visit, token: str, *, task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve a visit under a token until the session is over and its last answers are out."""
        hosts = [f"127.0.0.1:{self._port}", f"localhost:{self._port}"]
        manager = StreamableHTTPSessionManager(
            server_of(visit),
            json_response=True,
            security_settings=TransportSecuritySettings(
                enable_dns_rebinding_protection=True,
                allowed_hosts=hosts,
                allowed_origins=[f"http://{host}" for host in hosts],
            ),
            max_request_body_size=MAX_BODY,
            max_sessions=20,
        )
        served = self._served[token] = _Served(visit, manager)
        async with manager.run():
            task_status.started(self.address(token))
            await visit.over.wait()
            while served.open:
                await anyio.sleep(0.05)

    async def _enter(self, request: Request) -> Response:
        served = self._served.get(str(request.path_params["token"]))
        if served is None:
            return PlainTextResponse("not found\n", status_code=404)
        return await served.answer(request)


@dataclass
class _Served:
    """A visit that is being served."""

    visit: Visit
    manager: StreamableHTTPSessionManager
    holder: str | None = None
    """Session id of the connection that called first, "" where its protocol has none; None before."""
    open: int = 0
    """Requests that are being answered."""
    _allowance: Allowance = field(default_factory=Allowance)

    async def answer(self, request: Request) -> Response:
        """Answer a request, or say why it is not answered."""
        if self.visit.over.is_set():
            self.visit.refuses("a connection after the end")
            return PlainTextResponse("this address has been used\n", status_code=410)
        if not self._allowance.takes():
            return PlainTextResponse("too many requests\n", status_code=429)
        body = await bounded(request.receive)
        if body is None:
            return PlainTextResponse("the request is too large\n", status_code=413)
        if (said := self._stranger(request, body)) is not None:
            return said
        return _Handled(self, body)

    def _stranger(self, request: Request, body: bytes) -> Response | None:
        """Turn away whoever is not the connection that works here."""
        method, session = _method(body), request.headers.get("mcp-session-id", "")
        if self.holder is None:
            self.holder = session if method == "tools/call" else None
            return None
        if method == "initialize" or session != self.holder:
            self.visit.refuses("a second connection")
            return PlainTextResponse("somebody else works under this address\n", status_code=409)
        return None


def _method(body: bytes) -> str:
    try:
        data = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return ""
    return str(data.get("method", "")) if isinstance(data, dict) else ""


class _Handled(Response):
    """A response that the protocol's own manager writes."""

    def __init__(self, served: _Served, body: bytes) -> None:
        super().__init__()
        self._served, self._given = served, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._served.open += 1
        try:
            await self._served.manager.asgi_app(scope, given(self._given, receive), send)
        finally:
            self._served.open -= 1
