"""The same sentences with other names in them, their mentions found anew.

Whoever a sentence is about, its stance is what it says. So each example is written again with
another state, or another alliance, in the place of the one that it names, in the sentence, its
context and its title, and read again from the raw text as if it had been found so.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from alliance_stance.evaluation.name_choice import NameChooser, Place
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.knowledge.alliances import Alliance
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.knowledge.names import Name
from alliance_stance.schema import Candidate, Document, Example, Mention, MentionKind, Sentence

PROBES = ("state", "other_states", "alliance", "invented_alliance")
"""What is swapped: the judged state, all other states, the judged alliance for another one of its
time, and the judged alliance for one that does not exist, so that no model can know it."""

_OWN_NAMES: Mapping[MentionKind, frozenset[str]] = {
    "state": frozenset({"name", "adjective", "demonym", "capital", "seat"}),
    "alliance": frozenset({"name", "acronym"}),
}
"""Kinds of name that can be swapped for one of the same kind."""
_FOLLOWING = frozenset({"speaker", "addressee", "reference"})
"""Mentions that stand for whoever was named before, and need no other words."""
_INVENTED = (
    ("Orvan Treaty Organization", "ORVTO", "ORVATO"),
    ("Tarsin Cooperation Council", "TCCN", "TARSEC"),
    ("Eldric Economic Union", "ELEU", "ELDREC"),
    ("Merolian League", "MLGN", "MEROLEG"),
    ("Kelvane Pact", "KVPO", "KELVEC"),
)
"""Alliances that do not exist: name, an acronym said by letter, one said as a word."""
_Parts = tuple[tuple[str, tuple[Mention, ...]], ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """An example before and after.

    Parameters
    ----------
    example
        Its position.
    after
        The same sentence with other names.
    """

    example: int
    after: Candidate


@dataclass(frozen=True)
class Swaps:
    """Examples, and what became of them.

    Parameters
    ----------
    before
        The examples' own candidates, read in the same way as the swapped ones.
    after
        By probe; see `PROBES`.
    """

    before: list[Candidate]
    after: dict[str, list[Swap]]


def prepare_swaps(
    examples: Sequence[Example],
    knowledge: Knowledge,
    *,
    probes: Sequence[str] = PROBES,
    per_example: int = 3,
    seed: int = 0,
) -> Swaps:
    """Write each example again with other names, once for all models.

    An example is left out of a probe where nothing but a person's name, an organ or a place in an
    alliance's name shows whom it is about, and where the tables have no name that fits.

    Parameters
    ----------
    examples
        Ready examples; their own mentions are not used.
    knowledge
        Names, and who existed when.
    probes
        Of `PROBES`.
    per_example
        Most versions of one example in a probe.
    seed
        Of the choice of names; an example gets the same names whatever stands around it.
    """
    swapper = _Swapper(knowledge)
    before = [swapper.finder.mark_candidate(example.candidate) for example in examples]
    after: dict[str, list[Swap]] = {}
    for probe in probes:
        after[probe] = [
            Swap(row, candidate)
            for row, example in enumerate(examples)
            for candidate in swapper.versions(
                before[row],
                probe,
                per_example,
                np.random.default_rng([seed, zlib.crc32(f"{probe} {example.id}".encode())]),
            )
        ]
    return Swaps(before, after)


class _Swapper:
    def __init__(self, knowledge: Knowledge) -> None:
        own = _with_invented(knowledge)
        self.finder = CandidateFinder(own)
        self._chooser = NameChooser(own, [spoken for _, _, spoken in _INVENTED])

    def versions(
        self, candidate: Candidate, probe: str, count: int, random: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield up to `count` different versions of a candidate."""
        parts = self._parts(candidate)
        kind: MentionKind = "alliance" if "alliance" in probe else "state"
        places = {
            target: _places(kind, target, parts)
            for target in _targets(candidate, probe, parts)
            if _can_swap(candidate, kind, target, parts)
        }
        if not places:
            return
        pool = self._pool(candidate, probe, parts)
        random.shuffle(pool)
        for _ in range(count):
            heirs, names = self._choose(places, pool, candidate.date, random)
            if not heirs:
                return
            pool = [one for one in pool if one not in heirs.values()]
            after = self.finder.mark_candidate(_rewrite(candidate, parts, kind, heirs, names))
            if not _still_there(after, kind, heirs):
                yield after

    def _parts(self, candidate: Candidate) -> _Parts:
        """Give sentence, context and title, each with its mentions."""
        body = f"{candidate.context} {candidate.text}"
        title = Sentence(0, 0, len(candidate.title))
        # the text decides between the readings of an ambiguous name in the title
        whole = Document("title", f"{candidate.title}\n\n{body}", date=candidate.date)
        return (
            (candidate.text, candidate.mentions),
            (candidate.context, candidate.context_mentions),
            (candidate.title, tuple(self.finder.find_mentions(whole, [title]))),
        )

    def _pool(self, candidate: Candidate, probe: str, parts: _Parts) -> list[str]:
        """Give who can take a place: all of the time that the text does not name already."""
        kind: MentionKind = "alliance" if "alliance" in probe else "state"
        invented = [name for name, _, _ in _INVENTED]
        present = {mention.id for _, mentions in parts for mention in mentions}
        present |= {candidate.state, candidate.alliance, candidate.speaker_state or ""}
        if probe == "invented_alliance":
            return list(invented)
        living = self._chooser.living(kind, candidate.date)
        return [one for one in living if one not in present and one not in invented]

    def _choose(
        self,
        places: Mapping[str, Sequence[Place]],
        pool: Sequence[str],
        date: str,
        random: np.random.Generator,
    ) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
        """Choose an heir for each target that has one, and its name for each surface."""
        heirs: dict[str, str] = {}
        names: dict[tuple[str, str], str] = {}
        for target, own in places.items():
            for heir in pool:
                if heir in heirs.values():
                    continue
                chosen = self._chooser.names_for(own, heir, date, random)
                if chosen is not None:
                    heirs[target] = heir
                    names.update({(target, old): new for old, new in chosen.items()})
                    break
        return heirs, names


def _with_invented(knowledge: Knowledge) -> Knowledge:
    """Add the invented alliances, so that their names are found like any other."""
    alliances = {
        name: Alliance(name, name, "political", "", "", "", "") for name, _, _ in _INVENTED
    }
    names = [
        Name(name, surface, kind)
        for name, spelled, spoken in _INVENTED
        for surface, kind in (
            (name, "name"),
            (spelled, "acronym"),
            (".".join(spelled) + ".", "acronym"),
            (spoken, "acronym"),
            (spoken.capitalize(), "acronym"),
        )
    ]
    return replace(
        knowledge,
        alliances={**knowledge.alliances, **alliances},
        alliance_names=(*knowledge.alliance_names, *names),
    )


def _targets(candidate: Candidate, probe: str, parts: _Parts) -> list[str]:
    """Give whom a probe replaces."""
    if probe == "state":
        return [candidate.state]
    if probe != "other_states":
        return [candidate.alliance]
    others = {
        mention.id
        for _, mentions in parts
        for mention in mentions
        if mention.kind == "state" and mention.how in _OWN_NAMES["state"]
    }
    return sorted(others - {candidate.state, candidate.speaker_state})


def _places(kind: MentionKind, target: str, parts: _Parts) -> list[Place]:
    return [
        Place(
            kind, target, m.how, text[m.start : m.end], text[max(0, m.start - 8) : m.start],
            text[m.end : m.end + 2],
        )
        for text, mentions in parts
        for m in mentions
        if m.kind == kind and m.id == target and m.how in _OWN_NAMES[kind]
    ]  # fmt: skip


def _can_swap(candidate: Candidate, kind: MentionKind, target: str, parts: _Parts) -> bool:
    """Say whether all that shows a state or an alliance can be replaced, and something does."""
    own = [m for _, mentions in parts for m in mentions if m.kind == kind and m.id == target]
    if any(m.how not in _OWN_NAMES[m.kind] | _FOLLOWING for m in own):
        return False
    is_speaker = kind == "state" and candidate.speaker_state == target
    return is_speaker or any(m.how in _OWN_NAMES[m.kind] for m in own)


def _rewrite(
    candidate: Candidate,
    parts: _Parts,
    kind: MentionKind,
    heirs: Mapping[str, str],
    names: Mapping[tuple[str, str], str],
) -> Candidate:
    # the kind counts: NAM is Namibia and the Non-Aligned Movement
    own = [(part, [m for m in mentions if m.kind == kind]) for part, mentions in parts]
    text, context, title = (_replace_names(part, mentions, names) for part, mentions in own)
    states = heirs if kind == "state" else {}
    alliances = heirs if kind == "alliance" else {}
    speaker = candidate.speaker_state
    return replace(
        candidate,
        text=text,
        context=context,
        title=title,
        end=candidate.start + len(text),
        state=states.get(candidate.state, candidate.state),
        alliance=alliances.get(candidate.alliance, candidate.alliance),
        speaker_state=None if speaker is None else states.get(speaker, speaker),
    )


def _replace_names(
    text: str, mentions: Sequence[Mention], names: Mapping[tuple[str, str], str]
) -> str:
    pieces: list[str] = []
    position = 0
    for mention in sorted(mentions, key=lambda one: one.start):
        name = names.get((mention.id, text[mention.start : mention.end]))
        if name is not None and mention.how in _OWN_NAMES[mention.kind]:
            pieces += [text[position : mention.start], name]
            position = mention.end
    return "".join([*pieces, text[position:]])


def _still_there(candidate: Candidate, kind: MentionKind, heirs: Mapping[str, str]) -> bool:
    """Say whether one who was replaced is still found, by what has no name of its own."""
    mentions = (*candidate.mentions, *candidate.context_mentions)
    return any(mention.kind == kind and mention.id in heirs for mention in mentions)
