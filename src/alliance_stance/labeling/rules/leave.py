"""Rules for `leave`, `suspend` and `threaten`: the ways out."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import GUESSES, Scene
from alliance_stance.labeling.scenes.verbs import LEAVE
from alliance_stance.schema import Act

_FROM = compiled(
    r"^(?:from |out of |out |the |its )*(?:FREE{0,2}(?:treaty|pact|alliance|"
    r"membership|command|structure) (?:of|in|from) )?FREE{0,1}@A(?! (?:leaders|allies|"
    r"partners|states|countries|members|summit|meeting))"
)
_EXIT = compiled(
    r"@S(?: 's)? (?:(?!may|might|could|would|consider)FREE){0,2}(?:withdrawal|exit|"
    r"departure|divorce|secession|brexit|leaving|quitting|pullout|"
    r"expulsion of|denunciation of|separation|"
    r"termination of)(?: referendum)? (?:from |of )?FREE{0,2}@A|"
    r"(?:withdrawal|exit|departure|divorce|secession|separation) of @S from FREE{0,2}@A|"
    r"@S(?: 's)? @A (?:exit|withdrawal|departure|divorce)|"
    r"@S(?: 's)? (?:decision|vote|choice|move|referendum) FREE{0,3}(?:to|of|"
    r"on) (?:leave|leaving|quit|exit|exiting|withdraw from|withdrawing from|"
    r"pull out of) FREE{0,2}@A"
)
_RUMOUR = compiled(r"speculat\w+|rumou?r\w*|possible|possibility|@A refugee|hypothe\w+|if @S\b")
_TREATY = compiled(r"^(?:the )?@A(?: (?:treaty|pact|agreement|membership))?(?: [,.]| in \d|$)")
_WHAT = (
    r"(?:membership|participation|cooperation|co-operation|obligations|activities|"
    r"contacts|work|relations|contributions|involvement|presence|talks|ties|dialogue)"
)


_CEASES_MEMBERSHIP = compiled(
    r"@S (?:\S+ ){0,3}(?:ceased to be|ceases to be|is no longer|was no longer|"
    r"are no longer) (?:\S+ ){0,3}(?:member|party|part)\S* (?:of|to|"
    r"in) (?:\S+ ){0,2}@A|"
    r"@A (?:\S+ )?, of which @S (?:is|was|are) no longer|"
    r"@S (?:\S+ ){0,3}(?:terminated|ended|ends|expelled|closed) (?:FREE{0,4})@A"
)
_SUSPENDS = compiled(
    rf"^(?:\S+ ){{0,3}}{_WHAT} (?:\S+ ){{0,4}}@A|^(?:making |"
    rf"paying )?(?:\S+ ){{0,4}}(?:contributions|payments) (?:\S+ ){{0,3}}@A"
)
_THREATENS_EXIT = compiled(
    r"@S (?:\S+ ){0,4}(?:reconsider\w*|rethink\w*|"
    r"review\w*) (?:\S+ ){0,3}(?:membership|relationship|participation|"
    r"place) (?:\S+ ){0,4}@A|"
    r"@S (?:\S+ ){0,3}(?:cannot|could not|not|n't|"
    r"did not) rule out (?:\S+ ){0,3}(?:leaving|withdrawing|quitting|withdrawal|exit|"
    r"pulling)\b.*@A|"
    r"@S (?:is |was |are |were |has been )?(?:consider\w*|contemplat\w*|"
    r"weigh\w*) (?:the )?(?:prospect of |possibility of |idea of )?(?:leaving|"
    r"withdrawing|quitting|withdrawal|exit\w*|pulling)\b.*@A"
)


def leaves(scene: Scene) -> bool:
    """The state leaves, quits or denounces the alliance (20)."""
    verbs = LEAVE - {"expel", "cease", "walk", "evict", "opt", "denounce", "abandon"}
    return any(
        deed.form != "noun" and deed.governor not in {"by", "of", "without", "for"}
        and scene.is_real(deed) and _FROM.search(deed.after)
        for deed in scene.own(verbs)
    ) or scene.does({"denounce", "abandon", "abrogate"}, _TREATY)  # fmt: skip


def has_exit_named(scene: Scene) -> bool:
    """A noun tells of its exit (19)."""
    return scene.says(_EXIT) and not scene.is_question and not scene.says(_RUMOUR)


def ceases_membership(scene: Scene) -> bool:
    """The state ceases to be a member, or ends a partnership (17)."""
    return scene.says(_CEASES_MEMBERSHIP)  # fmt: skip


def suspends(scene: Scene) -> bool:
    """The state suspends membership, participation or a duty (20, 21)."""
    return scene.does(
        {"suspend", "freeze", "halt", "pause", "stop", "cease"},
        _SUSPENDS,
    )


def threatens_exit(scene: Scene) -> bool:
    """The state threatens to leave, or openly thinks of it (3)."""
    return not scene.is_question and (
        scene.says(_THREATENS_EXIT)
        or any(
            (deed.governor.startswith("threat") or (deed.modal in GUESSES and scene.is_author))
            and _FROM.search(deed.after)
            for deed in scene.own(LEAVE | {"suspend", "freeze"})
        )
    )


LEAVE_RULES: tuple[Rule, ...] = (
    Rule(
        name="leaves",
        act=Act.LEAVE,
        codebook=(20,),
        holds=leaves,
        fires=Case("Venezuela withdrew from the OAS.", "VEN", "OAS"),
        near_miss=Case("Venezuela will probably withdraw from the OAS.", "VEN", "OAS"),
    ),
    Rule(
        name="has_exit_named",
        act=Act.LEAVE,
        codebook=(19,),
        holds=has_exit_named,
        fires=Case("Qatar's withdrawal from OPEC surprised the traders.", "QAT", "OPEC"),
        near_miss=Case(
            "Speculation about Qatar's withdrawal from OPEC moved the traders.", "QAT", "OPEC"
        ),
    ),
    Rule(
        name="ceases_membership",
        act=Act.LEAVE,
        codebook=(17,),
        holds=ceases_membership,
        fires=Case("Mauritania is no longer a member of ECOWAS.", "MRT", "ECOWAS"),
        near_miss=Case("Mauritania is once more a neighbour of ECOWAS.", "MRT", "ECOWAS"),
    ),
    Rule(
        name="suspends",
        act=Act.SUSPEND,
        codebook=(
            20,
            21,
        ),
        holds=suspends,
        fires=Case("Armenia froze its participation in the CSTO.", "ARM", "CSTO"),
        near_miss=Case("Armenia froze prices and informed the CSTO.", "ARM", "CSTO"),
    ),
    Rule(
        name="threatens_exit",
        act=Act.THREATEN,
        codebook=(3,),
        holds=threatens_exit,
        fires=Case("Iraq threatened to leave OPEC.", "IRQ", "OPEC"),
        near_miss=Case("Iraq threatened to leave the hall while OPEC talked.", "IRQ", "OPEC"),
    ),
)
