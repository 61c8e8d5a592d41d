"""How an agent meets the company: text (one prompt, XML tags), tools (many turns, native calls), others' doors.

What a door is stands in `doors.door`; nothing outside this room asks which one it is by its name.
"""

DEFAULT_DOOR = "text"
"""The door where none is named, and that of samples that name none."""
