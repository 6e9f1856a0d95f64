"""Every labelling rule, in one table; a new rule needs its line in its file's tuple and no more."""

from alliance_stance.labeling.rules.affirm import AFFIRM_RULES
from alliance_stance.labeling.rules.appeal import APPEAL_RULES
from alliance_stance.labeling.rules.confront import CONFRONT_RULES
from alliance_stance.labeling.rules.contribute import CONTRIBUTE_RULES
from alliance_stance.labeling.rules.criticize import CRITICIZE_RULES
from alliance_stance.labeling.rules.deliberate import DELIBERATE_RULES
from alliance_stance.labeling.rules.endorse import ENDORSE_RULES
from alliance_stance.labeling.rules.join import JOIN_RULES
from alliance_stance.labeling.rules.leave import LEAVE_RULES
from alliance_stance.labeling.rules.neutral import NEUTRAL_RULES
from alliance_stance.labeling.rules.neutral_roles import ROLE_RULES
from alliance_stance.labeling.rules.obstruct import OBSTRUCT_RULES
from alliance_stance.labeling.rules.own_words import OWN_WORDS_RULES
from alliance_stance.labeling.rules.refuse import REFUSE_RULES
from alliance_stance.labeling.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *JOIN_RULES,
    *CONTRIBUTE_RULES,
    *APPEAL_RULES,
    *ENDORSE_RULES,
    *AFFIRM_RULES,
    *OWN_WORDS_RULES,
    *CRITICIZE_RULES,
    *OBSTRUCT_RULES,
    *REFUSE_RULES,
    *LEAVE_RULES,
    *CONFRONT_RULES,
    *DELIBERATE_RULES,
    *NEUTRAL_RULES,
    *ROLE_RULES,
)
"""All rules, favor first, then against, then neutral."""
