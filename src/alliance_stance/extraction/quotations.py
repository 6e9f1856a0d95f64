"""Who speaks in the quotations and the reported speech of a news report.

A quotation belongs to the speaker that its own sentence names with a verb of saying, before,
inside or after the words; else to the one whom the sentences before introduce. So does a sentence
whose subject is "he", "she" or "the minister". Sentences after it do not count (codebook, "The
question").
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence

from alliance_stance.extraction.headings import Heading
from alliance_stance.extraction.order import Ordered
from alliance_stance.extraction.speakers import Voice
from alliance_stance.extraction.titles import BARE_TITLE, NAME, QUALIFIED, TITLE_HEADS
from alliance_stance.schema import Sentence

_GOING_ON = frozenset({"he", "she"}) | frozenset(re.findall(r"[a-z]+", BARE_TITLE)) | TITLE_HEADS
"""One of these stands in every sentence whose subject was named before."""
_PAST = (
    "said", "told", "added", "stated", "declared", "noted", "warned", "argued", "insisted",
    "stressed", "announced", "explained", "replied", "remarked", "observed", "continued",
    "concluded", "asserted", "maintained", "claimed", "complained", "pledged", "promised", "vowed",
    "wrote", "tweeted", "posted", "urged", "emphasised", "emphasized", "reiterated",
    "acknowledged", "admitted", "asked", "cautioned", "recalled", "underlined", "commented",
    "lamented", "quipped", "answered", "called", "thanked", "suggested", "shrugged", "laughed",
    "joked", "repeated", "conceded", "predicted", "sighed", "grumbled", "boasted", "objected",
    "protested", "retorted", "assured", "confirmed", "denied", "hinted", "countered",
)  # fmt: skip
_VERB = re.compile(
    rf"\b(?:{'|'.join(_PAST)}|says|say|tells|adds|states|declares|notes|warns|argues|insists|"
    r"stresses|claims|recalls|believes|thinks|went on|took the floor|rose to)\b"
    r"|:(?=\s*[\"\u201c\u00ab])"
)
"""What says that somebody speaks: a verb of saying, or the colon before a quotation."""
_INVERTED = frozenset(_PAST) - {"told", "asked", "called", "thanked", "assured", "claimed"}
"""Verbs behind which their own subject may stand: "..., said the minister"."""
_PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he)\b")
_OTHER_SUBJECT = re.compile(r"\b(?:[Hh]e|[Ss]he|I|[Ww]e)\b")
_BARE = re.compile(
    rf"\b[Tt]he (?:(?:same|latter's) )?{BARE_TITLE}\b(?! (?:of|in|for|from) (?:the )?[A-Z])"
)
_HEADLINE = re.compile(
    r"(?:(?:Prime|Foreign|Defen[cs]e|Finance|Trade|Interior) [Mm]inister|"
    r"President|Premier|Chancellor)\b(?! [A-Z])"
)
"""How the line below a headline takes up whom the headline names; one with a name may be another's
minister."""
_PARAGRAPH = r"\n[^\S\n]*\n"
_QUOTE = re.compile(
    r'["\u201c\u201d\u00ab\u00bb]'
    rf"|{_PARAGRAPH}|\n(?=[^\S\n]*\"[\w(\['\u2018\u2026])"
)
"""A mark, or where a paragraph ends: at a blank line, or before a line that opens a quotation."""
_OPENS_SINGLE = ("\u2018", " '", "\n'")
_SINGLE = re.compile(
    "[\u2018'](?<![\\w.,;!?)][\u2018'])(?=[A-Z])"
    rf"(?:(?!{_PARAGRAPH})[^\u2018]){{1,600}}?[,.!?][\u2019'](?!\w)"
)
"""A quotation in single marks, which a text has instead of double ones; an apostrophe neither
follows a stop nor goes before a capital."""
_OPENING, _CLOSING = "\u201c\u00ab", "\u201d\u00bb"
_TITLED = re.compile(rf"(?:'s |\u2019s |'s? | ){QUALIFIED}\b")
_TITLE_NAME = re.compile(rf"(?:The )?{QUALIFIED} {NAME}")
_MINISTRY = re.compile(
    rf"\b(?:[A-Z][\w-]+(?: [A-Z][\w-]+)? )?[Mm]inist(?:er|ry)(?: (?:spokes(?:man|woman|person)|"
    rf"official))? {NAME} $"
)
"""One who speaks for a ministry whose state is not said, right before a verb of saying."""
_OF_TITLE = re.compile(rf"{QUALIFIED} of (?:the )?$")
_ENDS = re.compile(r"[.!?;]|\b(?:that|to|in|on|of|about|he|she|it|we)\b")
_SENTENCES_BACK = 6
_CLAUSE = re.compile('[^"\u201c\u201d\u00ab\u00bb;:\u2014]*$')
"""The words since the last quotation mark or stop inside a sentence."""
_STOP = re.compile('[,.;:!?"\u201c\u201d\u00ab\u00bb]')
_WORD = re.compile(r"\w")
_SPEAKER = re.compile(r"\b[A-Z][\w-]+ [A-Z][\w-]+|\b[Tt]he [A-Z]\w+|\b[A-Z]{2,}\b")
"""A name of two words or more, a body, or an acronym: whoever is so named speaks for himself."""
_TITLE_ALONE = re.compile(rf"\b[Tt]he {QUALIFIED} $")
"""One with a title and no name was named before: "The Foreign Secretary"."""
_QUOTE_ENDS = frozenset("\"\u201d\u00bb'\u2019")
_SAID = frozenset({"said", "added", "declared", "noted", "announced", "insisted"})
"""Verbs that bring their subject behind them after a mere comma, too."""
_FEW = 16
"""Mentions of a sentence that are looked at for its only state."""
_BEFORE_VERB = 90
_AFTER_VERB = 40
_OPENING_WORDS = 12
"""Characters within which a sentence names what it is about."""
_REACH = 60


class Quotations:
    """Settles who speaks in the sentences of a report.

    Parameters
    ----------
    text
        The document's text.
    sentences
        Its sentences, in order.
    people
        Its mentions of states and of persons who stand for one, in order.
    heading
        Its title.
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[Sentence],
        people: Ordered,
        heading: Heading,
    ) -> None:
        self._text = text
        self._sentences = sentences
        self._people = people
        self._heading = heading
        self._spans = list(quoted_spans(text))
        self._opened = [start for start, _ in self._spans]
        self._speakers: dict[int, str | None] = {}

    def voice(self, index: int, words: Collection[str]) -> Voice | None:
        """Give the state that speaks in a sentence by quotation or by "he said".

        Parameters
        ----------
        index
            The sentence.
        words
            Its words, folded.

        Returns
        -------
        Voice or None
            None where nothing in the sentence is somebody's words, or nobody with a state was
            introduced as speaker in the sentences before.
        """
        sentence = self._sentences[index]
        if index == 0 and _HEADLINE.match(self._text, sentence.start) and self._heading.people:
            return Voice(self._heading.people[0].id, "quotation")
        is_quoted = self.is_quoted(sentence.start, sentence.end)
        may_go_on = not _GOING_ON.isdisjoint(words)
        if not is_quoted and not (may_go_on and self._goes_on(sentence)):
            return None
        own = self._attributed(sentence)
        if own is not None:
            return Voice(own, "quotation", covers_all=False)
        if self._names_another(sentence):
            return None
        earlier = self._introduced_before(index)
        if earlier is None:
            earlier = self._of_the_sentence_before(index)
        return Voice(earlier, "quotation") if earlier is not None else None

    def attributed(self, index: int) -> str | None:
        """Give the state to whose speaker a sentence gives its quotation; None for nobody."""
        sentence = self._sentences[index]
        return self._attributed(sentence) if self.is_quoted(*sentence[1:]) else None

    def _introduced_before(self, index: int) -> str | None:
        """Give the state of the speaker whom the sentences before introduce."""
        for earlier in range(index - 1, max(-1, index - 1 - _SENTENCES_BACK), -1):
            state = self._speaker(earlier)
            if state is not None:
                return state
            if self._names_another(self._sentences[earlier]):
                break
            runs_on = self.is_quoted(*self._sentences[earlier][1:])
            if not runs_on and not self._goes_on(self._sentences[earlier]):
                break
        return None

    def _of_the_sentence_before(self, index: int) -> str | None:
        """Give the state whose "foreign minister" opens a sentence: the one before is about it."""
        sentence = self._sentences[index]
        if index == 0 or not _BARE.match(self._text, sentence.start, sentence.end):
            return None
        before = self._sentences[index - 1]
        named = self._people.inside(before.start, before.end)
        if not named:
            return None
        is_first = named[0].start - before.start <= _OPENING_WORDS
        return named[0].id if is_first or len({m.id for m in named}) == 1 else None

    def is_quoted(self, start: int, end: int) -> bool:
        """Say whether a stretch of text holds or lies in a quotation."""
        place = bisect_left(self._opened, end) - 1
        return place >= 0 and self._spans[place][1] > start

    def _speaker(self, index: int) -> str | None:
        """Give the state whose speaker a sentence names, with a verb of saying or a title."""
        if index not in self._speakers:
            sentence = self._sentences[index]
            state = self._attributed(sentence)
            if state is None:
                state = next(self._titled(sentence), None)
            if state is None and _TITLE_NAME.match(self._text, sentence.start, sentence.end):
                named = {m.id for m in self._people.inside(sentence.start, sentence.end)}
                state = next(iter(named)) if len(named) == 1 else None
            self._speakers[index] = state
        return self._speakers[index]

    def _goes_on(self, sentence: Sentence) -> bool:
        """Say whether the subject was named before: "he", "his guest", "the minister"."""
        if self._text.startswith(("His ", "Her "), sentence.start):
            return True
        bare = _BARE.search(self._text, sentence.start, sentence.end)
        pronoun = _PRONOUN.search(self._text, sentence.start, sentence.end)
        first = min((m.start() for m in (bare, pronoun) if m is not None), default=None)
        if first is None:
            return False
        # "Turkey's minister left; he ..." has its antecedent in itself
        return next(self._titled(sentence, until=first), None) is None

    def _attributed(self, sentence: Sentence) -> str | None:
        """Give the state whose speaker says something in a sentence, outside the quoted words."""
        found = None
        for verb in _VERB.finditer(self._text, sentence.start, sentence.end):
            if self._is_inside(verb.start()):
                continue
            state = self._subject(sentence, verb.start(), verb.end())
            state = state or self._of_a_ministry(sentence, verb.start())
            found = state if state is not None else found
        return found

    def _of_a_ministry(self, sentence: Sentence, end: int) -> str | None:
        """Give the one state that a sentence names, where a ministry's spokesman says it.

        "Norway will cut its output, Oil Ministry spokesman Egil Helle told reporters."
        """
        begin = max(sentence.start, end - _BEFORE_VERB)
        # most verbs have no minister before them, and are not searched any further
        if "inist" not in self._text[begin:end] or not _MINISTRY.search(self._text, begin, end):
            return None
        place = self._people.place(sentence.start)
        near = [m for m in self._people[place : place + _FEW] if m.start < sentence.end]
        named = {mention.id for mention in near}
        return next(iter(named)) if len(named) == 1 and len(near) < _FEW else None

    def _names_another(self, sentence: Sentence) -> bool:
        """Say whether somebody speaks in a sentence who stands for no state: "the bank said"."""
        for verb in _VERB.finditer(self._text, sentence.start, sentence.end):
            if self._is_inside(verb.start()) or verb[0] == ":":
                continue
            begin = max(sentence.start, verb.start() - _BEFORE_VERB)
            clause = _CLAUSE.search(self._text, begin, verb.start())
            subject = (clause.start() if clause else begin, verb.start())
            if not _WORD.search(self._text, *subject):
                # "..., said the chairman": the subject stands behind
                behind = _STOP.search(self._text, verb.end(), sentence.end)
                subject = (verb.end(), behind.start() if behind else sentence.end)
            if self._is_stateless(*subject):
                return True
        return False

    def _is_stateless(self, start: int, end: int) -> bool:
        """Say whether words before or behind a verb are a subject, and none that has a state."""
        return (
            _SPEAKER.search(self._text, start, end) is not None
            and not self._people.inside(start, end)
            and _OTHER_SUBJECT.search(self._text, start, end) is None
            and _BARE.search(self._text, start, end) is None
            and _TITLE_ALONE.search(self._text, start, end) is None
        )

    def _subject(self, sentence: Sentence, start: int, end: int) -> str | None:
        """Give the state nearest before a verb of saying, else right behind it."""
        people = self._people
        place = people.place(start)
        if place:
            before = people[place - 1]
            gap = self._text[before.end : start]
            if (
                before.start >= sentence.start
                and len(gap) <= _BEFORE_VERB
                and not self._is_inside(before.start)
                and not _VERB.search(gap)
                and not _OTHER_SUBJECT.search(gap)
                and not _BARE.search(gap)
            ):
                return before.id
        sign = self._text[max(0, start - 2) : start].rstrip()[-1:]
        follows_quote = sign in _QUOTE_ENDS or (sign == "," and self._text[start:end] in _SAID)
        if place < len(people) and follows_quote and self._text[start:end] in _INVERTED:
            after = people[place]
            if (
                after.start < min(sentence.end, end + _AFTER_VERB)
                and not self._is_inside(after.start)
                and not _ENDS.search(self._text[end : after.start])
            ):
                return after.id
        return None

    def _titled(self, sentence: Sentence, until: int | None = None) -> Iterator[str]:
        """Yield the states whose office-holders a sentence names: "Oslo's minister", "X of Y"."""
        end = sentence.end if until is None else until
        place = self._people.place(sentence.start)
        for index in range(place, len(self._people)):
            mention = self._people[index]
            if mention.start >= end:
                return
            before = self._text[max(sentence.start, mention.start - _REACH) : mention.start]
            if not self._is_inside(mention.start) and (
                mention.how == "person"
                or _TITLED.match(self._text, mention.end, end)
                or _OF_TITLE.search(before)
            ):
                yield mention.id

    def _is_inside(self, position: int) -> bool:
        """Say whether a position lies in quoted words."""
        place = bisect_right(self._opened, position) - 1
        return place >= 0 and self._spans[place][1] > position


def quoted_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the quoted words of a text, in order.

    A straight mark opens or closes in turn; a quotation that a paragraph leaves open ends with it,
    since the next one opens it again. So it does where paragraphs are lines: no mark at a line's
    beginning closes anything. A text without any double mark may have single ones.

    Examples
    --------
    >>> text = 'He said: "We go." They left.'
    >>> [text[start:end] for start, end in quoted_spans(text)]
    ['"We go."']
    """
    spans = list(_double_spans(text))
    if not spans and any(mark in text for mark in _OPENS_SINGLE):
        spans = [match.span() for match in _SINGLE.finditer(text)]
    yield from spans


def _double_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield what stands in double quotation marks."""
    opened: int | None = None
    for match in _QUOTE.finditer(text):
        sign, position = match[0], match.start()
        if sign[0] == "\n":
            if opened is not None:
                yield opened, position
            opened = None
        elif opened is None:
            opened = position if sign not in _CLOSING else None
        elif sign not in _OPENING:
            yield opened, position + 1
            opened = None
    if opened is not None:
        yield opened, len(text)
