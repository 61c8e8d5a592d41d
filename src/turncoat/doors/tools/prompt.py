"""What the model is sent at the start of a session with tools: system parts, a short message, the tools.

The parts are those of the text interface. The format of tool tags is left out, and the message that starts the session
holds no mail: the agent has to look.
"""

from __future__ import annotations

from collections.abc import Sequence

from inspect_ai.tool import ToolInfo

from turncoat.doors.door import Prompt
from turncoat.doors.text.prompt import keep_in_mind
from turncoat.doors.tools.catalog import offered, tool_info
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import LIVE_PARTS, SYSTEM_PARTS


def tools_prompt(rendered: Rendered) -> Prompt:
    """Assemble the prompt of the tools interface. The factor `placement` is taken as in the text interface."""
    names = [LIVE_PARTS.get(name, name) for name in SYSTEM_PARTS]
    parts = [rendered.parts[name] for name in names if name in rendered.parts]
    parts += keep_in_mind(rendered.remember)
    opening = rendered.parts[LIVE_PARTS["opening"]]
    tools = [t.model_dump(exclude_none=True) for t in tool_infos(rendered.spec.abilities)]
    # Facts and alerts' truth are what scoring knows; the agent never sees them.
    company = rendered.live_seed.model_dump_json(exclude={"facts": True})
    if rendered.condition.levels.get("placement") == "user":
        return Prompt("", "\n\n".join([*parts, opening]), tools, company)
    return Prompt("\n\n".join(parts), opening, tools, company)


def tool_infos(abilities: Sequence[str]) -> tuple[ToolInfo, ...]:
    """The tools of a scenario's mail client as model providers are given them."""
    return tuple(tool_info(t) for t in offered(abilities))
