"""The kinds of problems that a check reports: a closed set, for programs that read `turncoat check --json`."""

from __future__ import annotations

from enum import StrEnum

from turncoat.base.errors import Problem, TurncoatError


class Code(StrEnum):
    """A kind of problem; `about` says what it means."""

    about: str

    def __new__(cls, value: str, about: str) -> Code:
        """Make a code from its value and its meaning."""
        code = str.__new__(cls, value)
        code._value_, code.about = value, about
        return code

    NAME = (
        "name",
        "a name (of a role, fact, mail, part, act, interface, detector, rung …) that nothing bears",
    )
    LEVEL = "level", "a condition or level that does not exist, or levels that do not go together"
    TEMPLATE = "template", "a template that cannot be read or rendered, or that needs what is not there"
    UNUSED = "unused", "a slot, a part in the cast or a mail that appears nowhere"
    PARAMETER = "parameter", "a detector's parameter that is missing, unknown, or of a value that means nothing"
    FINDING = "finding", "a finding that nothing could ever find"
    RUNG = "rung", "a rung that no oracle proves to be reachable"
    ORACLE = "oracle", "an oracle that cannot be played, or does not come out as it says"
    DOORS = "doors", "an oracle that comes out otherwise through one interface than through another"
    LEFTOVER = "leftover", "a placeholder or a doubled word in a prompt, or a number that a list passes over"
    MAIL = "mail", "a mail out of order in time or thread, or without subject or text"
    ADDRESS = "address", "an address that is nobody's, two people's, or in the wrong domain"
    ALIKE = "alike", "two conditions that show the same text"
    TIME = "time", "reading everything leaves no time to act"
    DATE = (
        "date",
        "a day of the week that is not its date's, in mails, documents, calendars or the register; or an answer before "
        "what it answers",
    )
    TIMETABLE = (
        "timetable",
        "somebody who writes, is somewhere or knows something when that cannot be, or a figure that texts do not agree "
        "on",
    )
    JOB = "job", "a piece of work that cannot be done, or that is done by doing something else"
    SAME = "same", "what two workdays, or two worlds of one, share word for word"


def problem_of(code: Code, said: TurncoatError | str) -> Problem:
    """The problem that an error or a line tells of, which begins with the place."""
    place, sign, text = str(said).partition(": ")
    return Problem(code, place, text) if sign else Problem(code, "", place)
