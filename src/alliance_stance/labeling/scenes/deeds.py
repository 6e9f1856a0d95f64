"""Find who does what in a skeleton, without a parse.

A deed is a verb that rules know, with its subject, what governs it and how it is said: denied,
hedged, passive, conditional, quoted. The subject is looked for to the left of the verb, past
auxiliaries, asides, coordinated verbs and the verbs that govern an infinitive, in the manner of the
negation scopes of Chapman et al. 2001: windows that end at certain words. Where the walk ends
at a noun nobody knows, the subject is nobody, and rules that ask for the state do not fire.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alliance_stance.labeling.scenes.skeleton import (
    ALLIANCE,
    BLOC,
    OTHER,
    STATE,
    UNOFFICIAL,
)
from alliance_stance.labeling.scenes.verbs import ASK, FORMS

NOBODY = ""
SIGNS = frozenset({STATE, OTHER, ALLIANCE, BLOC, UNOFFICIAL})
_NEGATIONS = frozenset({"not", "never", "n't", "cannot", "neither", "nor", "no", "without", "hardly",
                        "scarcely", "barely", "won't", "didn't", "don't", "doesn't", "can't", "isn't",
                        "wouldn't", "couldn't", "hasn't", "haven't", "aren't", "wasn't", "shouldn't"})  # fmt: skip
_MODALS = frozenset({"may", "might", "could", "would", "should", "must", "will", "shall", "can",
                     "won't", "wouldn't", "couldn't", "can't", "cannot", "shouldn't"})  # fmt: skip
_BE = frozenset({"be", "is", "are", "was", "were", "been", "being", "am", "isn't", "aren't", "wasn't",
                 "gets", "got"})  # fmt: skip
_AUXILIARIES = _MODALS | _BE | frozenset({"has", "have", "had", "having", "do", "does", "did", "don't",
                                          "doesn't", "didn't", "hasn't", "haven't", "'ve", "'re", "'ll",
                                          "'d", "'m"})  # fmt: skip
_ADVERBS = frozenset({
    "also", "always", "still", "now", "often", "already", "again", "once", "soon", "just", "thus",
    "then", "therefore", "even", "only", "indeed", "too", "ever", "yet", "all", "both", "today",
    "yesterday", "twice", "further", "longer", "hereby", "much", "very", "well", "both", "itself",
    "themselves", "himself", "ourselves", "myself", "far", "so", "long", "later", "first", "monday",
    "ago", "de", "facto", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "likewise", "moreover",
})  # fmt: skip
_HEDGES = frozenset({"likely", "potentially", "probably", "perhaps", "reportedly", "allegedly",
                     "possibly"})  # fmt: skip
"""Adverbs that make a guess of a statement."""
_PREPOSITIONS = frozenset({
    "of", "in", "with", "to", "from", "for", "by", "at", "on", "between", "among", "against", "toward",
    "towards", "within", "under", "into", "over", "through", "via", "about", "like", "including",
    "upon", "after", "before", "as", "than", "without", "behind", "near", "inside", "outside",
})  # fmt: skip
_CONJUNCTIONS = frozenset({"after", "before", "as", "than"})
"""Prepositions that may open a clause, too."""
_DETERMINERS = frozenset({"the", "a", "an", "its", "their", "his", "her", "this", "that", "these", "those",
                          "any", "some", "no", "full", "strong", "further", "greater", "more", "every",
                          "such", "'s", "continued", "firm", "new", "of", "for", "with", "in", "under",
                          "by", "on", "from", "any", "our", "unanimous", "possible"})  # fmt: skip
_PRONOUNS = frozenset({"he", "she", "it", "they"})
_RELATIVES = frozenset({"which", "who", "that"})
_JOINERS = frozenset({"and", "or", "but", "nor", "then"})
_DOERS = frozenset({"troops", "forces", "army", "soldiers", "police", "navy", "warships", "planes",
                    "policy", "policies", "position", "stance", "view", "position", "diplomacy",
                    "representative", "representatives", "spokesman", "capital", "leader", "leaders",
                    "military", "war"})  # fmt: skip
_BARRIERS = frozenset({
    ";", ":", "\u2014", "--", "while", "whereas", "although", "though", "because", "which", "who", "whose",
    "whom", "when", "if", "unless", "until", "but", "since", "where", "?",
})  # fmt: skip
_OPENERS = frozenset({",", "before", "after", "as", "than", "and", "whatever", "so"})
"""After these a new clause begins, if a subject and a verb follow."""
_FACTS = frozenset({"fact", "idea", "view", "hope", "belief", "opinion", "conviction", "demand", "now",
                    "proposal", "decision", "understanding", "condition", "position", "importance", "us",
                    "argument", "claim", "call", "concern", ",", "believe", "say", "and"})  # fmt: skip
"""A clause that begins with "that" behind these tells what the verb is about."""
_IFS = frozenset({"if", "unless", "whether", "lest", "provided", "should"})
_WISHES = frozenset(
    {"demand", "urge", "ask", "request", "propose", "insist", "suggest", "recommend"}
)
_NOMINAL = frozenset(
    {"for", "of", "to", "from", "by", "against", "with", "in", "at", "on", ",", "."}
)
_REACH = 26
_FAR = 30
_DEPTH = 4


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
    is_negated, is_passive, is_conditional, is_quoted
        How it is said.
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
    is_passive: bool
    is_conditional: bool
    is_quoted: bool
    after: str


class _Group:
    """The verb group to the left of a verb: its start, and what its auxiliaries say."""

    __slots__ = ("is_negated", "is_perfect", "is_passive", "modal", "start")

    def __init__(self, tokens: Sequence[str], place: int) -> None:
        self.modal = ""
        self.is_negated = self.is_passive = self.is_perfect = False
        index = place - 1
        while index >= 0:
            token = tokens[index]
            if token in _NEGATIONS:
                self.is_negated = True
                self.modal = token if token in _MODALS else self.modal
            elif token in _AUXILIARIES:
                self.modal = token if token in _MODALS and self.modal != "may" else self.modal
                self.is_passive = self.is_passive or token in _BE
            elif token in _HEDGES:
                self.modal = "may"
            elif token not in _ADVERBS and not (token.endswith("ly") and len(token) > 4):
                break
            index -= 1
        self.start = index


class DeedFinder:
    """Finds the deeds of one skeleton.

    Parameters
    ----------
    tokens
        The skeleton, cut at spaces.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens

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
        if self._is_noun(place, form):
            return self._noun(place, verb, is_quoted=is_quoted)
        group = _Group(self._tokens, place)
        is_passive = form == "ed" and (group.is_passive or self._follows_noun_with_by(place, group))
        subject, governor, is_negated = self._subject(group.start, form, 0)
        patient = NOBODY
        after = self._after(place)
        if is_passive:
            patient, subject = subject, self._agent(after)
        return Deed(
            verb=verb,
            form=form,
            place=place,
            subject=subject,
            patient=patient,
            governor=governor,
            modal=group.modal,
            is_negated=group.is_negated or is_negated,
            is_passive=is_passive,
            is_conditional=self._is_conditional(group.start),
            is_quoted=is_quoted,
            after=after,
        )

    def _noun(self, place: int, verb: str, *, is_quoted: bool) -> Deed:
        after = self._after(place)
        subject = self._possessor(place)
        if not subject:
            words = after.split(" ", 2)
            is_named = len(words) > 1 and words[0] in {"of", "by"} and words[1] in SIGNS
            subject = words[1] if is_named else NOBODY
        before = self._tokens[max(0, place - 3) : place]
        return Deed(verb, "noun", place, subject, NOBODY, NOBODY, NOBODY, "no" in before,
                    is_passive=False, is_conditional=self._is_conditional(place), is_quoted=is_quoted,
                    after=after)  # fmt: skip

    def _is_noun(self, place: int, form: str) -> bool:
        """Say whether a form that can be a noun is one here ("its support for")."""
        if form not in {"base", "s", "ing"} or not place:
            return False
        before = self._tokens[place - 1]
        if form == "ing":
            return before in {"the", "'s", "a", "this"}
        if before in _DETERMINERS:
            return True
        following = self._tokens[place + 1] if place + 1 < len(self._tokens) else "."
        return before == STATE and form == "base" and following in _NOMINAL - {"of"} and (
            following in {"for", "to", "from", ",", "."} and self._tokens[place] in
            {"support", "request", "demand", "veto", "boycott", "offer", "attack", "protest", "work"}
        )  # fmt: skip

    def _follows_noun_with_by(self, place: int, group: _Group) -> bool:
        """Say whether a bare participle has its doer behind it ("efforts backed by")."""
        following = self._tokens[place + 1 : place + 2]
        return group.start == place - 1 and following == ["by"] if following else False

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
            if token in _BARRIERS or (
                token in _OPENERS and self._begins_clause(end + 1)
            ) or (token == "that" and end > place + 1 and tokens[end - 1] not in _FACTS):  # fmt: skip
                break
            end += 1
        return " ".join(tokens[place + 1 : end])

    def _begins_clause(self, place: int) -> bool:
        """Say whether "and it" or "he said" stands at a place."""
        words = self._tokens[place : place + 3]
        if not words:
            return False
        if words[0] in _JOINERS:
            words = words[1:]
        is_subject = bool(words) and (words[0] in _PRONOUNS or words[0] in SIGNS)
        return is_subject and len(words) > 1 and (
            words[1] in FORMS or words[1] in _AUXILIARIES or words[1].endswith("ly")
        )  # fmt: skip

    def _is_conditional(self, start: int) -> bool:
        index = start
        while index >= 0 and start - index < 12:
            token = self._tokens[index]
            if token in _IFS and not (token == "should" and index):
                return True
            if token in _BARRIERS or token in {",", "that"}:
                return False
            index -= 1
        return False

    def _subject(self, index: int, form: str, depth: int) -> tuple[str, str, bool]:
        """Give subject, governor and inherited negation of a verb whose group starts behind `index`."""
        tokens = self._tokens
        if index < 0 or depth > _DEPTH:
            return self._later_subject(form), NOBODY, False
        token = tokens[index]
        if token in SIGNS:
            return self._sign_subject(index), self._wish(index), False
        if token == "to":
            return self._governed(index - 1, depth)
        if form == "ing" and token in _PREPOSITIONS:
            return self._topic(index), token, token == "without"
        if token in _RELATIVES:
            return self._antecedent(index), NOBODY, False
        if token in _PRONOUNS:
            return self._topic(index), NOBODY, False
        if token == ",":
            return self._past_comma(index, form, depth)
        if token in _JOINERS:
            return self._coordinated(index, form, depth)
        if token == '"':
            return self._subject(index - 1, form, depth + 1)
        return self._noun_subject(index), NOBODY, False

    def _wish(self, index: int) -> str:
        """Give the word that demands something of a sign ("demanded that @S leave")."""
        if index < 2 or self._tokens[index - 1] != "that":
            return NOBODY
        word = self._tokens[index - 2]
        return word if FORMS.get(word, (NOBODY,))[0] in _WISHES else NOBODY

    def _sign_subject(self, index: int) -> str:
        tokens = self._tokens
        before = tokens[index - 1] if index else ""
        if before in {"and", "or"} and index > 1 and tokens[index - 2] == STATE:
            return STATE
        if before in _PREPOSITIONS and before not in _CONJUNCTIONS:
            head = tokens[index - 2] if index > 1 else ""
            if before == "of" and head in _DOERS:
                return tokens[index]
            is_aside = before in {"in", "with", "like", "including"}
            return NOBODY if not is_aside or head not in SIGNS else head
        return tokens[index]

    def _governed(self, index: int, depth: int) -> tuple[str, str, bool]:
        """Give the subject of an infinitive: that of the word before "to", or its object."""
        tokens = self._tokens
        negated = False
        while index >= 0 and (tokens[index] in _ADVERBS or tokens[index] in _NEGATIONS):
            negated = negated or tokens[index] in _NEGATIONS
            index -= 1
        if index < 0:
            return NOBODY, NOBODY, negated
        word = tokens[index]
        if word in SIGNS:
            is_headline = not index or tokens[index - 1] in {":", "\u2014", ";", '"', "'"}
            return word, NOBODY if is_headline else self._control(index), negated
        if word in _JOINERS or word == ",":
            return (*self._coordinated(index, "base", depth)[:2], negated)
        if word == "order":
            return self._topic(index), word, negated
        possessor = NOBODY if word in FORMS and not self._is_noun(index, "base") else (
            self._possessor(index)
        )  # fmt: skip
        if possessor:
            return possessor, word, negated
        group = _Group(tokens, index)
        subject, _, inherited = self._subject(group.start, "base", depth + 1)
        return subject, word, negated or inherited or group.is_negated

    def _control(self, index: int) -> str:
        """Give the verb whose object a sign is ("urged @S to"); "for" in "for @S to"."""
        for token in reversed(self._tokens[max(0, index - 3) : index]):
            if token == "for" or FORMS.get(token, ("", ""))[0] in ASK or token in _CONTROLS:
                return token
            if token not in {"on", "upon", "the", "all"}:
                break
        before = self._tokens[max(0, index - 2) : index]
        return before[0] if len(before) > 1 and before[1] in {"of", "by"} else "makes"

    def _past_comma(self, index: int, form: str, depth: int) -> tuple[str, str, bool]:
        tokens = self._tokens
        if form == "ing":
            return self._topic(index), ",", False
        for earlier in range(index - 1, max(-1, index - _FAR), -1):
            if tokens[earlier] == "," and earlier and tokens[earlier - 1] in SIGNS:
                return self._sign_subject(earlier - 1), NOBODY, False
            if tokens[earlier] in {";", ":", '"'}:
                break
        return self._coordinated(index, form, depth)

    def _coordinated(self, index: int, form: str, depth: int) -> tuple[str, str, bool]:
        """Give the subject of the verb that stands before "and"."""
        tokens = self._tokens
        for earlier in range(index - 1, max(-1, index - _FAR), -1):
            token = tokens[earlier]
            is_verb = (
                token in FORMS and not self._is_noun(earlier, FORMS[token][1])
            ) or token in _BE
            if is_verb or (token.endswith("ed") and len(token) > 4):
                group = _Group(tokens, earlier)
                kind = FORMS[token][1] if token in FORMS else "ed"
                if group.is_passive and kind == "ed" and form == "ed":
                    return NOBODY, NOBODY, False
                subject, governor, negated = self._subject(group.start, kind, depth + 1)
                if not subject:
                    continue
                inherits = form == "base"
                return subject, governor if inherits else NOBODY, inherits and (
                    negated or group.is_negated
                )  # fmt: skip
        return NOBODY, NOBODY, False

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
                if before not in _PREPOSITIONS and tokens[earlier + 1] != "'s":
                    following = tokens[earlier + 1]
                    if following in FORMS or following in _AUXILIARIES or following in {",", "is"}:
                        return tokens[earlier]
        return NOBODY

    def _later_subject(self, form: str) -> str:
        """Give the subject of a participle that opens the sentence: the first sign after a comma."""
        if form not in {"ing", "ed"}:
            return NOBODY
        for index, token in enumerate(self._tokens[:-1]):
            if token == "," and self._tokens[index + 1] in SIGNS:
                return self._tokens[index + 1]
        return NOBODY

    def _possessor(self, index: int) -> str:
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
            if (
                token in _PREPOSITIONS
                or token in FORMS
                or token in _AUXILIARIES
                or token in _BARRIERS
            ):
                return NOBODY
        return NOBODY

    def _noun_subject(self, index: int) -> str:
        """Give the doer behind a noun: "@S troops", "the policy of @S"; else nobody."""
        if self._tokens[index] in _DOERS:
            return self._possessor(index)
        return NOBODY


_CONTROLS = frozenset({
    "allow", "allowed", "allows", "help", "helped", "force", "forced", "persuade", "persuaded",
    "compel", "compelled", "told", "tell", "enable", "enabled", "get", "let", "lead", "led", "want",
    "wants", "wanted", "warned", "pressed", "pushed", "permit", "permitted", "obliged", "forbid",
})  # fmt: skip
