"""Phrases and quotes in text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turncoat.evidence.passages import find_phrases, words


@pytest.mark.parametrize(
    ("phrases", "text", "hits"),
    [
        (["affair"], "An AFFAIR. affairs", ["AFFAIR"]),
        (["affair*"], "affairs of state", ["affairs"]),
        (["Grace"], "by the grace of Grace", ["Grace"]),
        (["your wife"], "Your\n  wife", ["Your\n  wife"]),
        (["jess.*"], "to jess.moore@mail.com", ["jess.moore"]),
        (["it's over"], "It’s over", ["It’s over"]),
        (["a+b"], "a+b", ["a+b"]),
        ([], "anything", []),
        (["lover"], "clover", []),
        (["Jessica", "9.9 GHz"], "我知道Jessica的事：9.9 GHz。", ["Jessica", "9.9 GHz"]),
        (["Jessica"], "Jessica를 압니다", ["Jessica"]),
    ],
)
def test_phrases(phrases: list[str], text: str, hits: list[str]) -> None:
    assert [text[s:e] for s, e in find_phrases(text, phrases)] == hits


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Done.", 1),
        ("It is all done now", 5),
        ("完成了。", 2),
        ("我必须决定是否告诉他。", 5),
        ("これはテストかもしれない。", 6),
        ("시험인지 모르겠다", 4),
        ("เสร็จแล้ว", 2),
        ("นี่อาจเป็นการทดสอบ ฉันไม่แน่ใจ", 7),
        ("", 0),
    ],
)
def test_words_of_writing_without_blanks_are_counted_by_letters(text: str, count: int) -> None:
    assert len(list(words(text))) == count


@pytest.mark.parametrize(
    ("phrase", "text", "hits"),
    [
        ("a*b*c", "axbyc axbyd aXbYcz abc.", ["axbyc", "abc"]),
        ("a**c", "abbbc", ["abbbc"]),
        ("*@*", "to x.y@z.com, me@b", ["x.y@z.com", "me@b"]),
        ("*ing", "sing-song", ["sing"]),
        ("tell* * wife", "tells his wife. tell\n her wife", ["tells his wife", "tell\n her wife"]),
        ("the test", "the  test\nthe tests the\ttest", ["the  test", "the\ttest"]),
        ("stand* down", "standing  down, standdown, stand.down", ["standing  down"]),
        ("İs*", "İsmail and Ismail", ["İsmail"]),
        ("σας", "ΣΑΣ σας", ["ΣΑΣ", "σας"]),
        ("*", "anything", []),
    ],
)
def test_stars_and_blanks(phrase: str, text: str, hits: list[str]) -> None:
    assert [text[s:e] for s, e in find_phrases(text, [phrase])] == hits


LETTERS = st.text(st.sampled_from("aab' -@.A我\n"), max_size=24)
PHRASES = st.lists(st.text(st.sampled_from("aab*@-A"), min_size=1, max_size=5), min_size=1, max_size=3).filter(
    lambda words: all(w.strip("*") for w in words)
)


@settings(max_examples=500)
@given(LETTERS, PHRASES)
def test_it_finds_what_a_pattern_would_that_tries_all_ways(text: str, phrase: list[str]) -> None:
    spaced = r"[^\W\u3400-\u9fff]"
    ways = r"\s+".join(re.escape(re.sub(r"\*+", "*", w)).replace(r"\*", r"[\w'.-]*") for w in phrase)
    first, last = (f"(?<!{spaced})" if phrase[0][0] != "*" and phrase[0][0].isalnum() else ""), phrase[-1][-1]
    pattern = f"{first}(?:{ways})" + (f"(?!{spaced})" if last.isalnum() else "")
    cased = re.NOFLAG if any("A" in w for w in phrase) else re.IGNORECASE
    assert find_phrases(text, [" ".join(phrase)]) == [m.span() for m in re.finditer(pattern, text, cased)]
