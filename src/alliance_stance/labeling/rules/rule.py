"""What a labelling rule is: a named claim about a scene, a sentence that fires it, a near miss."""

from collections.abc import Callable
from dataclasses import dataclass

from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.schema import Act


@dataclass(frozen=True, slots=True)
class Case:
    """A small invented text with the pair that a rule is asked about.

    Its last sentence is the one that is judged. Fields are those of a document.
    """

    text: str
    state: str
    alliance: str
    title: str = ""
    date: str = ""
    speaker_state: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A labelling rule.

    Parameters
    ----------
    name
        What it claims, as a verb phrase ("pledges_forces").
    act
        What it votes for where the claim holds; else it abstains.
    codebook
        Numbers of the codebook's rules that it follows.
    holds
        The claim.
    fires
        A sentence of which the claim holds.
    near_miss
        A like one of which it must not hold.
    """

    name: str
    act: Act
    codebook: tuple[int, ...]
    holds: Callable[[Scene], bool]
    fires: Case
    near_miss: Case
