"""Who writes a letter or an official paper, and to whom, by its title.

Headlines have the words of such titles too: "Poland to Host Summit", "Exports hit a record". So a
title counts only where the word for the paper opens it, or where a person, an office or a body
stands on either side of "to" (codebook, rule 37).
"""

import re
from collections.abc import Sequence

from alliance_stance.extraction.speech_titles import NOT_GOVERNING
from alliance_stance.extraction.titles import TITLE
from alliance_stance.schema import Mention

Correspondents = tuple[str | None, str | None]
"""The states of sender and addressee; None for one that is not known."""

_INNER = (
    r"memorand\w+|minutes?|submission|brief|paper|cablegram|savingram|telegram|despatch|dispatch"
)
"""Papers that mostly stay inside one government."""
_PAPER = re.compile(
    r"(?P<before>(?:[\w'\u2019-]+ ){0,3}?)"
    rf"(?P<kind>(?P<inner>{_INNER})|letter|message|note(?: verbale)?|report|record|"
    r"aide[- ]m[e\u00e9]moire|(?:speech|address)(?=,))\b"
    r"(?:\[\d+\])?(?: dated [\w ,]{4,20}?(?= from ))?(?: no\. ?[\w/-]+)?"
    r"(?:,|(?= (?:from|by|of the|to|for)\b)|(?<=letter|minute)(?= (?-i:[A-Z])[\w'-]+ to ))",
    re.IGNORECASE,
)
"""The word for a paper at the beginning, and right behind it those who have to do with it."""
_OFTEN_OF_A_PLACE = frozenset({
    "letter", "message", "report", "record", "brief", "paper", "dispatch", "despatch", "speech",
    "address",
})  # fmt: skip
"""What a newspaper has, too: a "Letter from Hungary" is not its government's."""
_PAPER_OF_BODY = re.compile(
    r"(?P<sender>[^\n]{2,80}?\b(?:cabinet|chiefs of staff committee|delegation|department|"
    r"embassy|government|ministry|mission|office)) "
    r"(?:draft )?(?:memorandum|minute|submission|brief|note)(?=$| (?:on|for)\b)",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"(?P<sender>[^\n]{3,120}?) (?:sent|forwarded|addressed|wrote) (?:an?|the) (?:\w+ )?"
    r"(?:letter|message|telegram|note)\b[^\n]{0,200}? to (?P<addressee>[^\n]+)"
)
_TO = re.compile(r"(?P<sender>[^\n]*?),? ?\bto (?P<addressee>[^\n]+)", re.IGNORECASE)
_FOR = re.compile(r"(?P<sender>[^\n]*?),? ?\bfor (?P<addressee>[^\n]+)", re.IGNORECASE)
_NAMES = r"[A-Z][\w.'\u2019-]*(?:(?:,? (?:of|in|the|and|for))*,? [A-Z][\w.'\u2019-]*)*?"
_FROM_NAME_TO_NAME = re.compile(
    rf"(?P<sender>{_NAMES}),? (?:to|TO) (?P<addressee>{_NAMES})"
    r"(?: (?:Cablegram|Despatch|Dispatch|Telegram)\b[^\n]*)?(?: \(in [A-Z]\w+\))?(?: ?\[\d+\])?$"
)
_LEAD = re.compile(r"[ ,]*(?:\b(?:from|by|of)\b)?[ \[\]]*(?:the )?", re.IGNORECASE)
_ABOUT = re.compile(
    r" (?:on|about|concerning|regarding|with|in|at|between|of (?:an? |the )?(?:\w+ )?"
    r"(?:meetings?|conversations?|discussions?|talks))\b",
    re.IGNORECASE,
)
"""Where the words on a sender or an addressee end."""
_BODY = (
    r"(?i:government|cabinet|embassy|legation|mission|commission|delegation|department|ministry|"
    r"office|consulate|consul(?:-general)?|treasury|treasurer|governor(?:-general)?|"
    r"chiefs of staff)"
)
_OFFICE = re.compile(rf"(?:(?i:{TITLE})|{_BODY})\b(?!-elect)")
_IS_BODY = re.compile(rf"(?:[\w-]+ ){{0,2}}{_BODY}\b")
_ENDS_WITH_OFFICE = re.compile(rf"\b(?:{TITLE}|{_BODY})(?:,? (?:in|of|for|at) .+|, [A-Z][\w ]+)?$")
_HONOURED = re.compile(r"(?:Mrs?|Ms|Sir|Lord|Dr|Dame)\b", re.IGNORECASE)
_SURNAMES = re.compile(r"(?:Van |De )?[A-Z][\w'\u2019-]+(?:(?:,| and) [A-Z][\w'\u2019-]+)*")
_NO_SURNAMES = frozenset({
    "act", "answer", "appeal", "attack", "attend", "blow", "boost", "challenge", "collapse",
    "continue", "decide", "delay", "drop", "end", "fall", "farewell", "fight", "follow", "go",
    "grow", "guide", "help", "host", "join", "leave", "lose", "meet", "offer", "path", "pay",
    "plea", "quit", "resign", "respond", "response", "resume", "retire", "return", "rise", "road",
    "rule", "run", "sign", "snub", "speak", "stand", "start", "stay", "step", "stop", "suffer",
    "talk", "testify", "thanks", "threat", "travel", "tribute", "veto", "visit", "vote", "wait",
    "warning", "welcome", "win", "withdraw",
})  # fmt: skip
"""What headlines have beside "to", where a letter has a surname: "Johnson to Resign"."""


def is_of_a_letter(title: str) -> bool:
    """Say whether a title has a form of those that `correspondents` reads."""
    forms = (_PAPER, _PAPER_OF_BODY, _SENT, _FROM_NAME_TO_NAME)
    return any(form.match(title) for form in forms)


def correspondents(
    title: str, states: Sequence[Mention], alliances: Sequence[Mention]
) -> Correspondents:
    """Give the states of sender and addressee of the letter or paper that a title tells of.

    Parameters
    ----------
    title
        A document's title, of one of the forms.
    states
        Its mentions of states and office-holders.
    alliances
        Its mentions of alliances.

    Returns
    -------
    tuple
        The two states; None for one that is not known, and for both of a title of another kind.

    Examples
    --------
    >>> peru = Mention("state", "PER", 28, 32, "name")
    >>> chile = Mention("state", "CHL", 40, 47, "adjective")
    >>> correspondents("Letter from the Minister of Peru to the Chilean Cabinet", [peru, chile], [])
    ('PER', 'CHL')
    """
    letter = _Letter(title, states, alliances)
    forms = (letter.paper, letter.paper_of_body, letter.sent, letter.from_name_to_name)
    return next((found for form in forms if (found := form()) is not None), (None, None))


class _Letter:
    """The title of a letter; each of its forms gives None for a title of another form."""

    def __init__(self, title: str, states: Sequence[Mention], alliances: Sequence[Mention]) -> None:
        self._title = title
        self._named = sorted([*states, *alliances], key=lambda mention: mention.start)

    def paper(self) -> Correspondents | None:
        """Read "Letter from X to Y", "MINUTE, X TO Y", "Submission to Y", "Memorandum by X"."""
        match = _PAPER.match(self._title)
        if match is None or self._inside(0, match.end("before")):
            return None
        start = match.end()
        may_be_bare = match["kind"].lower() not in _OFTEN_OF_A_PLACE
        split = _TO.match(self._title, start)
        if split is None and match["inner"]:
            split = _FOR.match(self._title, start)
        if split is None:
            words = self._words(start, len(self._title))
            return self._writer(*words, may_be_bare=may_be_bare), None
        words = self._words(*split.span("sender"))
        sender = self._writer(*words, may_be_bare=may_be_bare)
        is_left_out = words[0] == words[1] and match["inner"] is not None
        is_home = is_left_out or self._is_unknown(*words)
        return self._both(sender, split.start("addressee"), is_home=is_home)

    def paper_of_body(self) -> Correspondents | None:
        """Read "UK Delegation Memorandum on X"."""
        match = _PAPER_OF_BODY.match(self._title)
        return (self._writer(*match.span("sender")), None) if match else None

    def sent(self) -> Correspondents | None:
        """Read "The President of X sent a letter to Y"."""
        match = _SENT.match(self._title)
        if match is None:
            return None
        sender = self._writer(*match.span("sender"))
        return self._both(sender, match.start("addressee"), is_home=False)

    def from_name_to_name(self) -> Correspondents | None:
        """Read "Chifley to Attlee", "Embassy in X to Department of Y"."""
        match = _FROM_NAME_TO_NAME.match(self._title)
        if match is None:
            return None
        span = match.span("sender")
        if not self._may_write(*span) or not self._may_be_addressed(*match.span("addressee")):
            return None
        words = self._words(*span)
        is_home = self._is_unknown(*words)
        return self._both(self._writer(*words), match.start("addressee"), is_home=is_home)

    def _both(self, sender: str | None, addressee: int, *, is_home: bool) -> Correspondents:
        """Give the sender with the first state that the words on the addressee name."""
        words = self._words(addressee, len(self._title))
        own = (m for m in self._inside(*words) if m.kind == "state" and m.how != "capital")
        to = next(own, None)
        if sender is None:
            # one who writes to a minister by name is of the same state
            return (to.id if is_home and to is not None and to.how == "person" else None), None
        return sender, to.id if to is not None and to.id != sender else None

    def _writer(self, start: int, end: int, *, may_be_bare: bool = False) -> str | None:
        """Give the only state that the words on a sender name, if its government is meant.

        That is where a person or an office is named; where `may_be_bare`, the state's mere name
        will do.
        """
        own = [
            m
            for m in self._inside(start, end)
            if m.kind == "state"
            and m.how != "capital"
            and not self._title[: m.start].endswith((" for ", " for the "))
        ]
        if len({m.id for m in own}) != 1 or NOT_GOVERNING.search(self._title, start, end):
            return None
        is_bare = may_be_bare and (own[0].start, own[0].end) == (start, end)
        has_office = _OFFICE.search(self._title, start, end) is not None
        is_holder = any(m.how == "person" for m in own)
        return own[0].id if is_bare or has_office or is_holder else None

    def _may_write(self, start: int, end: int) -> bool:
        """Say whether a person, an office or a body can be meant, and not "Peru's path"."""
        named = self._inside(start, end)
        if not named:
            return self._is_unknown(start, end) or _HONOURED.match(self._title, start) is not None
        is_person = named[-1].how == "person" and named[-1].end == end
        return is_person or _ENDS_WITH_OFFICE.search(self._title, start, end) is not None

    def _may_be_addressed(self, start: int, end: int) -> bool:
        """Say whether a person, an office or a body can be meant, and not "visit Peru"."""
        named = self._inside(start, end)
        if named and named[0].start == start and named[0].how != "person":
            has_office = _OFFICE.search(self._title, named[0].start, end) is not None
            return named[0].kind == "state" and has_office
        if self._title[start:end].partition(" ")[0].lower() in _NO_SURNAMES:
            return False
        return (
            (bool(named) and named[0].start == start)
            or _HONOURED.match(self._title, start) is not None
            or _OFFICE.match(self._title, start, end) is not None
            or self._is_unknown(start, end)
        )

    def _is_unknown(self, start: int, end: int) -> bool:
        """Say whether words are a bare surname or a body of which no state is known."""
        words = self._title[start:end]
        if any(mention.how != "person" for mention in self._inside(start, end)):
            return False
        if words.partition(" ")[0].lower() in _NO_SURNAMES:
            return False
        return _SURNAMES.fullmatch(words) is not None or _IS_BODY.match(words) is not None

    def _words(self, start: int, end: int) -> tuple[int, int]:
        """Cut "from the" off the words on somebody, and what the letter is about."""
        lead = _LEAD.match(self._title, start, end)
        start = lead.end() if lead else start
        about = _ABOUT.search(self._title, start, end)
        end = about.start() if about else end
        return start, max(start, len(self._title[:end].rstrip(" ,[]")))

    def _inside(self, start: int, end: int) -> list[Mention]:
        return [m for m in self._named if start <= m.start and m.end <= end]
