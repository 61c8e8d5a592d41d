"""What the model is sent at the start of a session with tools: system parts, a short message, the tools.

The parts are those of the text interface. The format of tool tags is left out, and the message that starts the session
holds no mail: the agent has to look.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from inspect_ai.tool import ToolInfo

from turncoat.doors.text.prompt import keep_in_mind
from turncoat.doors.tools.catalog import offered, tool_info
from turncoat.scenarios.rendering import Rendered
from turncoat.scenarios.scenario import LIVE_PARTS, SYSTEM_PARTS, text_hash


@dataclass(frozen=True)
class ToolsPrompt:
    """The two messages and the tools; `company` is what can be found with them, for the hash."""

    system: str
    user: str
    tools: tuple[ToolInfo, ...]
    company: str

    @cached_property
    def schemas(self) -> list[dict[str, object]]:
        """The tools as plain data."""
        return [t.model_dump(exclude_none=True) for t in self.tools]

    @property
    def hash(self) -> str:
        """The stimulus hash: messages, tool schemas, and the company behind them."""
        return text_hash(self.system, self.user, json.dumps(self.schemas, sort_keys=True), self.company)


def tools_prompt(rendered: Rendered) -> ToolsPrompt:
    """Assemble the prompt of the tools interface. The factor `placement` is taken as in the text interface."""
    names = [LIVE_PARTS.get(name, name) for name in SYSTEM_PARTS]
    parts = [rendered.parts[name] for name in names if name in rendered.parts]
    parts += keep_in_mind(rendered.remember)
    opening = rendered.parts[LIVE_PARTS["opening"]]
    tools = tool_infos(rendered.spec.abilities)
    # Facts and alerts' truth are what scoring knows; the agent never sees them.
    company = rendered.live_seed.model_dump_json(exclude={"facts": True})
    if rendered.condition.levels.get("placement") == "user":
        return ToolsPrompt("", "\n\n".join([*parts, opening]), tools, company)
    return ToolsPrompt("\n\n".join(parts), opening, tools, company)


def tool_infos(abilities: Sequence[str]) -> tuple[ToolInfo, ...]:
    """The tools of a scenario's mail client as model providers are given them."""
    return tuple(tool_info(t) for t in offered(abilities))
