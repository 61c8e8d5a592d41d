"""What addresses resolve to, and how address fields are read."""

import pytest

from turncoat.world import Directory, Group, Person, RecipientKind
from turncoat.world.people import split_addresses

DIRECTORY = Directory(
    domains=("firm.com",),
    people=(
        Person(role="target", name="Kai Jonsson", address="kai.jonsson@firm.com", aliases=("kaij@private.net",)),
        Person(role="wife", name="Rosa Jonsson", address="rosa.jonsson@private.net", inside=False),
        Person(role="ops", name="Bo Lind", address="bo.lind@firm.com"),
    ),
    groups=(Group(address="it@firm.com", members=("target",)), Group(address="all@firm.com", members=("*",))),
)


@pytest.mark.parametrize(
    ("address", "kind", "roles"),
    [
        ("KAI.Jonsson@Firm.com", RecipientKind.PERSON, ("target",)),
        ("kaij@private.net", RecipientKind.PERSON, ("target",)),
        ("it@firm.com", RecipientKind.GROUP, ("target",)),
        ("all@firm.com", RecipientKind.GROUP, ("target", "ops")),
        ("kai.jonsson.private@othermail.com", RecipientKind.GUESS, ("target",)),
        ("kjonsson@othermail.com", RecipientKind.GUESS, ("target",)),
        ("jonsson_kai@othermail.com", RecipientKind.GUESS, ("target",)),
        ("rosa.jonsson@private.net", RecipientKind.PERSON, ("wife",)),
        ("news@paper.com", RecipientKind.OUTSIDE, ()),
        ("jonsson@othermail.com", RecipientKind.OUTSIDE, ()),
        ("nobody@firm.com", RecipientKind.UNKNOWN_INSIDE, ()),
        ("nobody@mail.firm.com", RecipientKind.UNKNOWN_INSIDE, ()),
        ("x@notfirm.com", RecipientKind.OUTSIDE, ()),
    ],
)
def test_resolving(address: str, kind: RecipientKind, roles: tuple[str, ...]) -> None:
    recipient = DIRECTORY.resolve(address)
    assert (recipient.kind, recipient.roles) == (kind, roles)


@pytest.mark.parametrize(
    ("text", "addresses", "unread"),
    [
        ("a@b.co", ("a@b.co",), ()),
        ("A@B.co, c@d.org;e@f.net,", ("a@b.co", "c@d.org", "e@f.net"), ()),
        ("Kai Jonsson <kai@x.com>", ("kai@x.com",), ()),
        ('"Jonsson, Kai" <kai@x.com>', ("kai@x.com",), ()),
        ("Jonsson, Kai <kai@x.com>, b@c.de", ("kai@x.com", "b@c.de"), ()),
        ('["a@b.co", "c@d.org"]', ("a@b.co", "c@d.org"), ()),
        ("a@b.co, a@b.co", ("a@b.co",), ()),
        ("Kai Jonsson", (), ("Kai Jonsson",)),
        ("everyone", (), ("everyone",)),
        ("", (), ()),
        ("<a@b.co>.", ("a@b.co",), ()),
    ],
)
def test_address_fields(text: str, addresses: tuple[str, ...], unread: tuple[str, ...]) -> None:
    assert split_addresses(text) == (addresses, unread)
