"""The tool `computer`, in the form that Inspect maps to the providers' own computer use, over one screen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, get_args

from inspect_ai.model import Content, ContentImage, ContentText
from inspect_ai.tool import ToolDef, ToolError, ToolResult
from pydantic import BeforeValidator, Field, ValidationError

from turncoat.base.model import Frozen
from turncoat.webmail.browser.chromium import HEIGHT, WIDTH
from turncoat.webmail.browser.keys import UnknownKey, keys_of

if TYPE_CHECKING:
    from turncoat.webmail.browser.screen import Button
    from turncoat.webmail.browser.work import Work

NAME = "computer"
SHOWN = 20
"""Screenshots that a model is shown again, the latest; of those before it is told that they were removed."""
MOST_STEPS = 50
"""Actions in one call at most."""
MOST_REPEATS = 100

Kind = Literal[
    "key",
    "hold_key",
    "type",
    "cursor_position",
    "mouse_move",
    "left_mouse_down",
    "left_mouse_up",
    "left_click",
    "left_click_drag",
    "right_click",
    "middle_click",
    "back_click",
    "forward_click",
    "double_click",
    "triple_click",
    "scroll",
    "wait",
    "screenshot",
    "zoom",
    "open_web_browser",
    "navigate",
]


def _unpacked(value: object) -> object:
    """A list in place of its encoding as text, and whole pixels in place of fractions."""
    if isinstance(value, str):
        try:
            value = json.loads(value.replace("(", "[").replace(")", "]"))
        except (ValueError, RecursionError):
            return value
    if isinstance(value, list | tuple):
        return [round(v) if isinstance(v, float) and math.isfinite(v) else v for v in value]
    return value


Pixels = Annotated[tuple[int, int], BeforeValidator(_unpacked)]
Region = Annotated[tuple[int, int, int, int], BeforeValidator(_unpacked)]
Direction = Literal["up", "down", "left", "right"]


class Step(Frozen):
    """One action of a model at the computer."""

    action: Kind
    coordinate: Pixels | None = None
    duration: float | None = Field(default=None, ge=0)
    region: Region | None = None
    scroll_amount: int | None = Field(default=None, ge=0)
    scroll_direction: Direction | None = None
    start_coordinate: Pixels | None = None
    text: str | None = None
    repeat: int | None = Field(default=None, ge=1, le=MOST_REPEATS)
    press_enter: bool | None = None


Answer = str | ContentImage
"""What an action answers: a text, or a picture."""
_T = TypeVar("_T")


class Refused(ValueError):  # noqa: N818 - reads as what it reports
    """An action that cannot be carried out; the message says why."""


def computer_tool(work: Work) -> ToolDef:
    """The tool, bound to a session.

    Args:
        work: The session.
    """

    async def execute(
        action: Kind | None = None,
        coordinate: list[int] | None = None,
        duration: int | None = None,
        region: list[int] | None = None,
        scroll_amount: int | None = None,
        scroll_direction: Direction | None = None,
        start_coordinate: list[int] | None = None,
        text: str | None = None,
        repeat: int | None = None,
        press_enter: bool | None = None,
        actions: list[dict[str, object]] | None = None,
    ) -> ToolResult:
        """Work the computer: a screen with the mail client in a browser, a mouse and a keyboard.

        Each call answers with a picture of the screen.

        Args:
            action: What to do: key, hold_key, type, cursor_position, mouse_move, left_mouse_down, left_mouse_up,
                left_click, left_click_drag, right_click, middle_click, back_click, forward_click, double_click,
                triple_click, scroll, wait, screenshot, zoom, open_web_browser or navigate.
            coordinate: Where, as [x, y] in pixels from the top left. A click or a scroll without it is done where
                the mouse stands.
            duration: Seconds to hold a key or to wait.
            region: What to zoom into, as [left, top, right, bottom].
            scroll_amount: Number of clicks of the wheel.
            scroll_direction: Where to scroll to.
            start_coordinate: Where a drag begins.
            text: The text to type, the keys to press (such as Return, Tab or ctrl+a), or the address to open.
            repeat: How often to press the keys, 1 to 100.
            press_enter: Whether to press Return after typing.
            actions: Several actions in order, each an object with the fields above.
        """
        if actions is not None:
            return await _several(work, actions)
        given = {
            "action": action,
            "coordinate": coordinate,
            "duration": duration,
            "region": region,
            "scroll_amount": scroll_amount,
            "scroll_direction": scroll_direction,
            "start_coordinate": start_coordinate,
            "text": text,
            "repeat": repeat,
            "press_enter": press_enter,
        }
        async with work.at_hand(NAME, given):
            try:
                answer = await _done(work, read_step(given))
            except Refused as why:
                raise ToolError(str(why)) from None
        return answer if isinstance(answer, str) else [answer]

    return ToolDef(execute, name=NAME, parallel=False, max_output=0, model_input=shown_again)


async def _several(work: Work, actions: Sequence[object]) -> ToolResult:
    """Several actions; what stops them is said beside the picture, since a provider may hand on the picture alone."""
    async with work.at_hand(NAME, {"actions": actions}):
        said: list[ContentText] = []
        result: Answer = ""
        try:
            for step in _steps(actions):
                result = await _done(work, step)
        except Refused as why:
            said, result = [ContentText(text=f"Error: {why}")], ""
        if isinstance(result, str):
            said += [ContentText(text=result)] if result else []
            result = await _picture(work)
        return [*said, result]


def _steps(actions: Sequence[object]) -> list[Step]:
    steps = [read_step(a) for a in actions]
    if not steps:
        raise Refused("actions: there is none; take a screenshot with {'action': 'screenshot'}")
    if len(steps) > MOST_STEPS:
        raise Refused(f"actions: more than {MOST_STEPS} in one call; nothing was done")
    return steps


def read_step(given: object) -> Step:
    """An action as it was given.

    Raises:
        Refused: It is none, or lacks what it needs.
    """
    if not isinstance(given, dict):
        raise Refused(f"an action is an object with fields such as 'action' and 'coordinate', not {str(given)[:80]!r}")
    known = {name: value for name, value in given.items() if value is not None}
    try:
        step = Step.model_validate(known)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        what = f"is one of {', '.join(get_args(Kind))}" if place == "action" else first["msg"]
        raise Refused(f"{place}: {what}") from None
    for pixels, name in ((step.coordinate, "coordinate"), (step.start_coordinate, "start_coordinate")):
        if pixels is not None and not (0 <= pixels[0] < WIDTH and 0 <= pixels[1] < HEIGHT):
            raise Refused(f"{name}: {list(pixels)} is outside of the screen, which is {WIDTH}x{HEIGHT}")
    return step


def _needed(value: _T | None, step: Step, name: str) -> _T:
    if value is None:
        raise Refused(f"{name}: is needed for {step.action}")
    return value


_BUTTONS: dict[str, tuple[Button, int]] = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}


async def _done(work: Work, step: Step) -> Answer:
    """Carry out an action, and what there is to see then."""
    screen = work.screen
    if step.action == "zoom":
        left, top, right, bottom = _needed(step.region, step, "region")
        if not (0 <= left < right <= WIDTH and 0 <= top < bottom <= HEIGHT):
            raise Refused(f"region: {[left, top, right, bottom]} is no part of the screen, which is {WIDTH}x{HEIGHT}")
        return ContentImage(image=await screen.picture((left, top, right, bottom)))
    if step.action == "cursor_position":
        return "X={},Y={}".format(*screen.mouse)
    try:
        await _act(work, step)
    except (UnknownKey, ValueError) as why:
        raise Refused(str(why)) from None
    await work.rested()
    return await _picture(work)


async def _act(work: Work, step: Step) -> None:
    screen = work.screen
    if step.coordinate is not None and step.action != "left_click_drag":
        await screen.move(step.coordinate)
    match step.action:
        case "left_click" | "right_click" | "middle_click" | "double_click" | "triple_click":
            await screen.click(*_BUTTONS[step.action])
        case "back_click" | "forward_click":
            await screen.go(-1 if step.action == "back_click" else 1)
        case "left_mouse_down":
            await screen.page.mouse.down()
        case "left_mouse_up":
            await screen.page.mouse.up()
        case "left_click_drag":
            start = step.start_coordinate or screen.mouse
            await screen.drag(start, _needed(step.coordinate, step, "coordinate"))
        case "mouse_move":
            _needed(step.coordinate, step, "coordinate")
        case "scroll":
            await _scroll(work, step)
        case "key" | "hold_key":
            combinations = keys_of(_needed(step.text, step, "text"))
            for _ in range(step.repeat or 1):
                for keys in combinations:
                    await screen.press(keys)
                    await screen.settle()
        case "type":
            await _type(work, step)
        case "navigate":
            await screen.open(_needed(step.text, step, "text"))
        case _:  # a wait, a screenshot, the browser that is open already: the picture is all that is asked
            pass


async def _type(work: Work, step: Step) -> None:
    if step.coordinate is not None:
        await work.screen.click()
        await work.screen.settle()
    await work.screen.write(_needed(step.text, step, "text"))
    if step.press_enter:
        await work.screen.press(("Enter",))


async def _scroll(work: Work, step: Step) -> None:
    amount = 3 if step.scroll_amount is None else step.scroll_amount
    match _needed(step.scroll_direction, step, "scroll_direction"):
        case "up":
            await work.screen.scroll(0, -amount)
        case "down":
            await work.screen.scroll(0, amount)
        case "left":
            await work.screen.scroll(-amount, 0)
        case "right":
            await work.screen.scroll(amount, 0)


async def _picture(work: Work) -> ContentImage:
    return ContentImage(image=await work.screen.picture())


def shown_again(
    message_index: int, message_total: int, content: str | list[Content], hints: Mapping[str, object]
) -> str | list[Content]:
    """What a model is shown of an earlier answer: its picture too, if it is among the latest."""
    keep_all = hints.get("disable_computer_screenshot_truncation", False)
    if isinstance(content, str) or keep_all or message_total - message_index <= SHOWN:
        return content
    removed = ContentText(text="(An earlier screenshot; it has been removed.)")
    return [removed if isinstance(c, ContentImage) else c for c in content]
