"""Persons whom a text introduces as holders of a state's office.

"Kremlin spokesman Dmitry Peskov", "Hua Lin, a spokeswoman for the Chinese foreign ministry",
"Petrov, who represented Bulgaria": once introduced, the surname alone is enough in the rest of the
document.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from ahocorasick_rs import AhoCorasick

from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.titles import NAME, PLURAL, QUALIFIED, RANK, TITLE, TITLE_ENDS
from alliance_stance.schema import Mention

_TITLE_THEN_NAME = re.compile(
    rf"(?:'s |'s? | ){QUALIFIED}(?P<comma>,)? {RANK}{NAME}(?(comma)(?=[,.;:()\"]|$))"
)
"""Behind a comma a name closes with one, too: "after talks with the Italian premier, Mr Putin told"
introduces nobody."""
_TITLE_IS_NAME = re.compile(rf"(?:'s |'s? | ){QUALIFIED} (?:is|was) {RANK}{NAME}")
_TITLE_AFTER = re.compile(rf"(?:'s |'s? | ){QUALIFIED}\b")
_OF_STATE_THEN_NAME = re.compile(rf",? {RANK}{NAME}")
_OF_STATE_NAME = re.compile(rf" {RANK}{NAME}")
_NAME_BEFORE = re.compile(rf"{NAME}, (?:the |an? )?$")
_NAME_TITLE_OF = re.compile(
    rf"{NAME}, (?:the |an? )?{QUALIFIED} (?:of|to|in|for|at|from) (?:the )?$"
)
_TITLE_NAME_OF = re.compile(rf"\b{TITLE} {RANK}{NAME} of (?:the )?(?:Republic of )?$")
_PLURAL_NAME_OF = re.compile(rf"\b{PLURAL} (?:[^.;]*? and )?{RANK}{NAME} of (?:the )?$")
_TITLE_OF = re.compile(rf"{TITLE} (?:of|in) (?:the )?$")
_WHO_FOR = re.compile(
    rf"{NAME}, who (?:(?:sits|sat|speaks|spoke|stands|stood|negotiates|negotiated) for|represents|"
    r"represented) (?:the )?$"
)
_WHOM_SENT = re.compile(rf"{NAME}, whom $")
_WHO_ENDS = tuple(
    f" {word} {rest}"
    for word in ("for", "represents", "represented", "whom")
    for rest in ("", "the ")
)
"""What stands between a person who is introduced without a title, and the state."""
_SENT = re.compile(r" (?:had |has )?(?:sent|appointed|dispatched|recalled)\b")
_SPEAKS_FOR = re.compile(rf"{RANK}{NAME} (?:speaks|spoke) for (?:the )?$")
_HEAD = (
    r"(?:[Pp]resident|[Pp]rime [Mm]inister|[Pp]remier|[Cc]hancellor|[Mm]inister|[Ll]eader|[Kk]ing)"
)
_LATE = (
    # "the son of late President X" is of a person, "has of late" is not
    r"(?<!Of )(?<![Aa]s of )(?<!ave of )(?<![Tt]oo )\b[Ll]ate(?= )"
    r"(?! (?:on|in|at|of|to|for|as|into|than|this|last|next|that|yesterday|"
    r"tonight|today|night|evening|afternoon|morning|hours?|stages?|spring|summer|autumn|"
    r"fall|winter|week|month|year|century|'?\d\w*|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|"
    r"August|September|October|November|December)\b)"
)
"""Before a name, not before a time ("late on Monday", "late last year")."""
_OPPOSITION = (
    r"\b[Oo]pposition\b(?! (?:of|from|by|to|in|within|among|over|on|for|against|towards?|"
    r"[a-z]+ed)\b)"
)
"""Of persons; "opposition from" is what somebody does."""
_CANDIDATE = (
    r"(?<!EU[ -])(?<!NATO[ -])(?<!BRICS[ -])(?<!OECD[ -])(?<!ASEAN[ -])(?<!Union )(?<!bloc )"
    r"(?<!alliance )(?<!membership )(?<!accession )\b[Cc]andidate\b"
    rf"(?: for (?:[a-z]+ )?{_HEAD})?(?! (?:country|countries|states?|nations?|[\w-]+'s)\b)"
)
"""For an office; a candidate for membership is a state, and its leaders are in office."""
_ELSEWHERE = (
    r"(?:[\w' -]*\b(?:that|than|when|while|as|because|but|if|until|since|though|although|who|whom|"
    r"whose|which|is|was|are|were|has|have|had|will|would|could|can|did|does|said|says|told|tells|"
    r"asks|urges|warns|accuses|blames|fears|wants|met|meets|saw|sees|calls|beat|by|with|from|"
    r"against|after|before|over|into) |"
    r"[\w' -]*(?:\b(?:of|to|for|in|on|at|about|under)|[\w'-] (?<!and )[a-z]+ed) (?:the )?"
    rf"(?:[\w-]+'s )?(?:{_HEAD} )?$)"
)
"""Behind these, a name is that of somebody else: "a former aide to President X", "the opposition
told X"; but not "the former president of France X"."""
_FORMER = re.compile(
    rf"(?:\b(?:[Ff]ormer|[Oo]ne-time|[Rr]etired|[Oo]usted|[Dd]eposed)\b|{_LATE}|{_OPPOSITION}|"
    rf"{_CANDIDATE}|\b(?:[Ee]x|[Tt]hen)(?=-)|-elect\b,?)[ -](?!{_ELSEWHERE})[\w' -]{{0,24}}$"
)
_FORMER_HINTS = (
    "ormer", "pposition", "andidate", "ate ", "ne-time", "etired", "usted", "eposed", "x-", "hen-",
    "-elect",
)  # fmt: skip
"""Every `_FORMER` holds one of these; looking for them first saves most searches."""
_PREPOSITIONS = tuple(
    f" {word} {rest}" for word in ("of", "in", "to", "for") for rest in ("", "the ")
)
_TITLE_REACH = 45
"""Characters behind a state in which the last word of a title has to begin."""
REACH = 80
"""Characters before a name in which a title or a "former" is looked for."""
_SURNAME_FIRST = frozenset({"CHN", "TWN", "KOR", "PRK", "VNM", "VDR", "KHM", "SGP"})
"""States where the first word of a name is the surname; texts turn it round now and then."""
_SHORTEST = 3
"""Shorter surnames stand in too many other names."""


NO_FORENAMES = frozenset({
    "the", "and", "but", "as", "if", "when", "while", "after", "before", "with", "from", "for",
    "by", "to", "of", "in", "on", "at", "that", "since", "under", "against", "between",
    "because", "although", "though", "however", "meanwhile", "yesterday", "today", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "president", "minister",
    "secretary", "premier", "chancellor", "says", "said", "told", "i", "his", "her", "its",
    "their", "our", "yet", "so", "then", "now", "still", "even", "only", "perhaps", "here",
    "there", "both", "neither", "either", "nor", "also", "instead", "later", "earlier", "did",
    "does", "will", "would", "can", "could", "is", "was", "has", "had", "do", "not", "no",
    "why", "how", "what", "who", "where", "which", "ask", "asked", "like", "unlike", "despite",
    "thanks", "until", "once", "therefore", "thus", "moreover", "furthermore", "nevertheless",
    "consequently", "accordingly", "finally", "indeed",
})  # fmt: skip
"""Words that begin a clause or are a title, and no name."""
NO_SURNAMES = frozenset({
    "government", "governments", "assembly", "council", "committee", "commission", "conference",
    "congress", "senate", "parliament", "court", "minister", "ministers", "ministry", "president",
    "presidents", "secretary", "delegation", "department", "office", "state", "states", "nation",
    "nations", "union", "republic", "organization", "organisation", "party", "session", "general",
    "affairs", "defence", "defense", "trade", "summit", "europe", "africa", "asia", "america",
})  # fmt: skip
"""Last words of bodies and titles, which are no person's."""


def introduced_persons(
    plain: str, states: Sequence[Mention], titles: Sequence[int]
) -> dict[str, str]:
    """Find the persons whom the text itself introduces as holders of a state's office.

    Parameters
    ----------
    plain
        The document's text, normalised.
    states
        Its mentions of states, in order.
    titles
        Where the words of titles begin ("minister"), in order.

    Returns
    -------
    dict
        Full name as written, to state code; names after "former", "-elect" and the like are
        left out, since they do not speak for the state.

    Examples
    --------
    >>> text = "Kremlin spokesman Dmitry Peskov met former Polish president Lech Walesa."
    >>> kremlin = Mention("state", "RUS", 0, 7, "seat")
    >>> polish = Mention("state", "POL", 43, 49, "adjective")
    >>> introduced_persons(text, [kremlin, polish], [8, 56])
    {'Dmitry Peskov': 'RUS'}
    """
    persons: dict[str, str] = {}
    place = 0
    has_who = ", who" in plain or " speaks for " in plain or " spoke for " in plain
    for state in states:
        # most states have no title beside them; the patterns are tried on those that do
        while place < len(titles) and titles[place] < state.end:
            place += 1
        has_after = place < len(titles) and titles[place] <= state.end + _TITLE_REACH
        has_before = place > 0 and titles[place - 1] >= state.start - REACH
        is_who = has_who and plain.endswith(_WHO_ENDS, 0, state.start)
        if not (has_after or has_before or is_who):
            continue
        found = _introduced(plain, state, has_after=has_after, has_before=has_before)
        if found is None:
            continue
        # "the President in Sana'a, Kuwait" introduces nobody
        offset = 0 if found.string is plain else max(0, state.start - REACH)
        at = bisect_left(states, offset + found.start("name"), key=lambda named: named.start)
        if at == len(states) or states[at].start != offset + found.start("name"):
            persons[found["name"].rstrip(".'").removesuffix("'s")] = state.id
    return persons


def _introduced(
    plain: str, state: Mention, *, has_after: bool, has_before: bool
) -> re.Match[str] | None:
    """Give the match whose ``name`` is introduced with a mention of a state, if any.

    `has_after` and `has_before` say on which sides the word of a title stands.
    """
    before = plain[max(0, state.start - REACH) : state.start]
    found = _WHO_FOR.search(before) if ", who" in before else None
    if found is None and before.endswith((" for ", " for the ")):
        found = _SPEAKS_FOR.search(before)
    if found is None and before.endswith(", whom ") and _SENT.match(plain, state.end):
        found = _WHOM_SENT.search(before)
    if found is None and has_after:
        found = _TITLE_THEN_NAME.match(plain, state.end) or _TITLE_IS_NAME.match(plain, state.end)
        if found is None and before.endswith((", ", ", the ", ", a ", ", an ")):
            found = _NAME_BEFORE.search(before)
            found = found if found and _TITLE_AFTER.match(plain, state.end) else None
    if found is None and has_before and before.endswith(_PREPOSITIONS):
        found = _introduced_before(plain, state, before)
        # the title is on this side: "former president of X Ann Lee"
        before = _without_preposition(before) + " "
    if found is None or is_former(before) or not _is_name(found["name"]):
        return None
    return found


def _is_name(words: str) -> bool:
    """Say whether words with capitals can be a person's name."""
    parts = words.lower().split()
    return parts[0] not in NO_FORENAMES and parts[-1].rstrip(".") not in NO_SURNAMES


def _introduced_before(plain: str, state: Mention, before: str) -> re.Match[str] | None:
    """Find a name by its title on the left of a state: "X, president of", "Minister X of"."""
    word = _without_preposition(before).rpartition(" ")[2]
    # a title or a name goes before the "of", else ("the people of") there is nobody to be found
    if (
        not word[:1].isupper()
        and word.lower() not in TITLE_ENDS
        and word not in {"speaks", "spoke"}
    ):
        return None
    if word in {"speaks", "spoke"}:
        return None
    if word.lower() not in TITLE_ENDS:
        found = _TITLE_NAME_OF.search(before) or _PLURAL_NAME_OF.search(before)
        if found is not None:
            return found
    is_titled = _TITLE_OF.search(before) is not None
    # in a row ("President of X Ann Lee, President of Y Bo Ray") the name behind is the holder's
    behind = _OF_STATE_NAME.match(plain, state.end) if is_titled else None
    if behind is not None and " " in behind["name"] and _is_name(behind["name"]):
        return behind
    found = _NAME_TITLE_OF.search(before)
    if found is not None:
        return found
    return _OF_STATE_THEN_NAME.match(plain, state.end) if is_titled else None


def _without_preposition(before: str) -> str:
    """Cut "of" or "of the" from the end of the words before a state."""
    return before.removesuffix("the ").rstrip().rpartition(" ")[0]


def occurrences(plain: str, folded: str, persons: Mapping[str, str]) -> Iterator[Mention]:
    """Yield where introduced persons stand, taking in the full name where that is written out."""
    # of two with one surname the one that was introduced last is meant
    names = {
        short: name
        for name, state in persons.items()
        for short in _short_forms(name, state)
        if len(short) >= _SHORTEST
    }
    if not names:
        return
    shorts = list(names)
    automaton = AhoCorasick([f" {fold(short)} " for short in shorts])
    for index, begin, last in automaton.find_matches_as_indexes(folded, overlapping=True):
        short, start, end = shorts[index], begin, last - 2
        if plain[start:end] != short:
            continue
        name = names[short]
        before, after = name.split(short, 1)
        if before and plain.endswith(before, 0, start):
            start -= len(before)
        if after and plain.startswith(after, end):
            end += len(after)
        if not is_former(plain[max(0, start - REACH) : start]):
            yield Mention("state", persons[name], start, end, "person")


def _short_forms(name: str, state: str) -> list[str]:
    """Give what a person is called again: the surname, also without its article ("al-")."""
    words = name.split(" ")
    surname = words[0] if state in _SURNAME_FIRST else words[-1]
    plain = re.sub(r"^(?:al|el|ul)-", "", surname)
    return list(dict.fromkeys((surname, plain, words[-1])))


def is_former(before: str) -> bool:
    """Say whether the words before a name take the office away ("former", "-elect")."""
    return any(hint in before for hint in _FORMER_HINTS) and _FORMER.search(before) is not None
