"""Whether a date in a sentence is the last on which readers can do something."""

import re

from postroom.content.dates import DateMention

_LOOKED_AT = 120  # characters before a date
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_HALF_DAY = re.compile(r"\b([ap])\.m\.", re.IGNORECASE)  # 5 p.m. ends no sentence

_TIME = r"(?:\d{1,2}(?:[.:]\d\d)?\s?(?:[ap]m)?|midnight|midday|noon)"
_END = r"(?:the )?(?:end|close)(?: of(?: the)?(?: (?:working|school))? (?:day|play|business|week))?"
_LEADING = rf"(?:[\s,:–-]|\b(?:{_TIME}|{_END}|the|on|at|latest)\b)*$"
_UP_TO = re.compile(
    rf"\b(?P<to>by|before|until|till|up to|(?:no|not) later than)\b{_LEADING}", re.IGNORECASE
)
_LAST = re.compile(
    r"\b(?:deadline|closing date|cut-?off|last (?:day|date|chance)|due(?! to\b)|expires?|expiring"
    r"|closing|closes|close(?=\s+(?:at|on|by|from|this|next|midnight|noon)\b))\b[^\n]{0,40}$"
    rf"|\bend(?:s|ing)?\b{_LEADING}",
    re.IGNORECASE,
)
_IS_LAST = re.compile(
    r"[\s,:–-]*(?:is|will be)\s+(?:the|our|your)\s+(?:final |last )?"
    r"(?:deadline|closing date|cut-?off|day|date)\b",
    re.IGNORECASE,
)
# "Claims for training done before 1 May": that is about what was, not about what is to be done.
_DONE = re.compile(
    r"\b(?:done|undertaken|completed|finished|taken|carried out|begun|started|held|given|delivered|"
    r"trained|employed|appointed|born|paid|mentored|worked|opened|began|joined|applied|registered|"
    r"qualified|ended|wrote(?: to \w+)?|written(?: to \w+)?)\s*$",
    re.IGNORECASE,
)
_WAS = re.compile(r"\b(?:was|were|had|has been|have been|ran|did|closed|ended)\b", re.IGNORECASE)
_TO_DO = re.compile(
    r"\b(?:must|should|need(?:s|ed)? to|ha(?:s|ve) to|(?:is|are) to|to be|please|can|could|will)\b",
    re.IGNORECASE,
)

# "Before 1 September funding was different." Only so: "by 1 May, if you were there" is a deadline.
_WAS_THEN = re.compile(r",? (?:\w+ ){1,2}(?:was|were|had|used to|could)\b", re.IGNORECASE)


def is_deadline(text: str, mention: DateMention) -> bool:
    """Return whether *text* makes *mention* a day by which something is to be done."""
    before = _sentence_before(text, mention.start)
    if _IS_LAST.match(text, mention.start + len(mention.words)):
        return True
    if found := _UP_TO.search(before):
        said = before[: found.start()]
        opens = not said.strip() and found["to"].lower() != "by"
        was_then = opens and _WAS_THEN.match(text, mention.start + len(mention.words))
        is_past = bool(_WAS.search(said) or _DONE.search(said) or was_then)
        return not is_past or bool(_TO_DO.search(said))
    return bool(_LAST.search(before)) and not _WAS.search(before)


def _sentence_before(text: str, start: int) -> str:
    before = _HALF_DAY.sub(r"\1m", text[max(0, start - _LOOKED_AT) : start])
    return _SENTENCE_END.split(before)[-1]
