"""Agents that work over MCP in a study: the company is served on loopback, and the agent's tools come from there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolDef, mcp_connection, mcp_server_http, mcp_tools

from turncoat.agents.finding import named_agent
from turncoat.doors.loopback import listen, new_token, serving
from turncoat.doors.mcp.server import Companies
from turncoat.doors.tools.door import default_agent, work_at
from turncoat.doors.visit import Visit, visit_of
from turncoat.guards.guard import Guard
from turncoat.providers.calls import SERVER
from turncoat.providers.sound import keep_active_sound

CONNECTED_WITHIN, ANSWERED_WITHIN = 120.0, 3600.0
"""Seconds that a client waits for its server, which is in this process: where many sessions begin at once on a busy
machine, all wait for one another. And for a call, at which a guard or a colleague may ask a model."""


@solver
def mcp_agent(agent: str | None = None, guards: Sequence[Guard] = (), reviewer: Guard | None = None) -> Solver:
    """Let an agent work over MCP in the company that the sample's metadata names.

    Args:
        agent: Another agent than the default loop; see `turncoat.agents.finding.find_agent`.
        guards: Each sees every attempt before it takes effect.
        reviewer: Decides where a guard asks.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        keep_active_sound()
        visit = visit_of(state, guards, reviewer)
        async with served(visit) as address:
            server = mcp_server_http(
                name=SERVER, url=address, timeout=CONNECTED_WITHIN, sse_read_timeout=ANSWERED_WITHIN
            )
            async with mcp_connection([mcp_tools(server)]):
                tools = [ToolDef(tool) for tool in await server.tools()]  # once, rather than in each turn
                if agent:
                    state.tools = [t.as_tool() for t in tools]
                work = named_agent(agent, tools) if agent else default_agent(tools, visit.desk)
                state = await work_at(visit.desk, work, state, generate, agent)
        if visit.failure is not None:
            raise visit.failure
        return state

    return solve


@asynccontextmanager
async def served(visit: Visit) -> AsyncIterator[str]:
    """Serve one visit on a free port of loopback; gives its address."""
    with listen() as listening:
        companies = Companies(listening.getsockname()[1])
        async with serving(companies.app, listening), anyio.create_task_group() as tasks:
            address: str = await tasks.start(companies.host, visit, new_token())
            try:
                yield address
            finally:
                visit.over.set()
                tasks.cancel_scope.cancel()
