"""The text interface: one prompt with all mail, one answer with XML tool tags."""

from turncoat.doors.text.parser import PARSER_VERSION, Act, Ignored, Parsed, Reason, parse_answer
from turncoat.doors.text.prompt import text_prompt

__all__ = ["PARSER_VERSION", "Act", "Ignored", "Parsed", "Reason", "parse_answer", "text_prompt"]
