"""What "the bloc" and "the Baltic republic" are: noun phrases for something named before.

An alliance: the nearest one named before within a few sentences that fits the phrase is taken
(codebook, "Alliance"). A descriptor that the tables tie to some alliances ("the Community") fits
those only, "the military bloc" a military one, "the trade bloc" an economic one, and a noun that
many things are called ("the association") only an alliance whose own name holds it. A state: one
named before that the describing words fit, rather the first of its sentence than the last, since
what a sentence is about stands at its beginning; "the country" fits any.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alliance_stance.extraction.mentions import Names
from alliance_stance.extraction.normalize import fold
from alliance_stance.extraction.order import Ordered
from alliance_stance.knowledge.alliances import Alliance
from alliance_stance.knowledge.names import Name
from alliance_stance.schema import Mention

_SENTENCES_BACK = 4
_COUNTRY_SENTENCES_BACK = 2
_REACH = 48
"""Characters before a noun in which its article and adjectives are looked for."""

_FREE_NOUNS = frozenset({"alliance", "bloc", "block", "grouping", "pact", "cartel"})
"""Nouns that hardly stand for anything else; the others must be part of the alliance's name or
follow a telling adjective."""
_CONTRAST_NOUNS = frozenset({"latter", "former"})

_ARTICLE = re.compile(
    r"\b(?P<article>[Tt]he|[Tt]his|[Tt]hat|[Ii]ts) "
    r"(?P<adjectives>(?:(?!the |this |that |its )[\w.-]+ ){0,2})$"
)
_MILITARY = frozenset({"military", "security"})
_CIVIL = frozenset({"economic", "political", "security"})
_PHRASE_KINDS: Mapping[str, Collection[str] | None] = {
    **dict.fromkeys(["military", "defence", "defense", "security", "collective"], _MILITARY),
    **dict.fromkeys(["trade", "trading", "economic", "customs", "political"], _CIVIL),
    **dict.fromkeys(
        ["regional", "sub-regional", "subregional", "continental", "western", "atlantic", "defensive",
         "transatlantic", "whole", "entire", "same", "african", "asian", "european", "gulf", "arab",
         "latin", "american", "southern", "northern", "eastern", "russian-led", "moscow-led", "us-led",
         "nuclear", "old", "new", "larger", "wider", "post-soviet", "intergovernmental", "islamic",
         "u.s.-led", "american-led", "british-led", "chinese-led", "pacific", "caribbean", "nordic",
         "west", "east", "south", "central", "trilateral", "oil", "sahelian", "andean", "enlarged"],
        None,
    ),
}  # fmt: skip
"""Adjectives that tell an alliance, and the kinds of alliance that they leave."""
_COUNTED = re.compile(r"[\w]+-(?:nation|member|state|country|power|party|strong|way)")
_OF = re.compile(r" (?:of|for|between)\b| (?:with|against) (?:[A-Z]|the [A-Z])")
_BEFORE_MEMBERSHIP = re.compile(
    r"\b(?:for|of|seeks?|seeking|sought|full|its|their|his|her|our|the|this|that|whose|'s) $"
)
_SUBJECT = re.compile(
    r"It (?!(?:is|was|will be|would be|has been|had been) (?!(?:seen|considered|regarded|based|"
    r"headquartered|composed|made|one|a|an|also|the|now) )|seems|appears|remains|took|takes|may|might|"
    r"must|should|follows|goes|does|did|became|becomes|would|will)|Its (?:members|membership|charter|"
    r"headquarters|founding|secretariat|aim|aims|purpose|member)\b"
)
"""A sentence whose subject is the thing that the sentence before was about."""
_ALONE = re.compile(
    r"(?:[,.;:?!)]| (?:is|was|are|were|has|had|would|will|and|but|over|than|rather|only)\b|$)"
)
_ARTICLE_NUMBER = re.compile(r"Article (?:[IVX]+|[0-9]+)\b(?! of\b)")
_TREATY = re.compile(r"\b[Tt]reat(?:y|ies)\b|\b[Pp]act\b")
_TREATY_REACH = 8
"""Characters behind an alliance's name in which its "treaty" may stand."""
_PAIR_REACH = 80
"""Characters between two names that "the former" and "the latter" can tell apart."""

_COUNTRY = re.compile(
    r"\b[Tt]h(?:e|is|at) (?P<words>(?:(?!(?:the|this|that|of|and|his|her|its|their|my|our|your|why|which|who|to|in|on|for|an?|is|was|by)"
    r" )[\w'-]+ ){0,3}?)"
    r"(?P<noun>country|nation|republic|state|kingdom|sultanate|emirate|monarchy|island|archipelago|"
    r"principality|grand duchy|party|member|giant|neighbour|power)"
    r"(?![\w-]|'(?!s\b))(?! (?:of|where|which|that|media|television|radio|visit|department|nation|"
    r"republic|state|country|monarchy|kingdom)\b)"
)
_GROUP = re.compile(
    r"\b(?:[Bb]oth|[Tt]h(?:e|ese|ose)(?: (?P<count>two|three|four|five|six))?)(?P<words>(?: [\w-]+)?) "
    r"(?:countries|nations|states|neighbours|neighbors|republics|governments|juntas)\b"
)
STATE_NOUNS = frozenset(
    ["country", "nation", "republic", "state", "kingdom", "sultanate", "emirate", "monarchy", "island", "archipelago", "principality", "duchy", "party", "member", "giant", "neighbour", "power", "countries", "nations", "states", "neighbours", "neighbors", "republics", "governments", "juntas"]
)
"""One of these stands in every phrase that refers to states; most sentences have none."""
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_FEWEST = 2
_ANY_STATE = frozenset({"country", "nation"})
"""Nouns that any state may be called, whatever words describe it."""
_NOT_ALONE = frozenset(
    {"nation", "party", "member", "state", "republic", "power", "neighbour", "giant"}
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A noun phrase that may stand for an alliance, and what it can be; None for anything."""

    start: int
    end: int
    owners: Collection[str] | None = None
    kinds: Collection[str] | None = None


class ReferenceFinder:
    """Finds noun phrases that stand for an alliance or a state named before.

    Parameters
    ----------
    alliances
        Keyed by id; their kinds decide what "the military bloc" can be.
    alliance_names
        All names; the nouns in them decide what "the association" can be.
    regions
        Describing words, to the codes of the states that they fit.
    """

    def __init__(
        self,
        alliances: Mapping[str, Alliance],
        alliance_names: Iterable[Name],
        regions: Mapping[str, Collection[str]],
    ) -> None:
        self._kinds = {alliance.id: alliance.kind for alliance in alliances.values()}
        self._regions = regions
        self._named_so: dict[str, set[str]] = {}
        for name in alliance_names:
            if name.kind in {"name", "treaty", "acronym"}:
                for word in fold(name.surface).split():
                    self._named_so.setdefault(word, set()).add(name.target)

    def find_alliances(
        self, plain: str, names: Names, sentence_starts: Sequence[int]
    ) -> list[Mention]:
        """Find the references to alliances of a whole document.

        Parameters
        ----------
        plain
            The document's text, normalised.
        names
            What was found by name.
        sentence_starts
            Where its sentences begin, in order; they bound how far back an antecedent may be.

        Returns
        -------
        list of Mention
            With ``how`` equal to ``"reference"``, in text order.
        """
        alliances = Ordered(names.alliances)
        references: list[Mention] = []
        for phrase in self._phrases(plain, names):
            floor = _floor(sentence_starts, phrase.start, _SENTENCES_BACK)
            place = alliances.place(phrase.start)
            while place and alliances[place - 1].start >= floor:
                place -= 1
                if self._fits(phrase, alliances[place].id):
                    references.append(_reference(alliances[place], phrase.start, phrase.end))
                    break
        for start, end in names.nouns:
            if plain[start:end] in _CONTRAST_NOUNS:
                references.extend(_contrasted(plain, start, end, alliances))
            elif plain.startswith("Article", start):
                floor = _floor(sentence_starts, start, _SENTENCES_BACK)
                references.extend(_article(plain, start, alliances, floor))
        return sorted(references, key=lambda mention: mention.start)

    def find_subjects(
        self, plain: str, names: Names, sentence_starts: Sequence[int]
    ) -> Iterator[Mention]:
        """Find the sentences that begin with an "it" for what the sentence before began with.

        Yields
        ------
        Mention
            Of an alliance or a state, with ``how`` equal to ``"reference"``.
        """
        for index, start in enumerate(sentence_starts):
            if index and plain.startswith("It", start) and _SUBJECT.match(plain, start):
                before = sentence_starts[index - 1]
                subjects = [
                    mention
                    for mentions in (names.alliances, names.states)
                    for mention in _first_from(mentions, before, start)
                ]
                if subjects:
                    subject = min(subjects, key=lambda mention: mention.start)
                    yield _reference(subject, start, start + len("It"))

    def find_states(
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
            if fitting is False:
                continue
            for state in _salient(states, match.start(), sentence_starts):
                if fitting is None or state.id in fitting:
                    yield _reference(state, match.start(), match.end())
                    break

    def find_groups(
        self,
        plain: str,
        stretch: tuple[int, int],
        states: Ordered,
        sentence_starts: Sequence[int],
    ) -> Iterator[str]:
        """Find the states that "both countries" or "the three juntas" are in a sentence.

        They are those of the nearest sentence before that names as many.

        Yields
        ------
        str
            State code.
        """
        for match in _GROUP.finditer(plain, *stretch):
            fitting = self._regions.get(f"{match['words'].strip()} country")
            count = _COUNTS.get(match["count"] or "", 0)
            is_both = match[0][:4].lower() == "both"
            if not (count or is_both or fitting):
                continue
            yield from _group(
                states, match.start(), sentence_starts, _FEWEST if is_both else count, fitting
            )

    def _phrases(self, plain: str, names: Names) -> Iterator[_Phrase]:
        for start, end, owners in names.descriptors:
            if not _OF.match(plain, end):
                yield _Phrase(start, end, owners)
        for start, end in names.nouns:
            phrase = self._generic_phrase(plain, start, end)
            if phrase is not None:
                yield phrase

    def _generic_phrase(self, plain: str, start: int, end: int) -> _Phrase | None:
        """Read "the military bloc"; None if the noun is not in such a phrase."""
        noun = plain[start:end]
        if _OF.match(plain, end) or noun[0].isupper() or noun in _CONTRAST_NOUNS:
            return None
        if noun == "membership":
            reach = max(0, start - _REACH)
            is_free = _BEFORE_MEMBERSHIP.search(plain, reach, start)
            return _Phrase(start, end) if is_free and not plain.startswith(" in ", end) else None
        reach = max(0, start - _REACH)
        article = _ARTICLE.search(plain, reach, start)
        if article is None or article["article"].lower() == "its":
            return None
        kinds: Collection[str] | None = None
        words = article["adjectives"].lower().split()
        for word in words:
            if _COUNTED.fullmatch(word):
                continue
            if word not in _PHRASE_KINDS:
                return None
            kinds = _PHRASE_KINDS[word] or kinds
        is_free = noun in _FREE_NOUNS or bool(words)
        owners = None if is_free else self._named_so.get(noun, set())
        return _Phrase(article.start(), end, owners, kinds)

    def _fits(self, phrase: _Phrase, alliance: str) -> bool:
        return (phrase.owners is None or alliance in phrase.owners) and (
            phrase.kinds is None or self._kinds[alliance] in phrase.kinds
        )

    def _fitting(self, words: str, noun: str) -> Collection[str] | None | bool:
        """Give the states that a phrase can stand for; None for any, False for no reference."""
        parts = [*words.split(), noun]
        for first in range(len(parts)):
            key = " ".join(parts[first:])
            if key in self._regions:
                return self._regions[key]
        if noun in _ANY_STATE and (noun == "country" or words):
            return None
        return False


def _reference(named: Mention, start: int, end: int) -> Mention:
    return Mention(named.kind, named.id, start, end, "reference")


def _first_from(mentions: Sequence[Mention], start: int, end: int) -> Sequence[Mention]:
    """Give the first mention in a stretch of text, in a sequence of one; empty if there is none."""
    place = bisect_left(mentions, start, key=lambda mention: mention.start)
    return (
        mentions[place : place + 1] if place < len(mentions) and mentions[place].start < end else ()
    )


def _salient(states: Ordered, position: int, sentence_starts: Sequence[int]) -> Iterator[Mention]:
    """Yield the states before a phrase, most likely antecedent first.

    In the phrase's own sentence that is the nearest; in each sentence before, the first.
    """
    sentence = bisect_right(sentence_starts, position) - 1
    place = states.place(position)
    for back in range(_COUNTRY_SENTENCES_BACK + 1):
        if sentence - back < 0:
            return
        floor = sentence_starts[sentence - back]
        first = states.place(floor)
        inside = [states[index] for index in range(first, place)]
        yield from reversed(inside) if back == 0 else inside
        place = first


def _group(
    states: Ordered,
    position: int,
    sentence_starts: Sequence[int],
    count: int,
    fitting: Collection[str] | None,
) -> Sequence[str]:
    """Give the states of the nearest sentence that names the right number of fitting ones."""
    sentence = bisect_right(sentence_starts, position) - 1
    place = states.place(position)
    for back in range(min(_COUNTRY_SENTENCES_BACK, sentence) + 1):
        first = states.place(sentence_starts[sentence - back])
        named = dict.fromkeys(
            states[index].id
            for index in range(first, place)
            if fitting is None or states[index].id in fitting
        )
        if len(named) >= _FEWEST and count in {0, len(named)}:
            return list(named)
        place = first
    return []


def _contrasted(plain: str, start: int, end: int, alliances: Ordered) -> Iterator[Mention]:
    """Settle "the latter" and "the former" where the last two alliances stand close together."""
    if not plain.endswith(("the ", "The "), 0, start) or not _ALONE.match(plain, end):
        return
    place = alliances.place(start)
    before = alliances[max(0, place - 2) : place]
    if len(before) < len(_CONTRAST_NOUNS) or before[0].id == before[1].id:
        return
    if before[1].start - before[0].end > _PAIR_REACH or start - before[1].end > 2 * _PAIR_REACH:
        return
    chosen = before[1] if plain[start:end] == "latter" else before[0]
    yield _reference(chosen, start - len("the "), end)


def _article(plain: str, start: int, alliances: Ordered, floor: int) -> Iterator[Mention]:
    """Settle "Article IV": it belongs to the treaty that was named last."""
    match = _ARTICLE_NUMBER.match(plain, start)
    if match is None:
        return
    place = alliances.place(start)
    while place and alliances[place - 1].start >= floor:
        place -= 1
        named = alliances[place]
        if _TREATY.search(plain, named.start, named.end + _TREATY_REACH):
            yield _reference(named, start, match.end())
            return


def _floor(sentence_starts: Sequence[int], position: int, back: int) -> int:
    index = bisect_right(sentence_starts, position) - 1
    return sentence_starts[max(0, index - back)] if index >= 0 else 0
