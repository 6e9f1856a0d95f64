"""What "the bloc" is: noun phrases that stand for an alliance named before.

The nearest alliance named before within a few sentences is taken (codebook, "Alliance"); a
descriptor that the tables tie to some alliances ("the Community", "the Commonwealth") is settled
among those only.
"""

import re
from collections.abc import Iterable

from alliance_stance.extraction.normalize import normalize
from alliance_stance.knowledge.names import Name
from alliance_stance.schema import Mention

_GENERIC = re.compile(
    r"\b(?:[Tt]he|[Tt]his|[Tt]hat) "
    r"(?:military |defen[cs]e |security |regional |[Ww]estern |trade |trading |economic |political "
    r"|[0-9]+-(?:nation|member|state) |Russian-led |US-led |U\.S\.-led )?"
    r"(?:alliance|bloc|grouping|pact|cartel)\b"
)
_KINDS = frozenset({"descriptor", "metonym"})
_SENTENCES_BACK = 4


class ReferenceFinder:
    """Finds noun phrases that stand for an alliance named before.

    Parameters
    ----------
    alliance_names
        All names; the descriptors among them are used here.
    """

    def __init__(self, alliance_names: Iterable[Name]) -> None:
        self._owners: dict[str, list[Name]] = {}
        for name in alliance_names:
            if name.kind in _KINDS:
                self._owners.setdefault(normalize(name.surface), []).append(name)
        phrases = sorted(self._owners, key=len, reverse=True)
        self._descriptor = (
            re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b(?! (?:of|for) )")
            if phrases
            else None
        )

    def find(
        self, text: str, named: list[Mention], sentence_starts: list[int], *, date: str = ""
    ) -> list[Mention]:
        """Find the references of a document.

        Parameters
        ----------
        text
            The document's text.
        named
            Mentions of alliances by name, in order.
        sentence_starts
            Where its sentences begin, in order; they bound how far back an antecedent may be.
        date
            The document's date, for descriptors that had their time.

        Returns
        -------
        list of Mention
            With ``how`` equal to ``"reference"``, in text order, none inside a named mention.
        """
        plain = normalize(text)
        covered = [(mention.start, mention.end) for mention in named]
        references = []
        for start, end, owners in self._phrases(plain, date):
            if any(a < end and start < b for a, b in covered):
                continue
            antecedent = _antecedent(named, start, sentence_starts, owners)
            if antecedent is not None:
                references.append(Mention("alliance", antecedent, start, end, "reference"))
        return references

    def _phrases(self, plain: str, date: str) -> list[tuple[int, int, frozenset[str] | None]]:
        phrases: list[tuple[int, int, frozenset[str] | None]] = [
            (match.start(), match.end(), None) for match in _GENERIC.finditer(plain)
        ]
        if self._descriptor is not None:
            for match in self._descriptor.finditer(plain):
                owners = frozenset(
                    name.target for name in self._owners[match[0]] if name.period.covers(date)
                )
                phrases.append((match.start(), match.end(), owners))
        return sorted(phrases, key=lambda phrase: phrase[:2])


def _antecedent(
    named: list[Mention],
    position: int,
    sentence_starts: list[int],
    owners: frozenset[str] | None,
) -> str | None:
    before = [start for start in sentence_starts if start <= position]
    floor = before[-1 - min(_SENTENCES_BACK, len(before) - 1)] if before else 0
    for mention in reversed(named):
        if floor <= mention.start < position and (owners is None or mention.id in owners):
            return mention.id
    return None
