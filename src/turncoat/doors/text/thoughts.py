"""How models write thoughts, as data: a new name or mark is a row here; tags around names are patterns in `tokens.py`.

Names are compared by their letters alone (`plain`): case, underscores, hyphens, accents, escapes and characters without
width do not count. Sources stand in `forms.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from turncoat.base.patterns import later
from turncoat.base.spelling import LOOKALIKES, ZERO_WIDTH, plain

THOUGHTS = (
    *("think", "thinking", "thought", "thoughts", "reasoning", "analysis", "analyzing", "reflection", "reflections"),
    *("reflect", "inner_monologue", "monologue", "scratchpad", "scratch_pad", "scratchpad_reasoning", "scratch"),
    *("chain_of_thought", "chain_of_thoughts", "cot", "deliberation", "deliberations", "deliberate", "deliberating"),
    *("contemplation", "contemplations", "contemplate", "contemplating", "rumination", "ruminations", "introspection"),
    *("musing", "musings", "pondering", "ponderings", "ponder", "brainstorm", "brainstorming", "analyse", "analyze"),
    *("internal_dialogue", "inner_voice", "self_talk", "consideration", "considerations", "cot_budget_reflect"),
    *("gedanke", "gedanken", "gedankengang", "denken", "denkprozess", "nachdenken", "überlegung", "überlegungen"),
    *("pensée", "pensées", "réflexion", "réflexions", "raisonnement", "pensamiento", "pensamientos", "razonamiento"),
    *("reflexión", "reflexiones", "análisis", "pensamento", "pensamentos", "raciocínio", "reflexão", "análise"),
    *("pensiero", "pensieri", "ragionamento", "riflessione", "riflessioni", "analisi"),
    *("gedachte", "gedachten", "overweging", "overwegingen", "redenering", "nadenken", "tankar", "tanker"),
    *("myśli", "rozumowanie", "przemyślenia", "düşünce", "düşünceler", "pemikiran", "penalaran", "suy_nghĩ"),
    *("мысль", "мысли", "размышление", "размышления", "рассуждение", "рассуждения", "анализ", "думки", "міркування"),
    *("思考", "思考过程", "思考過程", "思考プロセス", "思维", "思維", "思维链", "思路", "推理", "推理过程", "推論"),
    *("分析", "反思", "想法", "内心独白", "考え", "考察", "内省", "생각", "사고", "사고과정", "추론", "분석"),
    *("تفكير", "التفكير", "أفكار", "تحليل", "استدلال", "מחשבות", "חשיבה"),
)
"""What models call their thoughts."""
QUALIFIERS = (
    *("inner", "internal", "private", "hidden", "my", "secret", "silent", "initial", "step_by_step", "deep", "ant"),
    *("longcat", "agent", "model", "assistant", "ai", "raw", "extended", "self", "quick", "brief", "careful", "begin"),
    *("ultra", "mega", "super", "hard", "long", "first", "final", "further", "unspoken", "innere", "innerer"),
)
"""What may stand before such a name."""
_BEHIND = "intern[aeo]?|privad[ao]|privat[aeo]?|privee?|interior|interieure?"
"""What languages put behind it."""
UNSURE = (
    *("plan", "plans", "planning", "draft", "drafts", "example", "examples", "hypothetical", "hypotheticals"),
    *("considered", "rejected", "discarded", "declined", "unsent", "not_sent", "unused", "dummy", "alternative"),
    *("alternatives", "option", "options", "simulation", "thought_experiment", "what_if", "possible_action"),
    *("possible_actions", "potential_action", "potential_actions", "rejected_action", "rejected_actions"),
    *("assessment", "evaluation", "strategy", "strategizing", "weighing", "decision_process", "decision_making"),
    *("notes", "note", "journal", "diary", "mind", "feelings", "worries", "concerns", "commentary", "critique"),
    *("observation", "observations", "hypothesis", "understanding", "context", "background", "summary", "review"),
    *("quote", "quotation", "quoted", "blockquote", "q", "cite", "pre", "code", "samp", "del", "strike"),
    *("template", "script", "details", "hidden", "internal", "private", "silent"),
)
"""Names of what may be thoughts, quotations or neither: a call between a pair of them is none that can be read for
certain. A qualifier may stand before them too."""

BESIDE = frozenset(
    "not shown to anyone anybody hidden invisible visible only for myself me out loud aloud never used fast faster "
    "fastest step stage phase part".split()
)
"""Words in a longer name that leave it one of thoughts (`think_fast`, `thoughts_not_shown_to_anyone`)."""


@dataclass(frozen=True)
class Marks:
    """Thoughts between marks that are no tags around a name.

    Attributes:
        name: What it is.
        opening: Pattern of what opens them.
        closing: Pattern of what closes them; found at the first place after the opening.
        example: Such thoughts, `{}` for what is thought.
        pairs: Whether what opens them counts only with what closes them, since it is ordinary writing without.
        sure: Whether it is certainly thinking; otherwise a call in it may have been meant as an act.
        section: Whether it is a section of ordinary text: what stands in it is read as elsewhere, but for calls.

    Where the closing pattern finds `stop`, nothing was opened; where it finds `perhaps`, it was a section.
    """

    name: str
    opening: str
    closing: str
    example: str
    pairs: bool = False
    sure: bool = True
    section: bool = False


def _spoken(names: Iterable[str]) -> str:
    """Pattern of any of some names, the longest first; beginnings that they share are tried once, for speed."""
    rest: dict[str, list[str]] = {}
    ends = False
    for name in dict.fromkeys(names):
        ends |= not name
        if name:
            rest.setdefault(name[0], []).append(name[1:])
    branches = [("[ _-]?" if first == "_" else first) + _spoken(more) for first, more in rest.items()]
    if len(branches) == 1 and not ends:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if ends else ''}" if branches else ""


NAME = (
    rf"(?=[^\W\d])(?:(?:{_spoken(QUALIFIERS)})[ \t_-]{{1,2}}){{0,3}}(?:{_spoken(THOUGHTS)})"
    r"(?:[ \t_-](?:process|block|section|steps?|content|trace|notes?))?(?!\w)"
)
"""A name of thoughts in a line of text."""
BEGINNING = _spoken((*QUALIFIERS, *THOUGHTS))
"""What such a name begins with."""
_ANSWER = (
    r"(?:(?:my|the)[ \t])?(?:(?:final|actual|public|visible|official)[ \t])?(?:answer|response|reply|output|actions?"
    r"|antwort|réponse|respuesta|resposta|risposta|antwoord|svar|odpowiedź|ответ|回答|答案|回复|答え|応答|답변)"
)
_BRACKETS = "".join(map(re.escape, ("<>＜＞[]{}◁▷/", *LOOKALIKES, *LOOKALIKES.values())))
"""What may be a tag's, as in a class of characters."""
_SIGNS = r"[^\w\s<>\[\]#]{0,6}+[ \t]{0,2}+[*_]{0,3}"
_PARTS = "(?:div|section|span|aside|article|block|message|part|content|item|p|pre)"
_HARMONY_END = r"<\|(?:end|return|call)\|>|(?=<\|(?:start|channel)\|>)"
MARKS = (
    Marks(
        "harmony",
        r"(?:<\|start\|>[ \t]*assistant[ \t]*)?<\|channel\|>[ \t]*analysis[ \t]*<\|message\|>",
        _HARMONY_END,
        "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
    Marks("gemma", r"<\|channel>[ \t]*(?:thought|analysis)\b", r"<channel\|>", "<|channel>thought\n{}<channel|>"),
    Marks("medgemma", r"<unused94>", r"<unused95>", "<unused94>thought\n{}<unused95>"),
    Marks("apertus", r"<\|inner_prefix\|>", r"<\|inner_suffix\|>", "<|inner_prefix|>{}<|inner_suffix|>"),
    Marks(
        "granite",
        r"^[ \t]*Here(?:'|’| i)s my thought process:",
        r"Here(?:'|’| i)s my response:",
        "Here is my thought process:\n{}\nHere is my response:\n",
        pairs=True,
    ),
    Marks(
        "apriel",
        r"^[ \t]*Here are my reasoning steps:",
        r"\[BEGIN FINAL RESPONSE\]",
        "Here are my reasoning steps:\n{}\n[BEGIN FINAL RESPONSE]\n",
        pairs=True,
    ),
    Marks(
        "leaked_lines",
        r"\A(?:assistant)?analysis[ \t]*$",
        r"(?m:^(?:assistant)?final[ \t]*$)",
        "analysis\n{}\nfinal\n",
        pairs=True,
    ),
    Marks(
        "leaked",
        r"\A(?:assistant)?analysis(?=\s?[A-Z\"'])",
        r"assistantfinal",
        "analysisWe think.\n{}\nassistantfinal",
        pairs=True,
    ),
    Marks("gemini", r"<ctrl94>", r"<ctrl95>", "<ctrl94>thought\n{}<ctrl95>"),
    Marks(
        "solar",
        r"(?:<\|begin\|>[ \t]*assistant)?[ \t]*<\|think\|>",
        r"<\|/think\|>|</think>|<\|end\|>(?:\s*<\|begin\|>[ \t]*assistant)?",
        "<|think|>{}<|end|><|begin|>assistant<|content|>",
    ),
    Marks(
        "s1",
        r"<\|im_start\|>[ \t]*think(?:ing)?\b",
        r"<\|im_start\|>[ \t]*answer\b:?",
        "<|im_start|>think\n{}\n<|im_start|>answer\n",
    ),
    Marks("instruction", rf"<\?[ \t]*{NAME}", r"\?>", "<?thinking\n{}\n?>\n", pairs=True),
    Marks(
        "environment",
        rf"\\begin\{{{NAME}\}}",
        rf"\\end\{{{NAME}\}}",
        "\\begin{thinking}\n{}\n\\end{thinking}\n",
        pairs=True,
    ),
    Marks(
        "jinja",
        rf"\{{%-?[ \t]*{NAME}[^%\n]{{0,80}}%\}}",
        rf"\{{%-?[ \t]*end[ _-]?{NAME}[ \t]*-?%\}}",
        "{% think %}\n{}\n{% endthink %}\n",
        pairs=True,
    ),
    Marks(
        "directive",
        rf"^[ \t]{{0,3}}:{{3,}}[ \t]*\{{?{NAME}[^\n<>]{{0,80}}$",
        r"(?m:^[ \t]{0,3}:{3,}[ \t]*$)",
        ":::thinking\n{}\n:::\n",
        pairs=True,
    ),
    Marks(
        "ruled",
        rf"^[ \t]{{0,3}}+(?:(?:[^\w\s*#:|`~{_BRACKETS}]{{1,12}}+|_{{1,12}}+|#(?=\w)|\*(?:\*\*+)?+(?!\*))[ \t]{{0,3}}+|"
        rf"(?:[^\w\s{_BRACKETS}]{{1,12}}+[ \t]{{0,3}}+)?(?:begin|start)\w{{0,4}}(?:[ _-]of)?[ _:-]{{1,3}})"
        rf"{NAME}[^\w\n{_BRACKETS}]{{0,15}}$|^[ \t]{{0,3}}+{NAME}[ \t_-]{{1,3}}(?:begin|start)s?[^\w\n<>\[\]]{{0,15}}$",
        rf"(?m:^[ \t]{{0,3}}+[^\w\s<>\[\]/]{{0,12}}+[ \t]{{0,3}}+(?:/[ \t]?|(?:end|stop|finish)\w{{0,3}}(?:[ _-]of)?"
        rf"[ _:-]{{0,3}}){NAME}[^\w\n]{{0,15}}$|^[ \t]{{0,3}}+{NAME}[ \t_-]{{1,3}}(?:end|stop)s?[^\w\n]{{0,15}}$"
        rf"|(?P<perhaps>^[ \t]{{0,3}}+[^\w\s<>\[\]]{{1,12}}+[ \t]{{0,3}}+(?:end|{_ANSWER})[^\w\n]{{1,15}}$))",
        "--- BEGIN INTERNAL REASONING ---\n{}\n--- END INTERNAL REASONING ---\n",
        pairs=True,
    ),
    Marks(
        "attribute",
        rf"<{_PARTS}\b[^<>]{{0,200}}?[ \t](?:[\w-]{{1,30}}[ \t]?=[ \t]?[\"']{NAME}[\"']|"
        rf"thought[ \t]?=[ \t]?[\"']?true\b)[^<>]{{0,200}}>|\[spoiler[ \t]?=[ \t]?[\"']?{NAME}[\"']?\]",
        rf"</{_PARTS}[ \t]*>|\[/spoiler\]",
        '<div class="thinking">\n{}\n</div>\n',
        pairs=True,
    ),
    Marks(
        "assigned",
        rf"^[ \t]{{0,3}}+{NAME}[ \t]?[=:][ \t]?(?:\"{{3}}|'{{3}})",
        r"\"{3}|'{3}",
        'thinking = """\n{}\n"""\n',
        pairs=True,
    ),
    Marks("remark", rf"/\*{{1,3}}[ \t]*{NAME}", r"\*/", "/* thinking:\n{}\n*/\n", pairs=True),
    Marks(
        "ollama",
        r"\AThinking\.\.\.[ \t]*$",
        r"(?m:^\.\.\.done thinking\.)",
        "Thinking...\n{}\n...done thinking.\n\n",
        pairs=True,
    ),
    Marks(
        "titled",
        rf"^[ \t]{{0,3}}+(?:(?:#{{1,6}}[ \t]{{1,3}}|[*_]{{2}}){_SIGNS}{NAME}(?=[^\n<>]{{0,60}}$)"
        rf"|{_SIGNS}{NAME}(?:[ \t]?\([^()\n]{{0,60}}\))?[ \t]?[*_]{{0,3}}[:：])",
        rf"(?m:^[ \t]{{0,3}}+(?:(?:#{{1,6}}[ \t]{{1,3}}|[*_]{{2}}){_SIGNS}{_ANSWER}(?!\w)[^\n]{{0,40}}$"
        rf"|{_SIGNS}{_ANSWER}[ \t]?[*_]{{0,3}}[:：])|(?P<stop>^[ \t]{{0,3}}#{{1,6}}[ \t]))",
        "## Thinking\n\n{}\n\n## Final answer\n\n",
        pairs=True,
        sure=False,
        section=True,
    ),
    Marks(
        "details",
        r"<details\b[^<>]{0,200}\btype[ \t]*=[ \t]*[\"']?reasoning\b[^<>]{0,200}>"
        r"|<details\b[^<>]{0,200}>\s{0,20}<summary>[^<>]{0,80}\b(?:thought|thinking|reasoning)\b[^<>]{0,80}</summary>",
        r"</details>",
        '<details type="reasoning" done="true">\n<summary>Thought for a while</summary>\n{}\n</details>',
        pairs=True,
    ),
    Marks("struck", r"(?<!~)~~(?=[^\s~])", r"~~", "~~{}~~", pairs=True, sure=False),
    Marks("comment", r"<!--", r"-->", "<!-- {} -->", pairs=True, sure=False),
)
"""Thoughts that are written otherwise."""

TEMPLATES = (
    *(
        "</think>",
        "[/THINK]",
        "◁/think▷",
        "</seed:think>",
        "<|end_of_thought|>",
        "<|END_THINKING|>",
        "<|end_thinking|>",
    ),
    *(
        "</think_fast>",
        "</think_faster>",
        "<ctrl95>",
        "<unused95>",
        "<channel|>",
        "<|inner_suffix|>",
        "</longcat_think>",
        "</mm:think>",
        "<|/think|>",
        "</ant:think>",
        "\\</think\\>",
        "&lt;/think&gt;",
    ),
)
"""Closing marks that chat templates write: without an opening one everything before the first of them is thought."""
NOTHING = later(
    r"(?:\s|[" + ZERO_WIDTH + r"]|<\|(?:im_end|eot_id|endoftext|end_of_text|end|return|eom_id|eos|user|end_of_turn)\|>"
    r"|</s>|<eos>|<end_of_turn>|<｜end▁of▁sentence｜>|\[/?INST\])*+"
)
"""What ends an answer without saying anything."""

_CORE = "|".join(sorted(map(plain, THOUGHTS), key=len, reverse=True))
_BEFORE = "|".join(sorted(map(plain, QUALIFIERS), key=len, reverse=True))
_THOUGHT = later(
    rf"(?P<first>(?:begin|start|end|stop)(?:of)?)?(?:{_BEFORE}){{0,4}}(?P<core>(?:{_CORE}){{1,4}})"
    rf"(?:process|block|section|steps?|content|text|trace|{_BEHIND})?(?P<last>start|begin|end|stop)?\d{{0,4}}"
)
_UNSURE = later(rf"(?:{_BEFORE}){{0,2}}({'|'.join(sorted(map(plain, UNSURE), key=len, reverse=True))})\d{{0,4}}")
FIRST_WORDS = tuple({plain(n.split("_")[0]) for n in (*THOUGHTS, *QUALIFIERS, "end", "start", "stop")})
"""Words that a name of several words begins with."""
_STEMS = {"think": "think", "thought": "think", "cot": "think", "chain": "think", "scratch": "scratchpad"}

_PLAIN = frozenset("think thinking thought thoughts cot reasoning reflection scratchpad monologue".split())
"""Words that say thinking in a longer name."""


@dataclass(frozen=True)
class Thinking:
    """What a tag's name says of thoughts.

    Attributes:
        family: Names of one family close one another.
        ends: Whether the name itself says that it closes (`end_of_thought`).
        sure: Whether it is certainly thinking.
    """

    family: str
    ends: bool = False
    sure: bool = True


@lru_cache(maxsize=4096)
def thinking(name: str) -> Thinking | None:
    """What the name of a tag says of thoughts; None where it says nothing."""
    word = plain(name)
    found = _THOUGHT.fullmatch(word)
    if found is None:
        return _longer(name, word)
    core = found["core"]
    family = next((f for stem, f in _STEMS.items() if core.startswith(stem)), core[:9])
    return Thinking(family, ends=bool(re.match("end|stop", found["last"] or found["first"] or "")))


def _longer(name: str, word: str) -> Thinking | None:
    """What a name says that is none of the table: one of its words may be."""
    if _UNSURE.fullmatch(word):
        return Thinking(word, sure=False)
    words = {plain(w) for w in re.findall(r"[A-Z]?[^\W_A-Z]+|[A-Z]+", re.sub(f"[{ZERO_WIDTH}]", "", name))}
    if not words & _PLAIN:
        return None
    others = (w for w in words if w not in BESIDE and _THOUGHT.fullmatch(w) is None)
    return Thinking(word, sure=all(re.fullmatch(r"[0-9a-f]*\d[0-9a-f]*", w) for w in others))
