"""Find the doer of a verb: walk left over its group, asides, joined verbs and governing words."""

from collections.abc import Sequence
from typing import NamedTuple

from alliance_stance.labeling.scenes.grammar import (
    ADVERBS,
    AUXILIARIES,
    BARRIERS,
    BE,
    CONJUNCTIONS,
    CONTROLS,
    DETERMINERS,
    DOERS,
    HEDGES,
    JOINERS,
    MODALS,
    NEGATIONS,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVES,
    WISHES,
)
from alliance_stance.labeling.scenes.skeleton import ALLIANCE, BLOC, OTHER, STATE, UNOFFICIAL
from alliance_stance.labeling.scenes.verbs import ASK, FORMS

NOBODY = ""
"""The doer that could not be told."""
SIGNS = frozenset({STATE, OTHER, ALLIANCE, BLOC, UNOFFICIAL})
"""Everything that can do something."""
_EITHER = frozenset(
    {"support", "request", "demand", "veto", "boycott", "offer", "attack", "protest", "work"}
)
"""Words that are verbs behind a plural and nouns behind an adjective."""
_OWNED = frozenset({
    "decision", "intention", "refusal", "plan", "plans", "commitment", "determination", "bid",
    "offer", "desire", "wish", "readiness", "request", "right", "efforts", "willingness", "failure",
    "attempt", "attempts", "will", "choice", "move", "pledge", "promise", "agreement", "threat",
    "decisions", "vote",
})  # fmt: skip
"""Nouns before "of" and a doer that make what follows the doer's own will."""
_FORESEEN = frozenset(
    {"likely", "unlikely", "bound", "due", "supposed", "expected", "said", "reported"}
)
"""Words that make a guess of the infinitive behind them."""
_FAR = 30
_DEPTH = 4
_TRIES = 3


class Doer(NamedTuple):
    """Who does a verb.

    Parameters
    ----------
    sign
        A sign of the skeleton; empty for nobody that could be told.
    governor
        The word that governs an infinitive, or the preposition before a gerund; empty for none.
    is_denied
        Whether the governor is denied ("does not want to").
    is_wanted
        Whether it is only what others want of the doer ("was urged to", "demanded that it").
    """

    sign: str
    governor: str = NOBODY
    is_denied: bool = False
    is_wanted: bool = False


_NONE = Doer(NOBODY)


class VerbGroup:
    """The verb group to the left of a verb: its start, and what its auxiliaries say.

    Parameters
    ----------
    tokens
        The skeleton.
    place
        Index of the verb.
    """

    __slots__ = ("is_negated", "is_passive", "modal", "start")

    def __init__(self, tokens: Sequence[str], place: int) -> None:
        self.modal = ""
        self.is_negated = self.is_passive = False
        index = place - 1
        while index >= 0:
            token = tokens[index]
            if token in NEGATIONS:
                self.is_negated = True
                self.modal = token if token in MODALS else self.modal
            elif token in AUXILIARIES:
                self.modal = token if token in MODALS and self.modal != "may" else self.modal
                self.is_passive = self.is_passive or token in BE
            elif token in HEDGES:
                self.modal = "may"
            elif token not in ADVERBS and not (token.endswith("ly") and len(token) > 4):
                break
            index -= 1
        self.start = index


def is_noun(tokens: Sequence[str], place: int, form: str) -> bool:
    """Say whether a form that can be a noun is one here ("its support for")."""
    if form not in {"base", "s", "ing"} or not place:
        return False
    before = tokens[place - 1]
    if form == "ing":
        return before in {"the", "'s", "a", "this"}
    if before in DETERMINERS:
        return True
    following = tokens[place + 1] if place + 1 < len(tokens) else "."
    return (
        before == STATE
        and form == "base"
        and following in {"for", "to", "from", ",", "."}
        and tokens[place] in _EITHER
    )


class DoerFinder:
    """Finds who does a verb of one skeleton.

    Parameters
    ----------
    tokens
        The skeleton, cut at spaces.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens

    def find(self, index: int, form: str, depth: int = 0) -> Doer:
        """Give the doer of a verb whose group starts behind `index`.

        `form` is that of the verb; `depth` counts how many verbs were asked on the way.
        """
        tokens = self._tokens
        if index < 0 or depth > _DEPTH:
            return Doer(self._later_subject(form))
        token = tokens[index]
        if token in SIGNS:
            wish = self._wish(index)
            return Doer(self._sign_subject(index), wish, is_wanted=bool(wish))
        if token == "to":
            return self._governed(index - 1, depth)
        if form == "ing" and token in PREPOSITIONS:
            return Doer(self._topic(index), token, is_denied=token == "without")
        if token == ",":
            return self._past_comma(index, form, depth)
        if token in JOINERS:
            return self._coordinated(index, form, depth)
        if token == '"':
            return self.find(index - 1, form, depth + 1)
        return Doer(self._reference(index))

    def _reference(self, index: int) -> str:
        """Give what "he" or "which" stands for, or the doer behind a noun."""
        token = self._tokens[index]
        if token in RELATIVES:
            return self._antecedent(index)
        return self._topic(index) if token in PRONOUNS else self._noun_subject(index)

    def _wish(self, index: int) -> str:
        """Give the word that demands something of a sign ("demanded that @S leave")."""
        if index < 2 or self._tokens[index - 1] != "that":
            return NOBODY
        word = self._tokens[index - 2]
        return word if FORMS.get(word, (NOBODY,))[0] in WISHES else NOBODY

    def _sign_subject(self, index: int) -> str:
        tokens = self._tokens
        before = tokens[index - 1] if index else ""
        if before in {"and", "or"} and index > 1 and tokens[index - 2] == STATE:
            return STATE
        if before in PREPOSITIONS and before not in CONJUNCTIONS:
            head = tokens[index - 2] if index > 1 else ""
            if before == "of" and head in DOERS:
                return tokens[index]
            is_aside = before in {"in", "with", "like", "including"}
            return NOBODY if not is_aside or head not in SIGNS else head
        return tokens[index]

    def _governed(self, index: int, depth: int) -> Doer:
        """Give the subject of an infinitive: that of the word before "to", or its object."""
        tokens = self._tokens
        negated = False
        while index >= 0 and (tokens[index] in ADVERBS or tokens[index] in NEGATIONS):
            negated = negated or tokens[index] in NEGATIONS
            index -= 1
        if index < 0:
            return Doer(NOBODY, is_denied=negated)
        word = tokens[index]
        if word in SIGNS:
            is_headline = not index or tokens[index - 1] in {":", "\u2014", ";", '"', "'"}
            control = NOBODY if is_headline else self._control(index)
            is_wanted = bool(control) and control not in _OWNED
            return Doer(word, control, negated, is_wanted)
        if word in JOINERS or word == ",":
            return self._coordinated(index, "base", depth)._replace(is_denied=negated)
        if word == "order":
            return Doer(self._topic(index), word, negated)
        possessor = NOBODY if word in FORMS and not is_noun(self._tokens, index, "base") else (
            self.possessor(index)
        )  # fmt: skip
        if possessor:
            return Doer(possessor, word, negated)
        group = VerbGroup(tokens, index)
        doer = self.find(group.start, "base", depth + 1)
        is_denied = negated or doer.is_denied or group.is_negated
        asks = word in CONTROLS or FORMS.get(word, (NOBODY,))[0] in ASK | WISHES
        is_wanted = group.is_passive and asks
        return Doer(doer.sign, word, is_denied, is_wanted or word in _FORESEEN)

    def _control(self, index: int) -> str:
        """Give the verb whose object a sign is ("urged @S to"); "for" in "for @S to"."""
        for token in reversed(self._tokens[max(0, index - 3) : index]):
            if token == "for" or FORMS.get(token, ("", ""))[0] in ASK or token in CONTROLS:
                return token
            if token not in {"on", "upon", "the", "all"}:
                break
        before = self._tokens[max(0, index - 2) : index]
        return before[0] if len(before) > 1 and before[1] in {"of", "by"} else "makes"

    def _past_comma(self, index: int, form: str, depth: int) -> Doer:
        tokens = self._tokens
        if form == "ing":
            return Doer(self._topic(index), ",")
        for earlier in range(index - 1, max(-1, index - _FAR), -1):
            if tokens[earlier] == "," and earlier and tokens[earlier - 1] in SIGNS:
                return Doer(self._sign_subject(earlier - 1))
            if tokens[earlier] in {";", ":", '"'}:
                break
        return self._coordinated(index, form, depth)

    def _coordinated(self, index: int, form: str, depth: int) -> Doer:
        """Give the subject of the verb that stands before "and"."""
        tokens = self._tokens
        tries = 0
        for earlier in range(index - 1, max(-1, index - _FAR), -1):
            token = tokens[earlier]
            is_verb = (
                token in FORMS and not is_noun(self._tokens, earlier, FORMS[token][1])
            ) or token in BE
            if is_verb or (token.endswith("ed") and len(token) > 4):
                group = VerbGroup(tokens, earlier)
                kind = FORMS[token][1] if token in FORMS else "ed"
                if group.is_passive and kind == "ed" and form == "ed":
                    return _NONE
                doer = self.find(group.start, kind, depth + 1)
                tries += 1
                if not doer.sign and tries < _TRIES:
                    continue
                if form != "base":
                    return Doer(doer.sign)
                return doer._replace(is_denied=doer.is_denied or group.is_negated)
        return _NONE

    def _antecedent(self, index: int) -> str:
        tokens = self._tokens
        index -= 1
        if index >= 0 and tokens[index] == ",":
            index -= 1
        if index < 0:
            return NOBODY
        return self._sign_subject(index) if tokens[index] in SIGNS else self._noun_subject(index)

    def _topic(self, index: int) -> str:
        """Give the last sign before a place that is no possessor and behind no preposition."""
        tokens = self._tokens
        for earlier in range(index - 1, -1, -1):
            if tokens[earlier] in SIGNS:
                before = tokens[earlier - 1] if earlier else ""
                if before not in PREPOSITIONS and tokens[earlier + 1] != "'s":
                    following = tokens[earlier + 1]
                    if following in FORMS or following in AUXILIARIES or following in {",", "is"}:
                        return tokens[earlier]
        return NOBODY

    def _later_subject(self, form: str) -> str:
        """Give the subject of a participle that opens the sentence: a sign after a comma."""
        if form not in {"ing", "ed"}:
            return NOBODY
        for index, token in enumerate(self._tokens[:-1]):
            if token == "," and self._tokens[index + 1] in SIGNS:
                return self._tokens[index + 1]
        return NOBODY

    def possessor(self, index: int) -> str:
        """Give the sign that owns a noun: "@S 's firm decision", "its decision", "@S support"."""
        tokens = self._tokens
        for earlier in range(index - 1, max(-1, index - 5), -1):
            token = tokens[earlier]
            if token == "'s":
                return tokens[earlier - 1] if earlier and tokens[earlier - 1] in SIGNS else NOBODY
            if token in SIGNS:
                return token if earlier == index - 1 or token != ALLIANCE else NOBODY
            if token in {"its", "their", "his", "her"}:
                return self._topic(earlier)
            if token in PREPOSITIONS or token in FORMS or token in AUXILIARIES or token in BARRIERS:
                return NOBODY
        return NOBODY

    def _noun_subject(self, index: int) -> str:
        """Give the doer behind a noun: "@S troops", "the policy of @S"; else nobody."""
        if self._tokens[index] in DOERS:
            return self.possessor(index)
        return NOBODY
