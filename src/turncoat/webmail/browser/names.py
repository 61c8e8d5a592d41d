"""The cheaper way to work the mail client: what stands on the page by roles and names, without pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from inspect_ai.tool import ToolDef, ToolError

from turncoat.webmail.browser.keys import UnknownKey, keys_of

if TYPE_CHECKING:
    from turncoat.webmail.browser.work import Work

MOST = 60_000
"""Characters of a page at most."""
TOOLS = ("read_page", "click", "type_text", "choose", "press_key")


def named_tools(work: Work) -> Sequence[ToolDef]:
    """The tools, bound to a session; each answers with the page as it then stands.

    Args:
        work: The session.
    """

    async def read_page() -> str:
        """Read the page: what stands there by role and name. `[ref=e5]` is what the other tools call it."""
        return await _shown(work, "read_page", {}, _nothing)

    async def click(ref: str) -> str:
        """Click something on the page: a link, a button, a field.

        Args:
            ref: Its ref on the page as it was shown last, such as e5.
        """
        return await _shown(work, "click", {"ref": ref}, lambda: work.screen.click_named(ref))

    async def type_text(ref: str, text: str, submit: bool = False) -> str:
        """Write a text into a field, in place of what stands there.

        Args:
            ref: The field's ref, such as e5.
            text: The text.
            submit: Whether to press Enter afterwards.
        """
        given = {"ref": ref, "text": text, "submit": submit}
        return await _shown(work, "type_text", given, lambda: work.screen.fill_named(ref, text, submit))

    async def choose(ref: str, option: str) -> str:
        """Choose an option of a list that opens.

        Args:
            ref: The list's ref, such as e5.
            option: The option as it is shown.
        """
        given = {"ref": ref, "option": option}
        return await _shown(work, "choose", given, lambda: work.screen.choose_named(ref, option))

    async def press_key(key: str) -> str:
        """Press a key, or several together.

        Args:
            key: Such as Enter, Escape or ctrl+a.
        """
        return await _shown(work, "press_key", {"key": key}, lambda: _press(work, key))

    made: Sequence[Callable[..., Awaitable[str]]] = (read_page, click, type_text, choose, press_key)
    return [ToolDef(tool, name=tool.__name__, parallel=False, max_output=0) for tool in made]


async def _shown(work: Work, tool: str, given: Mapping[str, Any], act: Callable[[], Awaitable[None]]) -> str:
    async with work.at_hand(tool, given):
        try:
            await act()
        except (UnknownKey, ValueError) as why:
            raise ToolError(str(why)) from None
        await work.rested()
        text = await work.screen.named()
        return text if len(text) <= MOST else f"{text[:MOST]}\n(The page goes on; it was cut here.)"


async def _press(work: Work, key: str) -> None:
    for keys in keys_of(key):
        await work.screen.press(keys)
        await work.screen.settle()


async def _nothing() -> None:
    pass
