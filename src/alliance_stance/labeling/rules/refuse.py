"""Rules for `refuse`: the state declines to join, to take part or to host."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.schema import Act

_IN = compiled(r"^(?:to |into |in |with |of |a )?OWN{0,6}@A")


_MEMBER = compiled(r"^(?:\S+ ){0,4}member (?:\S+ ){0,3}@A")
_WILL_NOT = frozenset({
    "refuse", "refused", "refuses", "refusal", "refusing", "decline", "declined", "declines",
    "reluctant", "unwilling", "reluctance",
})  # fmt: skip


_TURNS_DOWN_MEMBERSHIP = compiled(
    r"^(?:down |out )?(?:\S+ ){0,4}(?:membership|accession|to join|entry|"
    r"an invitation|association|joining|participation|offer|participating|"
    r"to take part|to participate|to sign)(?: \S+){0,8} @A|^(?:down |out |"
    r"its )?@A (?:membership|accession|offer|invitation|association)"
)
_WILL_NOT_TAKE_PART = compiled(r"^(?:OWN{0,8}(?:in|with|to|part|of) )?OWN{0,5}@A")
_KEEPS_OUT = compiled(
    r"@S (?:\S+ ){0,5}(?:stays?|stayed|remains?|remained|kept|keeps?|stood|"
    r"stand) (?:\S+ ){0,2}(?:out of|outside|away from|aloof from) (?:\S+ ){0,2}@A|"
    r"@S (?:\S+ ){0,4}(?:no (?:plans?|intention|desire|interest|wish|need) (?:to|of|"
    r"in|for) (?:\S+ ){0,3}(?:join|joining|enter|entering|becoming|become|member|"
    r"membership)(?: \S+){0,5} @A)|"
    r"@S (?:says no to|said no to|dissociated itself from) (?:\S+ ){0,3}@A"
)


def will_not_join(scene: Scene) -> bool:
    """The state will not, or does not want to, become a member (4)."""
    return any(
        deed.is_negated != (deed.governor in _WILL_NOT)
        and not deed.is_conditional
        and (deed.modal or deed.governor or scene.is_author)
        and (_MEMBER if deed.verb == "become" else _IN).search(deed.after)
        for deed in scene.own({"join", "accede", "enter", "apply", "become", "return", "rejoin"})
    )


def turns_down_membership(scene: Scene) -> bool:
    """The state turns down membership or rules it out."""
    return scene.does(
        {"decline", "reject", "refuse", "turn", "rule", "rebuff", "abandon", "spurn"},
        _TURNS_DOWN_MEMBERSHIP,
    )


def will_not_take_part(scene: Scene) -> bool:
    """The state will not take part, cooperate or host (20)."""
    return scene.denies(
        {
            "participate",
            "take",
            "cooperate",
            "co-operate",
            "host",
            "attend",
            "work",
            "deploy",
            "negotiate",
            "meet",
        },
        _WILL_NOT_TAKE_PART,
    )


def keeps_out(scene: Scene) -> bool:
    """The state stays outside, or calls neutrality its reason."""
    return scene.says(_KEEPS_OUT)  # fmt: skip


def refuses_something(scene: Scene) -> bool:
    """The state refuses or declines something in a sentence that names the alliance (4, 20)."""
    return not scene.is_author and any(
        deed.form != "noun" and scene.is_real(deed)
        for deed in scene.own({"refuse", "decline", "reject"})
    )


REFUSE_RULES: tuple[Rule, ...] = (
    Rule(
        name="refuses_something",
        act=Act.REFUSE,
        codebook=(4, 20),
        holds=refuses_something,
        fires=Case("Jordan declined when the Arab League asked for a host.", "JOR", "ARAB_LEAGUE"),
        near_miss=Case("Jordan did not decline when the Arab League asked.", "JOR", "ARAB_LEAGUE"),
    ),
    Rule(
        name="will_not_join",
        act=Act.REFUSE,
        codebook=(4,),
        holds=will_not_join,
        fires=Case("Switzerland will not join the European Union.", "CHE", "EU"),
        near_miss=Case(
            "Switzerland did not stop Croatia, which wished to join the European Union.",
            "CHE",
            "EU",
        ),
    ),
    Rule(
        name="turns_down_membership",
        act=Act.REFUSE,
        codebook=(
            4,
            20,
        ),
        holds=turns_down_membership,
        fires=Case("Indonesia rejected membership in SEATO.", "IDN", "SEATO", date="1955"),
        near_miss=Case(
            "Indonesia rejected a rumour about SEATO's staff.", "IDN", "SEATO", date="1955"
        ),
    ),
    Rule(
        name="will_not_take_part",
        act=Act.REFUSE,
        codebook=(20,),
        holds=will_not_take_part,
        fires=Case("Malta will not take part in the European Union's mission.", "MLT", "EU"),
        near_miss=Case("Malta will take part in the European Union's mission.", "MLT", "EU"),
    ),
    Rule(
        name="keeps_out",
        act=Act.REFUSE,
        codebook=(
            4,
            54,
        ),
        holds=keeps_out,
        fires=Case("Burma stayed out of ASEAN for thirty years.", "MMR", "ASEAN"),
        near_miss=Case("Burma stayed the guest of ASEAN for thirty days.", "MMR", "ASEAN"),
    ),
)
