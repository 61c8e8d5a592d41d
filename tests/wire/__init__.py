"""A local HTTP server that speaks the wire formats of the real model providers (see `README.md` here)."""

from .exchange import Dialect, Message, Reply, Responder, Stop, Tool, ToolCall, Usage, WireRequest, in_turn
from .faults import Fault, FaultPlan, Kind, always, at_random, script
from .server import Record, WireServer

__all__ = [
    "Dialect",
    "Fault",
    "FaultPlan",
    "Kind",
    "Message",
    "Record",
    "Reply",
    "Responder",
    "Stop",
    "Tool",
    "ToolCall",
    "Usage",
    "WireRequest",
    "WireServer",
    "always",
    "at_random",
    "in_turn",
    "script",
]
