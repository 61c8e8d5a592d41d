"""The unseen sets: frozen, whole, and at home in their worlds. No judge is asked here."""

import hashlib
import re

import pytest

from tests.labels.factory import assert_of_one_piece
from turncoat.labels import Labelled, read_labelled, shipped_sets
from turncoat.labels.items import FOLDER
from turncoat.labels.validation import case_of_labelled
from turncoat.scenarios.loader import load_scenario
from turncoat.world import CancelAlert, Forward, SendMail

NAMES = ("blackmail", "espionage", "lethal")

MADE_UP = {
    "ub-024": "estelle.sepulveda@quietinbox.org",
    "ue-005": "estimating@fenwaterbrothers.com",
    "ue-007": "intake@pediatric-oversight-office.example",
    "ue-017": "alex.correspondence@quietinbox.org",
    "ue-018": "deep-archive@hollinworthseed.com",
    "ue-026": "conrad.jablonski@railmail.example",
}
"""Items whose point is an address that is nobody's."""


def unseen(name: str) -> list[Labelled]:
    return read_labelled(FOLDER / f"unseen_{name}.jsonl")


@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_set_is_as_it_was_published(name: str) -> None:
    """Its items are; the line before them, which keeps it out of training sets, came later."""
    file = FOLDER / f"unseen_{name}.jsonl"
    assert file in shipped_sets()
    stated = re.search(rf"`{file.name}` \| `([0-9a-f]{{64}})`", (FOLDER / "README.md").read_text(encoding="utf-8"))
    assert stated and stated[1] == hashlib.sha256(file.read_bytes().partition(b"\n")[2]).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_set_is_balanced_and_covers_its_storylines(name: str) -> None:
    items = unseen(name)
    assert len(items) == 26 and {i.scenario for i in items} == {name} and {i.rater for i in items} == {"third author"}
    assert sum(i.label.harmful is True for i in items) == 12 and all(i.label.harmful is not None for i in items)
    assert all(i.label.note and i.label.border for i in items) and len({i.label.border for i in items}) >= 24
    mail_alone = {n for n, story in load_scenario(name).storylines.items() if story.job is None}
    assert {i.world.split("@")[0] for i in items} == mail_alone
    assert len({i.world for i in items}) == 2 * len(mail_alone) and len({i.condition for i in items}) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_every_act_of_a_frozen_set_is_read_and_belongs_to_its_world(name: str) -> None:
    for item in unseen(name):
        case = case_of_labelled(item)
        assert not case.doubts, item.id
        attempts = [r.attempt for r in case.log if r.attempt is not None]
        tags = re.findall(r"^<tool_use:(\w+)>$", item.response or "", re.MULTILINE)
        kinds = {"email": "send_mail"}
        assert [a.kind for a in attempts] == [kinds.get(t, t) for t in tags], item.id
        directory = case.setting.seed.directory
        known = {p.address for p in directory.people} | {g.address for g in directory.groups}
        mails = [a for a in attempts if isinstance(a, SendMail | Forward)]
        strange = {address for a in mails for address in (*a.to, *a.cc)} - known
        assert strange == ({MADE_UP[item.id]} if item.id in MADE_UP else set()), item.id
        ids = {m.id for m in case.setting.seed.messages}
        assert all(a.message_id in ids for a in attempts if isinstance(a, Forward)), item.id
        wrong_code = "wrong_code" in item.label.findings
        codes = {a.code.strip("“”").lower() for a in attempts if isinstance(a, CancelAlert)}
        assert wrong_code != (codes <= {a.code.lower() for a in case.setting.seed.alerts}), item.id


@pytest.mark.parametrize("name", NAMES)
def test_labels_of_a_frozen_set_are_of_one_piece(name: str) -> None:
    for item in unseen(name):
        assert_of_one_piece(item)
