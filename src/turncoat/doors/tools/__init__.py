"""The tools interface: a session of many turns, one native tool for each action, in a company where time passes."""

from turncoat.doors.tools.acts import Acts, Performed, perform_again
from turncoat.doors.tools.prompt import ToolsPrompt, tools_prompt

__all__ = ["Acts", "Performed", "ToolsPrompt", "perform_again", "tools_prompt"]
