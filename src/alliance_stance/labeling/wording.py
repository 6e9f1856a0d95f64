"""How a sentence is worded: guessed, denied, or told of somebody's words.

Three claims over the whole sentence, by short word lists, so that scores can be cut by them
(`evaluation.slices`). They do not say that the judged position itself is guessed or denied: for
that the rules look at single verbs (`scenes.deeds`). The lists of guesses follow the cues of the
shared task of Farkas et al. 2010 (CoNLL), those of denial Chapman et al. 2001; both are the rules'
own words with what political text adds.
"""

import re

from alliance_stance.labeling.scenes.grammar import HEDGES, NEGATIONS

_DENIALS = "|".join(sorted(word for word in NEGATIONS if "'" not in word))
_GUESSES = "|".join(sorted(HEDGES))
_GUESSED = re.compile(
    r"\b(?:may(?! \d)|might|could|perhaps|maybe|presumably|apparently|seem(?:s|ed|ingly)?|"
    r"appear(?:s|ed)? to|suggest(?:s|ed)? that|if|unless|whether|provided that|in case|"
    r"rumou?r(?:s|ed)?|unlikely|possible|possibility|doubt(?:s|ed)?|"
    r"(?:can|could)(?:not| not|n't|n\u2019t) (?:be )?ruled? out|not ruled? out|"
    r"(?:is|are|was|were) (?:expected|thought|said|believed|understood|considering)|"
    rf"{_GUESSES})\b"
)
"""Case counts: May is a month, and a guess only where it opens the sentence."""
_OPENS_GUESSED = re.compile(r"^\W*(?:Perhaps|Maybe|If|Unless|Whether|May|Might|Could|Would)\b")
_DENIED = re.compile(
    rf"\b(?:{_DENIALS}|nothing|nobody|none|nowhere|deny|denies|denied|denial)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:said|says|told|tells|stated|declared|warned|warns|argued|argues|insisted|insists|"
    r"stressed|announced|announces|explain(?:s|ed)?|remarked|asserted|claimed|claims|reiterated|"
    r"recalled|reported|reports|wrote|added|called|calls|asked|thinks|thought|believes|believed|"
    r"repeats|repeated|replied|answered|cabled|telegraphed|conceded|concedes|admitted|admits|"
    r"suggested|suggests|hinted|spoke of|speaks of|described|describes|understood to|"
    r"according to)\b|[\"\u201c\u201d\u00ab\u00bb]"
)


def is_guessed(sentence: str) -> bool:
    """Say whether a sentence holds a guess, a condition or a rumour.

    Examples
    --------
    >>> is_guessed("Yerevan may leave the CSTO."), is_guessed("It left in May 2014.")
    (True, False)
    """
    return bool(_GUESSED.search(sentence) or _OPENS_GUESSED.search(sentence))


def is_denied(sentence: str) -> bool:
    """Say whether a sentence holds a denial.

    Examples
    --------
    >>> is_denied("Peru won't leave ASEAN."), is_denied("Peru left ASEAN.")
    (True, False)
    """
    return bool(_DENIED.search(sentence))


def is_told(sentence: str) -> bool:
    """Say whether a sentence tells of somebody's words, by a verb of saying or in quotation marks.

    Examples
    --------
    >>> is_told("Peru left, the minister said."), is_told("Peru left ASEAN.")
    (True, False)
    """
    return bool(_TOLD.search(sentence))
