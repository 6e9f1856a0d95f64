"""Sentences to token ids that an encoder reads once, whatever the number of judged pairs.

Packed levitated markers (Ye et al. 2022, "Packed Levitated Marker for Entity and Relation
Extraction"): the text is written once, with names masked or as they are; behind it stands one
group of markers for each judged pair. A marker has the position of the mention that it marks.
Text attends to text only, so it reads the same whoever is judged; a pair's markers attend to
the text and to each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from alliance_stance.models.encoder_text import (
    ENCODER_MARKERS,
    LONGEST_READ,
    PairTokenizer,
)
from alliance_stance.models.marking import Written, write_neutral
from alliance_stance.models.relation import relation_words
from alliance_stance.schema import Candidate

MAX_MARKERS = 96
"""Most markers behind one text; a sentence with more pairs is read more than once."""

JUDGE, STATE, ALLIANCE = range(3)
"""Roles of a marker: the one that reads for the pair, a mark of the state, one of the alliance."""

TEXT, PADDING = 0, -1
"""Group numbers of tokens that belong to no pair; pairs are numbered from one."""

POOLED_ROLES = 3
"""Roles whose markers' states are averaged for a pair, beside the mean over the text."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A token that stands behind the text and is read at a position in it."""

    id: int
    position: int
    role: int


@dataclass(frozen=True, slots=True)
class Group:
    """The markers of one judged pair; `row` is its candidate's position in what was packed."""

    row: int
    markers: tuple[Marker, ...]


@dataclass(slots=True)
class Pack:
    """One text, as token ids, and the pairs to be judged in it.

    `markers` are all groups' in order.
    """

    text: list[int]
    groups: list[Group] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)

    def __len__(self) -> int:
        """Give the number of tokens."""
        return len(self.text) + len(self.markers)

    def add(self, group: Group) -> None:
        """Judge one more pair."""
        self.groups.append(group)
        self.markers.extend(group.markers)

    @property
    def ids(self) -> list[int]:
        """Token ids of text and markers."""
        return [*self.text, *(marker.id for marker in self.markers)]

    @property
    def positions(self) -> list[int]:
        """Positions of text and markers."""
        return [*range(len(self.text)), *(marker.position for marker in self.markers)]

    @property
    def group_numbers(self) -> list[int]:
        """Zero for the text, k for the markers of the k-th pair."""
        numbers = [TEXT] * len(self.text)
        for number, group in enumerate(self.groups, start=1):
            numbers += [number] * len(group.markers)
        return numbers


@dataclass(frozen=True, slots=True)
class _Text:
    """Token ids of one text, and where each mention of the sentence and context begins."""

    ids: list[int]
    sentence_places: list[int | None]
    context_places: list[int | None]


class PairPacker:
    """Packs candidates of the same sentence.

    Parameters
    ----------
    tokenizer
        The encoder's own, with its markers.
    is_masked
        True to write every name as a marker of its kind.
    has_context
        True to read the sentence before as well.
    """

    def __init__(
        self,
        tokenizer: PairTokenizer,
        *,
        is_masked: bool,
        has_context: bool,
        has_relation: bool = False,
    ) -> None:
        self._tokenizer = tokenizer
        self._has_relation = has_relation
        self._is_masked = is_masked
        self._has_context = has_context
        self._judge = tokenizer.first_id
        self._state, self._alliance = tokenizer.judged_ids
        self._speaker = tokenizer.token_id(ENCODER_MARKERS.speaker)
        self._absent = tokenizer.token_id(ENCODER_MARKERS.absent)

    def pack(self, candidates: Sequence[Candidate]) -> list[Pack]:
        """Give the packs in the order of their first candidates; each candidate is in one."""
        texts = self._texts(candidates)
        packs: list[Pack] = []
        open_packs: dict[tuple[object, ...], Pack] = {}
        for row, (candidate, text) in enumerate(zip(candidates, texts, strict=True)):
            group = self._group(row, candidate, text)
            key = _sentence_key(candidate)
            pack = open_packs.get(key)
            if pack is None or len(pack.markers) + len(group.markers) > MAX_MARKERS:
                pack = Pack(text.ids)
                open_packs[key] = pack
                packs.append(pack)
            pack.add(group)
        return packs

    def _texts(self, candidates: Sequence[Candidate]) -> list[_Text]:
        """Tokenize each distinct sentence once."""
        first = {_sentence_key(candidate): candidate for candidate in candidates}
        sentences = [
            write_neutral(c.text, c.mentions, ENCODER_MARKERS, is_masked=self._is_masked)
            for c in first.values()
        ]
        contexts = [
            write_neutral(
                c.context if self._has_context else "",
                c.context_mentions if self._has_context else (),
                ENCODER_MARKERS,
                is_masked=self._is_masked,
            )
            for c in first.values()
        ]
        encoded = self._encode([*map(_last_part, contexts), *map(_first_part, sentences)])
        joined = [
            self._join(context, sentence)
            for context, sentence in zip(
                encoded[: len(first)], encoded[len(first) :], strict=True
            )
        ]  # fmt: skip
        by_key = dict(zip(first, joined, strict=True))
        return [by_key[_sentence_key(candidate)] for candidate in candidates]

    def _encode(self, written: list[Written]) -> list[tuple[list[int], list[int | None]]]:
        encodings = self._tokenizer.tokenizer.encode_batch(
            [text for text, _ in written], add_special_tokens=False
        )
        return [
            (encoding.ids, [None if s < 0 else encoding.char_to_token(s) for s in starts])
            for encoding, (_, starts) in zip(encodings, written, strict=True)
        ]

    def _join(
        self,
        context: tuple[list[int], list[int | None]],
        sentence: tuple[list[int], list[int | None]],
    ) -> _Text:
        """Cut to the longest length (the context's beginning first), and move the places."""
        sentence_ids = sentence[0][: self._tokenizer.room]
        left = self._tokenizer.room - len(sentence_ids)
        dropped = max(0, len(context[0]) - left)
        context_ids = context[0][dropped:]
        ids = self._tokenizer.wrap(context_ids, sentence_ids)
        return _Text(
            ids,
            _moved(sentence[1], len(context_ids) + 2, len(ids) - 1),
            _moved(context[1], 1 - dropped, len(context_ids) + 1),
        )

    def _group(self, row: int, candidate: Candidate, text: _Text) -> Group:
        places = [
            # without a context there are no places for its mentions
            *zip(candidate.context_mentions, text.context_places, strict=False),
            *zip(candidate.mentions, text.sentence_places, strict=True),
        ]
        markers = [Marker(self._judge, 0, JUDGE)]
        for mention, place in places:
            if place is None or not candidate.is_judged(mention):
                continue
            if mention.kind == "state":
                markers.append(Marker(self._state, place, STATE))
            else:
                markers.append(Marker(self._alliance, place, ALLIANCE))
        unnamed = self._unnamed(candidate)
        if unnamed is not None:
            markers.append(Marker(unnamed, 0, STATE))
        if self._has_relation:
            ids = map(self._tokenizer.token_id, relation_words(candidate))
            markers += [Marker(token, 0, STATE) for token in ids]
        return Group(row, tuple(markers))

    def _unnamed(self, candidate: Candidate) -> int | None:
        """Give what tells that the state speaks, or is not in the sentence."""
        if candidate.speaker_state == candidate.state:
            return self._speaker
        is_named = any(m.kind == "state" and m.id == candidate.state for m in candidate.mentions)
        return None if is_named else self._absent


def _sentence_key(candidate: Candidate) -> tuple[object, ...]:
    return (
        candidate.text, candidate.context, candidate.mentions, candidate.context_mentions
    )  # fmt: skip


def _first_part(written: Written) -> Written:
    """Cut what would be cut away as tokens, before they cost memory; no text has so long words."""
    return written[0][:LONGEST_READ], written[1]


def _last_part(written: Written) -> Written:
    """Cut the beginning in the same way; a mention that was in it gets a place below zero."""
    dropped = max(0, len(written[0]) - LONGEST_READ)
    return written[0][dropped:], [start - dropped for start in written[1]]


def _moved(places: list[int | None], by: int, end: int) -> list[int | None]:
    """Move places by an offset; one that was cut away is None."""
    moved = [None if place is None else place + by for place in places]
    return [None if place is None or not 1 <= place < end else place for place in moved]
