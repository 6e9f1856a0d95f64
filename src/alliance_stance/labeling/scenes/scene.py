"""A scene: what a rule may ask of a candidate, computed once and on demand.

Rules read claims such as "the state, in its own voice, blames the alliance" here, so that each is a
line or two (`docs/rules.md`).
"""

import re
from collections.abc import Collection, Iterator
from functools import cached_property

from alliance_stance.labeling.scenes.deeds import Deed, DeedFinder
from alliance_stance.labeling.scenes.skeleton import (
    ALLIANCE,
    STATE,
    Skeleton,
    context_skeleton,
    skeleton,
)
from alliance_stance.schema import Candidate

GUESSES = frozenset({
    "may", "might", "could",
})  # fmt: skip
"""Auxiliaries that guess."""
_UNWILLING = frozenset({
    "refuse", "refused", "refuses", "refusing", "refusal", "decline", "declined", "declines",
    "fail", "failed", "fails", "failing", "failure", "unable", "reluctant", "reluctance",
    "unwilling", "unwillingness", "unprepared", "threaten", "threatened", "threatens",
    "threatening", "ceased", "stopped", "forgot", "impossible", "difficult", "hesitated",
    "hesitant", "threat", "neglected",
})  # fmt: skip
_AUTHOR_WAYS = frozenset({
    "speaker", "turn", "quotation",
})  # fmt: skip


_SOME_VERB = re.compile(
    r"(?<!\bof )(?<!\bin )(?<!\bwith )(?<!\bto )(?<!\bby )(?<!\bat )(?<!\bon )@S "
    r"(?:,[^,@]{1,60}, )?(?:\w+ly |also |now |still |again |later |soon )*"
    r"(?:is|are|was|were|am|has|have|had|will|would|can|could|may|might|must|should|"
    r"did|does|do|'[a-z]+|felt|wrote|saw|went|came|put|took|made|gave|held|told|got|began|fell|rose|"
    r"kept|brought|thought|sought|meant|sent|lost|won|paid|said|let|spoke|stood|broke|"
    r"(?!states|members|allies|leaders|ties|relations|series|troops|forces|officials|"
    r"interests)[a-z]{2,}"
    r"(?:ed|[^s']s))\b(?! -)|\u2014 @S(?: \S+)?$|^@S :|\bby @S\b"
)
"""A word that looks like a verb right behind the state, a headline's source, or an agent."""


class Scene:
    """A candidate as rules see it.

    Parameters
    ----------
    candidate
        With its mentions found.

    Examples
    --------
    >>> from alliance_stance.schema import Mention
    >>> mentions = (
    ...     Mention("state", "FRA", 0, 5, "capital"),
    ...     Mention("alliance", "NATO", 20, 24, "acronym"),
    ... )
    >>> text = "Paris will not leave NATO."
    >>> scene = Scene(Candidate("d", 0, 0, 25, text, "", "FRA", "NATO", mentions))
    >>> [(deed.verb, deed.subject, deed.is_negated) for deed in scene.deeds]
    [('leave', '@S', True)]
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate

    @cached_property
    def skeleton(self) -> Skeleton:
        """The sentence in signs."""
        return skeleton(self.candidate)

    @cached_property
    def text(self) -> str:
        """The skeleton's text."""
        return self.skeleton.text

    @cached_property
    def context(self) -> str:
        """The skeleton of the sentence before; empty for none."""
        return context_skeleton(self.candidate).text if self.candidate.context else ""

    @cached_property
    def tokens(self) -> list[str]:
        """The skeleton's tokens."""
        return self.text.split(" ")

    @cached_property
    def deeds(self) -> list[Deed]:
        """All deeds of the sentence, whoever does them."""
        return DeedFinder(self.tokens).find()

    @property
    def listed(self) -> int:
        """How many states the longest list has in which the judged one stands; 1 outside lists."""
        return self.skeleton.listed

    @cached_property
    def is_author(self) -> bool:
        """Whether the words of the sentence are the judged state's own."""
        candidate = self.candidate
        return candidate.speaker_state == candidate.state or candidate.state_how in _AUTHOR_WAYS

    @cached_property
    def is_named(self) -> bool:
        """Whether the state's government is in the sentence, by name or first person."""
        return STATE in self.text

    @cached_property
    def is_silent_author(self) -> bool:
        """Whether the state only speaks, and no word of the sentence stands for it."""
        return self.is_author and not self.is_named

    @cached_property
    def is_question(self) -> bool:
        """Whether the sentence asks."""
        return self.text.endswith(("?", '? "'))

    @cached_property
    def is_report(self) -> bool:
        """Whether nobody's state speaks throughout: news, encyclopaedias, papers."""
        return self.candidate.speaker_state is None

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Say whether the skeleton matches a pattern anywhere."""
        return pattern.search(self.text) is not None

    def own(self, verbs: Collection[str]) -> Iterator[Deed]:
        """Yield the state's own deeds by some verbs, also denied ones."""
        return (deed for deed in self.deeds if deed.subject == STATE and deed.verb in verbs)

    def does(
        self, verbs: Collection[str], after: re.Pattern[str], *, forms: str = "base s ed ing"
    ) -> bool:
        """Say whether the state really does something, with what follows matching `after`.

        Denials, conditions, questions, guesses of others, and what others want of it or it refuses
        to do are no deeds of it.
        """
        return any(
            deed.form in forms and self.is_real(deed) and after.search(deed.after)
            for deed in self.own(verbs)
        )

    def is_real(self, deed: Deed) -> bool:
        """Say whether a deed is one that its subject did, does or means to do."""
        if deed.is_negated or deed.is_conditional or self.is_question:
            return False
        if deed.is_wanted or deed.governor in _UNWILLING:
            return False
        return deed.modal not in GUESSES or self.is_author

    def denies(self, verbs: Collection[str], after: re.Pattern[str]) -> bool:
        """Say whether the state does not, will not or refuses to do something."""
        return any(
            not deed.is_conditional
            and not self.is_question
            and (deed.is_negated != (deed.governor in _UNWILLING))
            and not deed.is_wanted
            and after.search(deed.after)
            for deed in self.own(verbs)
        )

    def suffers(self, verbs: Collection[str]) -> bool:
        """Say whether something is done to the state, in the passive."""
        return any(deed.patient == STATE and deed.verb in verbs for deed in self.deeds)

    @cached_property
    def is_subject(self) -> bool:
        """Whether the state does or is anything here, also by a verb that no rule knows."""
        return any(deed.subject == STATE for deed in self.deeds) or self.says(_SOME_VERB)

    @cached_property
    def gap(self) -> int:
        """Tokens between the nearest signs of state and alliance; -1 where one is missing."""
        states = [i for i, token in enumerate(self.tokens) if token == STATE]
        alliances = [i for i, token in enumerate(self.tokens) if token == ALLIANCE]
        if not states or not alliances:
            return -1
        return min(abs(s - a) for s in states for a in alliances) - 1
