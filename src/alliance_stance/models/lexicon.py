"""Count words of favor and of opposition near the judged pair: the oldest way, and a baseline."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from alliance_stance.config import Section
from alliance_stance.models import counts
from alliance_stance.models.base import Matrix, StanceModel, act_shares, spread_over_acts
from alliance_stance.schema import STANCES, Act, Candidate, Stance

FAVOR_STEMS = (
    "accede", "accession", "acclaim", "adhere", "admire", "aid", "applaud", "appreciat", "aspir",
    "assist", "back", "benefit", "champion", "commend", "commit", "congratulat", "contribut",
    "cooperat", "co-operat", "deepen", "defend", "devot", "endors", "enhanc",
    "faithful", "fulfil", "grateful", "gratitude", "hail", "help", "honour", "host", "indispensab",
    "join", "loyal", "pillar", "pledg", "praise", "proud", "ratif", "reaffirm", "resolute",
    "salute", "solidarity", "strengthen", "support", "thank", "tribute", "uphold", "valu",
    "vital", "welcom",
)  # fmt: skip
AGAINST_STEMS = (
    "abandon", "accus", "aggress", "attack", "ban", "betray", "blam", "block", "boycott", "censur",
    "condemn", "critici", "decline", "denounc", "deplor", "disappoint", "dismiss", "expel", "fail",
    "freez", "frozen", "halt", "hostil", "impede", "imperialis", "inadequat", "interfer",
    "leave", "leaving", "left", "meddl", "obstruct", "oppos", "quit", "rebuff", "refus",
    "regret", "reject", "resent", "retaliat", "sanction", "skip", "suspend", "threat", "unaccept",
    "unjust", "veto", "warn", "withdr", "withheld", "withhold", "wreck",
)  # fmt: skip
AGAINST_PHRASES = ("pull out", "pulled out", "pulling out", "walk out", "walked out", "turn down")
OTHER_WORDS = frozenset(
    {
        "aide", "aides", "bank", "banks", "banking", "committee", "committees", "joint", "jointly",
        "quite", "failing", "leftist", "leftists",
    }
)  # fmt: skip
"""Words that begin like one of the lists and say something else."""

NEGATIONS = frozenset({"not", "no", "never", "neither", "nor", "without", "cannot", "nothing"})
PAIR = "judgedpair"
"""What stands for a name of the judged state or alliance while words are counted."""
_NEGATION_REACH = 3
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


class LexiconSettings(Section):
    """Settings of the lexicon model."""

    smoothing: float = Field(gt=0, description="Added to each count before shares are taken.")
    reach: int = Field(
        ge=1, description="How many words away from the judged pair a word still counts."
    )


class LexiconModel(StanceModel):
    """Maps the balance of favorable and opposing words to stance shares seen in training.

    The balance (favorable minus opposing words within reach of a name of the judged state or
    alliance, a word within three words after a negation counting for the other side) is cut to
    -2 .. 2; each of the five values has its stance shares, so that the scores are probabilities.
    Words of a whole sentence say little of one pair in it: of those, most sentences of more
    opposing words were neutral ones (experiments/models).

    Parameters
    ----------
    smoothing
        Added to each count, so that no stance is impossible.
    reach
        In words; where neither state nor alliance stands in the sentence, all words count.
    """

    def __init__(self, *, smoothing: float = 1.0, reach: int = 5) -> None:
        self.smoothing = smoothing
        self.reach = reach

    def _fit(self, X: Sequence[Candidate], y: Sequence[Stance], acts: Sequence[Act | None]) -> None:
        found = np.full((5, len(STANCES)), self.smoothing)
        for candidate, stance in zip(X, y, strict=True):
            found[self._balance(candidate) + 2, STANCES.index(stance)] += 1
        self.shares_ = found / found.sum(axis=1, keepdims=True)
        self.act_shares_ = act_shares(acts)

    def predict_act_proba(self, X: Sequence[Candidate]) -> Matrix:
        """Look the balance of each pair up."""
        rows = self.shares_[[self._balance(candidate) + 2 for candidate in X]]
        return spread_over_acts(rows.reshape(-1, len(STANCES)), self.act_shares_)

    def save_weights(self, folder: Path) -> None:
        """Write the five rows of shares."""
        rows = {str(row - 2): shares for row, shares in enumerate(self.shares_)}
        counts.write_counts(folder, {**rows, "acts": self.act_shares_})

    def load_weights(self, folder: Path) -> None:
        """Read the five rows of shares."""
        rows = {str(row - 2): counts.check_stance_shares for row in range(5)}
        arrays = counts.read_counts(folder, {**rows, "acts": counts.check_act_shares})
        self.act_shares_ = arrays.pop("acts")
        self.shares_ = np.array([arrays[str(row - 2)] for row in range(5)])
        self.classes_ = np.array([str(stance) for stance in STANCES])

    def _balance(self, candidate: Candidate) -> int:
        return balance(_without_names(candidate), self.reach)


def balance(text: str, reach: int) -> int:
    """Count favorable minus opposing words, cut to -2 .. 2.

    Parameters
    ----------
    text
        With `PAIR` in place of each name of the judged pair.
    reach
        How many words away from the nearest `PAIR` a word counts; without one, all words count.

    Examples
    --------
    >>> balance("We welcome and support it.", 5), balance("It will not support the pact.", 5)
    (2, -1)
    >>> balance("judgedpair welcomed it, after the fall of those that had condemned it.", 5)
    1
    """
    lowered = text.lower()
    for phrase in AGAINST_PHRASES:
        lowered = lowered.replace(phrase, "withdraw")
    words = [match[0] for match in _WORD.finditer(lowered)]
    pairs = [position for position, word in enumerate(words) if word == PAIR]
    total = 0
    for position, word in enumerate(words):
        if pairs and min(abs(position - pair) for pair in pairs) > reach:
            continue
        polarity = _polarity(word)
        window = words[max(0, position - _NEGATION_REACH) : position]
        total += -polarity if NEGATIONS.intersection(window) else polarity
    return max(-2, min(2, total))


def _polarity(word: str) -> int:
    if word in OTHER_WORDS:
        return 0
    if word.startswith(AGAINST_STEMS):
        return -1
    return int(word.startswith(FAVOR_STEMS))


def _without_names(candidate: Candidate) -> str:
    """Blank the names, since Bangladesh is no ban; mark those of the judged pair."""
    parts: list[str] = []
    position = 0
    for mention in candidate.mentions:
        is_judged = candidate.is_judged(mention)
        parts += [candidate.text[position : mention.start], f" {PAIR} " if is_judged else " "]
        position = mention.end
    return "".join([*parts, candidate.text[position:]])
