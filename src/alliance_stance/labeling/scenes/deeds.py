"""Find who does what in a skeleton, without a parse.

A deed is a verb that rules know, with its subject, what governs it and how it is said: denied,
hedged, passive, conditional, quoted. The subject is looked for to the left of the verb, past
auxiliaries, asides, joined verbs and the verbs that govern an infinitive (`doers`), in the manner
of the negation scopes of Chapman et al. 2001: windows that end at certain words. Where the walk
ends at a noun nobody knows, the subject is nobody, and rules that ask for the state do not fire.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alliance_stance.labeling.scenes.doers import NOBODY, SIGNS, DoerFinder, VerbGroup, is_noun
from alliance_stance.labeling.scenes.grammar import (
    AUXILIARIES,
    BARRIERS,
    FACTS,
    IFS,
    JOINERS,
    OPENERS,
    PRONOUNS,
)
from alliance_stance.labeling.scenes.verbs import FORMS

_REACH = 26
"""Words after a verb that still count as its clause."""
_CONDITION_REACH = 12


@dataclass(frozen=True, slots=True)
class Deed:
    """One verb, or noun of a verb, with who does it and how it is said.

    Parameters
    ----------
    verb, form
        Base form, and ``base``, ``s``, ``ed``, ``ing`` or ``noun``.
    place
        Index of the word in the skeleton's tokens.
    subject
        The sign of the doer; empty for nobody that could be told.
    patient
        The sign of the grammatical subject of a passive; empty otherwise.
    governor
        The word that governs an infinitive ("refused", "decision", "ready"), a control verb whose
        object is the subject ("urged"), or the preposition before a gerund.
    modal
        The auxiliary of mood ("may"); empty for none.
    is_negated, is_wanted, is_passive, is_conditional, is_quoted
        How it is said; wanted is what only others want of the subject.
    after
        What follows in the clause, as a string.
    """

    verb: str
    form: str
    place: int
    subject: str
    patient: str
    governor: str
    modal: str
    is_negated: bool
    is_wanted: bool
    is_passive: bool
    is_conditional: bool
    is_quoted: bool
    after: str


class DeedFinder:
    """Finds the deeds of one skeleton.

    Parameters
    ----------
    tokens
        The skeleton, cut at spaces.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._doers = DoerFinder(tokens)

    def find(self) -> list[Deed]:
        """Give the deeds in order."""
        found = []
        is_quoted = False
        for place, token in enumerate(self._tokens):
            if token == '"':
                is_quoted = not is_quoted
            known = FORMS.get(token)
            if known is not None:
                found.append(self._deed(place, *known, is_quoted=is_quoted))
        return found

    def _deed(self, place: int, verb: str, form: str, *, is_quoted: bool) -> Deed:
        if is_noun(self._tokens, place, form):
            return self._noun(place, verb, is_quoted=is_quoted)
        group = VerbGroup(self._tokens, place)
        is_passive = form == "ed" and (group.is_passive or self._follows_noun_with_by(place, group))
        doer = self._doers.find(group.start, form)
        subject, patient = doer.sign, NOBODY
        after = self._after(place)
        if is_passive:
            patient, subject = subject, self._agent(after)
        return Deed(
            verb=verb,
            form=form,
            place=place,
            subject=subject,
            patient=patient,
            governor=doer.governor,
            modal=group.modal,
            is_negated=group.is_negated or doer.is_denied,
            is_wanted=doer.is_wanted,
            is_passive=is_passive,
            is_conditional=self._is_conditional(group.start),
            is_quoted=is_quoted,
            after=after,
        )

    def _noun(self, place: int, verb: str, *, is_quoted: bool) -> Deed:
        after = self._after(place)
        subject = self._doers.possessor(place)
        if not subject:
            words = after.split(" ", 2)
            is_named = len(words) > 1 and words[0] in {"of", "by"} and words[1] in SIGNS
            subject = words[1] if is_named else NOBODY
        before = self._tokens[max(0, place - 3) : place]
        return Deed(
            verb=verb,
            form="noun",
            place=place,
            subject=subject,
            patient=NOBODY,
            governor=NOBODY,
            modal=NOBODY,
            is_negated="no" in before,
            is_wanted=False,
            is_passive=False,
            is_conditional=self._is_conditional(place),
            is_quoted=is_quoted,
            after=after,
        )

    def _follows_noun_with_by(self, place: int, group: VerbGroup) -> bool:
        """Say whether a bare participle has its doer behind it ("efforts backed by")."""
        return group.start == place - 1 and self._tokens[place + 1 : place + 2] == ["by"]

    def _agent(self, after: str) -> str:
        words = after.split(" ")
        for index, word in enumerate(words[:8]):
            if word == "by":
                return next((w for w in words[index + 1 : index + 4] if w in SIGNS), NOBODY)
        return NOBODY

    def _after(self, place: int) -> str:
        tokens = self._tokens
        end = place + 1
        while end < len(tokens) and end - place < _REACH:
            token = tokens[end]
            opens = token in OPENERS and self._begins_clause(end + 1)
            relates = token == "that" and end > place + 1 and tokens[end - 1] not in FACTS
            if token in BARRIERS or opens or relates:
                break
            end += 1
        return " ".join(tokens[place + 1 : end])

    def _begins_clause(self, place: int) -> bool:
        """Say whether "and it" or "he said" stands at a place."""
        words = self._tokens[place : place + 3]
        if not words:
            return False
        if words[0] in JOINERS:
            words = words[1:]
        is_subject = bool(words) and (words[0] in PRONOUNS or words[0] in SIGNS)
        return is_subject and len(words) > 1 and (
            words[1] in FORMS or words[1] in AUXILIARIES or words[1].endswith("ly")
        )  # fmt: skip

    def _is_conditional(self, start: int) -> bool:
        index = start
        while index >= 0 and start - index < _CONDITION_REACH:
            token = self._tokens[index]
            if token in IFS and not (token == "should" and index):
                return True
            if token in BARRIERS or token in {",", "that"}:
                return False
            index -= 1
        return False
