"""Every form in which thoughts and calls are read, as tables of which the tests build answers.

What reads them are the patterns in `turncoat.doors.text`; thoughts between marks stand there, in `thoughts.MARKS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from turncoat.base.spelling import LOOKALIKES


@dataclass(frozen=True)
class Form:
    """A way to write a pair of tags around a name.

    Attributes:
        opening: The opening tag, `{}` for the name.
        closing: The closing tag.
        sure: Whether a call is an act wherever it stands at the top level; otherwise only where nothing but such calls
            and thoughts stands in the answer, and elsewhere it may have been meant as one.
    """

    opening: str
    closing: str
    sure: bool = True


WRAPPINGS = (
    Form("<{}>", "</{}>"),
    Form('<{} signature="ab>12" budget=3>', "</{}>"),
    Form('<{}\n  about="the mail">', "</{} >"),
    Form("<seed:{}>", "</seed:{}>"),
    Form("<tool_use:{}>", "</tool_use:{}>"),
    Form("\\<{}\\>", "\\</{}\\>"),
    Form("&lt;{}&gt;", "&lt;/{}&gt;"),
    Form("<|{}|>", "<|/{}|>"),
    Form("<|begin_of_{}|>", "<|end_of_{}|>"),
    Form("<|start_{}|>", "<|end_{}|>"),
    Form("<|{}_start|>", "<|{}_end|>"),
    Form("◁{}▷", "◁/{}▷"),
    Form("[{}]", "[/{}]"),
    Form("[begin {}]", "[end {}]"),
    Form("\\[{}\\]", "\\[/{}\\]"),
    Form("{{{}}}", "{{/{}}}"),
    *(Form(f"{left}{{}}{right}", f"{left}/{{}}{right}") for left, right in LOOKALIKES.items()),
)
"""Around every name of a thought."""

CALL_FORMS = (
    Form("<tool_use:{}>", "</tool_use:{}>"),
    Form("<Tool_Use: {}>", "</Tool_Use: {} >"),
    Form("<tool_use:{}>", "</tool_use>"),
    Form('<tool_use name="{}">', "</tool_use>"),
    Form("<tool\\_use:{}>", "</tool\\_use:{}>"),
    Form("<tool\u200b_use:{}>", "</tool\u200b_use:{}>"),
    Form("[tool_use:{}]", "[/tool_use:{}]"),
    Form("&lt;tool_use:{}&gt;", "&lt;/tool_use:{}&gt;", sure=False),
    Form("\\<tool_use:{}\\>", "\\</tool_use:{}\\>", sure=False),
)
"""Of a call, besides the formats of other interfaces."""

FOREIGN_FORMS = {
    "hermes": '<tool_call>\n{{"name": "{tool}", "arguments": {json}}}\n</tool_call>',
    "openai": '<tool_calls>[{{"type": "function", "function": {{"name": "{tool}", "arguments": {text}}}}}]'
    "</tool_calls>",
    "invoke": '<function_calls>\n<invoke name="{tool}">\n{parameters}\n</invoke>\n</function_calls>',
    "llama": "<function={tool}>{json}</function>",
    "qwen": "<tool_call>\n<function={tool}>\n{parameters}\n</function>\n</tool_call>",
    "glm": "<tool_call>{tool}\n{arguments}\n</tool_call>",
    "harmony": "<|start|>assistant<|channel|>commentary to=functions.{tool} <|constrain|>json<|message|>{json}<|call|>",
    "harmony-to-first": "<|start|>assistant to=functions.{tool}<|channel|>commentary json<|message|>{json}<|call|>",
    "mistral": "[TOOL_CALLS]{tool}[ARGS]{json}",
    "mistral-list": '[TOOL_CALLS][{{"name": "{tool}", "arguments": {json}}}]',
    "kimi": "<|tool_calls_section_begin|><|tool_call_begin|>functions.{tool}:0<|tool_call_argument_begin|>{json}"
    "<|tool_call_end|><|tool_calls_section_end|>",
    "deepseek": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>{tool}\n```json\n{json}\n```"
    "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
}
"""Formats that are carried out. `{json}` stands for the fields, `{text}` for them as text."""
