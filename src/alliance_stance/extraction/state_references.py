"""Which state "the country" and "the Baltic republic" are: noun phrases for a state named before.

One that the describing words fit is taken, rather the first of its sentence than the last, since
what a sentence is about stands at its beginning; "the country" fits any.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from alliance_stance.extraction.order import Ordered
from alliance_stance.schema import Mention

_SENTENCES_BACK = 2

_COUNTRY = re.compile(
    r"\b[Tt]h(?:e|is|at) (?P<words>(?:(?!(?:the|this|that|of|and|his|her|its|their|my|our|your|why|"
    r"which|who|to|in|on|for|an?|is|was|by) )[\w'-]+ ){0,4}?)"
    r"(?P<noun>country|nation|republic|state|kingdom|sultanate|emirate|monarchy|island|archipelago|"
    r"principality|grand duchy|party|member|giant|neighbour|power)"
    r"(?![\w-]|'(?!s\b))(?! (?:of|where|which|that(?! had\b)|media|television|radio|visit|"
    r"department|nation|republic|state|country|monarchy|kingdom)\b)"
)
_PLURALS = {
    "countries": "country", "nations": "nation", "states": "state", "neighbours": "neighbour",
    "neighbors": "neighbour", "republics": "republic", "governments": "country",
    "juntas": "country", "capitals": "country", "ministers": "country", "presidents": "country",
    "leaders": "country", "newcomers": "country", "allies": "country", "sides": "country",
    "rivals": "country", "partners": "country", "kingdoms": "kingdom", "monarchies": "monarchy",
    "powers": "power", "superpowers": "superpower",
}  # fmt: skip
"""What several states are called, and the noun by which the table of regions describes one."""
_NAMESAKES = ("Koreas", "Germanys", "Germanies", "Vietnams", "Yemens", "Congos", "Sudans", "Chinas")
_GROUP = re.compile(
    r"\b(?:(?P<both>[Bb]oth|[Nn]either)|(?:[Aa]ll (?:the )?|[Tt]h(?:e|ese|ose|eir) |(?=[a-z]))"
    r"(?P<count>two|three|four|five|six)|[Tt]h(?:ese|ose))(?: of the)?"
    rf"(?P<words>(?: (?!and )[\w-]+){{0,3}}?) (?P<noun>{'|'.join((*_PLURALS, *_NAMESAKES))}|"
    r"(?<=either )(?:country|government|state|superpower|side))\b"
)
_DID = (
    r"(?:had|have|were|are|will|would|applied|signed|agreed|left|joined|quit|withdrew|refused|"
    r"voted|boycotted|condemned|accused|blamed|denounced|rejected|ratified|asked|sent|want|wanted|"
    r"say|said|remain|remained|stayed|suspended|threatened|vetoed|blocked|backed|supported)\b"
)
_BOTH = re.compile(
    rf"(?:(?:But|And|Yet|Now) b|B)oth(?: of them)?,? (?:(?:also|then|now|since|later|soon) )?{_DID}"
)
"""Two states that are nothing but "both", as the subject of a sentence."""
_TOGETHER = re.compile(
    r"\b[Tt]he (?:(?P<count>two|three|four|five|six)(?= (?:had|have|were|are|will|would|applied|"
    r"signed|agreed|left|joined|also|each|then|then|now)\b)|(?P<noun>pair|duo|trio|quartet)\b)"
)
"""A group that only its number tells."""
_SIGNATORIES = re.compile(
    r"\b(?:[Bb]oth|[Tt]he [Tt]wo) (?:[Gg]overnments|[Ss]ides|[Cc]ountries|[Nn]ations|[Pp]arties|"
    r"[Dd]elegations|[Ll]eaders|[Mm]inisters|[Pp]residents|"
    r"[Hh]eads of (?:[Ss]tate|[Gg]overnment))\b"
)
"""What two states that sign a joint text are called in it."""
STATE_NOUNS = frozenset({
    "country", "nation", "republic", "state", "kingdom", "sultanate", "emirate", "monarchy",
    "island", "archipelago", "principality", "duchy", "party", "member", "giant", "neighbour",
    "power",
})  # fmt: skip
"""One of these stands in every phrase that refers to a state; most sentences have none."""
GROUP_NOUNS = frozenset({
    "both", "neither", "these", "those", "pair", "duo", "trio", "quartet", "two",
    "three", "four", "five", "six",
})  # fmt: skip
"""One of these stands in every phrase that refers to several states."""
_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "pair": 2, "duo": 2, "trio": 3,
    "quartet": 4,
}  # fmt: skip
_FEWEST = 2
_MOST = 64
"""Mentions of one sentence that are looked at; a longer one is no sentence that anybody wrote."""
_ROW = frozenset({", ", " and ", ", and "})
"""What stands between states that are named in a row."""
_ANY_STATE = frozenset({"country", "nation"})
"""Nouns that any state may be called, whatever words describe it."""


def names_both(plain: str, start: int, end: int) -> bool:
    """Say whether a stretch of a joint text names its two signatories by "both sides".

    Examples
    --------
    >>> names_both("The two Governments agreed.", 0, 27)
    True
    """
    return _SIGNATORIES.search(plain, start, end) is not None


class StateReferences:
    """Finds noun phrases that stand for states named before.

    Parameters
    ----------
    regions
        Describing words, to the codes of the states that they fit.
    """

    def __init__(self, regions: Mapping[str, Collection[str]]) -> None:
        self._regions = regions

    def find(
        self,
        plain: str,
        stretch: tuple[int, int],
        states: Ordered,
        sentence_starts: Sequence[int],
    ) -> Iterator[Mention]:
        """Find the references to states of one sentence.

        Parameters
        ----------
        plain
            The document's text, normalised.
        stretch
            Start and end of the sentence.
        states
            The document's mentions of states, in order.
        sentence_starts
            Where the document's sentences begin, in order.

        Yields
        ------
        Mention
            With ``how`` equal to ``"reference"``, in text order.
        """
        for match in _COUNTRY.finditer(plain, *stretch):
            fitting = self._fitting(match["words"].strip(), match["noun"])
            if fitting is not None and not fitting:
                continue
            if fitting is None and states.inside(*match.span("words")):
                # "the Polish nation" is no other that was named before
                continue
            for state in _salient(states, match.start(), sentence_starts):
                if fitting is None or state.id in fitting:
                    yield state._replace(start=match.start(), end=match.end(), how="reference")
                    break

    def find_groups(
        self,
        plain: str,
        stretch: tuple[int, int],
        states: Ordered,
        sentence_starts: Sequence[int],
    ) -> Iterator[str]:
        """Find the states that "both countries" or "the three Baltic states" are in a sentence.

        Where a number goes with words that the table of regions gives to as many states, they are
        these; else those of the nearest sentence before that names as many.

        Yields
        ------
        str
            State code.
        """
        for match in _GROUP.finditer(plain, *stretch):
            fitting = self._described(match["words"].strip(), match["noun"])
            count = _COUNTS.get(match["count"] or "", _FEWEST if match["both"] else 0)
            if count and fitting is not None and len(fitting) == count:
                yield from sorted(fitting)
            elif count or fitting is not None:
                yield from _group(plain, states, match.start(), sentence_starts, (count, fitting))
        if _BOTH.match(plain, *stretch):
            yield from _both(states, stretch[0], sentence_starts)
        for match in _TOGETHER.finditer(plain, *stretch):
            count = _COUNTS[match["count"] or match["noun"]]
            yield from _group(plain, states, match.start(), sentence_starts, (count, None))

    def _described(self, words: str, noun: str) -> Collection[str] | None:
        """Give the states that a group's words fit; None where they fit any."""
        for key in (f"{words} {_PLURALS.get(noun, noun)}".strip(), f"{words} country"):
            if key in self._regions:
                return self._regions[key]
        return None

    def _fitting(self, words: str, noun: str) -> Collection[str] | None:
        """Give the states that a phrase can stand for; empty for no reference, None for any."""
        parts = [*words.split(), noun]
        for first in range(len(parts)):
            key = " ".join(parts[first:])
            if key in self._regions:
                return self._regions[key]
        if noun in _ANY_STATE and (noun == "country" or words):
            return None
        return ()


def _salient(states: Ordered, position: int, sentence_starts: Sequence[int]) -> Iterator[Mention]:
    """Yield the states before a phrase, most likely antecedent first.

    In the phrase's own sentence that is the nearest; in each sentence before, the first.
    """
    sentence = bisect_right(sentence_starts, position) - 1
    place = states.place(position)
    for back in range(_SENTENCES_BACK + 1):
        if sentence - back < 0:
            return
        floor = sentence_starts[sentence - back]
        first = states.place(floor)
        inside = states[max(first, place - _MOST) : place]
        yield from reversed(inside) if back == 0 else inside
        place = first


def _group(
    plain: str,
    states: Ordered,
    position: int,
    sentence_starts: Sequence[int],
    wanted: tuple[int, Collection[str] | None],
) -> Sequence[str]:
    """Give the states of the nearest sentence that names the right number of fitting ones.

    `wanted` is the number, zero for any, and the states that fit, None for all. Where a sentence
    names more, those that it names in a row at its beginning are taken.
    """
    count, fitting = wanted
    sentence = bisect_right(sentence_starts, position) - 1
    place = states.place(position)
    for back in range(min(_SENTENCES_BACK, sentence) + 1):
        first = states.place(sentence_starts[sentence - back])
        near = states[max(first, place - _MOST) : place]
        mentions = [m for m in near if fitting is None or m.id in fitting]
        named = list(dict.fromkeys(mention.id for mention in mentions))
        if len(named) >= _FEWEST and count in {0, len(named)}:
            return named
        row = mentions[: count + 1]
        gaps = [plain[a.end : b.start] in _ROW for a, b in pairwise(row)]
        # "Togo and Gabon were never ruled from London" names two in a row, then another
        if count >= _FEWEST and gaps == [True] * (count - 1) + [False]:
            return [mention.id for mention in row[:count]]
        place = first
    return []


def _both(states: Ordered, position: int, sentence_starts: Sequence[int]) -> Sequence[str]:
    """Give the two states of the sentence before, where it names two and no more."""
    sentence = bisect_right(sentence_starts, position) - 1
    if sentence < 1:
        return []
    before = states.inside(sentence_starts[sentence - 1], position)
    named = list(dict.fromkeys(mention.id for mention in before[:_MOST]))
    return named if len(named) == _FEWEST else []
