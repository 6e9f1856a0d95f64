"""Rules for `join`: the state applies for, ratifies, enters or re-enters membership."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.verbs import JOIN
from alliance_stance.schema import Act

_INTO = compiled(
    r"^(?:to |into |as |in )?(?!(?:in|with|hands|other|others|"
    r"forces)\b)FREE{0,2}@A(?! (?:leaders|allies|partners|members|states|countries|"
    r"and other)\b)"
)
_APPLY = compiled(
    r"^(?:\S+ ){0,6}(?:to join|membership|to become|admission|accession|entry|observer|candidate)\b"
    r" OWN{0,6}@A|^(?:to|for) FREE{0,2}@A"
)
_MEMBER = compiled(
    r"^(?:FREE{0,5}(?:members?|signatory|part(?:y|ies)?)(?: states?)? (?:of|in|to) FREE{0,2}@A|"
    r"FREE{0,3}@A(?: 's)? (?:FREE{0,2})?(?:member|candidate|state party))"
)
_ENTRY = (
    r"(?:accession|entry|admission|adherence|membership bid|bid|application|applications|inclusion|"
    r"candidacy|candidature|entrance|integration|return|acceptance|re-?admission|ambitions?|"
    r"aspirations?)"
)
_STEP = (
    r"(?:request|approaches|desire|wish|intention|path|road|way|hopes|decision|readiness|interest|"
    r"willingness|negotiations|steps|moves?|plans|campaign|efforts|drive)"
)
"""What is toward membership only if the words behind it say so: no "decision of @A"."""
_ENTERING = (
    r"(?:join|become|accession|admission|membership|entry|enter|a member|member|full|members|"
    r"joining|integration|acceding|becoming)"
)
_NAMED_ENTRY = compiled(
    rf"@S(?: and @O)?(?: 's)? FREE{{0,2}}{_ENTRY} (?:FREE{{0,3}}(?:to|into|in|for|of|with) )?"
    rf"(?:(?:{_ENTERING}|in|of|the|into|to) ){{0,5}}@A(?! \w+ to )"
)
_NAMED_STEP = compiled(
    rf"@S(?: and @O)?(?: 's)? FREE{{0,2}}{_STEP} FREE{{0,3}}{_ENTERING} "
    rf"(?:(?:{_ENTERING}|in|of|the|into|to) ){{0,4}}@A(?! \w+ to )"
)
_NOUN_BEFORE = compiled(
    r"(?:accession|entry|admission|adherence|acceptance|inclusion|integration|re-?admission) of @S "
    r"FREE{0,3}(?:to|into|in|as) FREE{0,5}@A"
)
_BID = compiled(
    r"@S(?: and @O)?(?: 's)? FREE{0,2}@A(?: 's)? (?:membership )?(?:bids?|accession|"
    r"membership (?:bid|application|"
    r"aspirations?|ambitions?|request|prospects|hopes|path|perspective|plans)|application|entry|"
    r"aspirations?|ambitions?|candidacy|candidature)(?! (?:process|talks) for @O)"
)
_DOUBTED = compiled(
    r"\b(?:possible|potential|question of|hypothetical|against|refus\w+|reject\w+|abandon\w*|"
    r"renounc\w+|oppos\w+) FREE{0,4}@S|eventual membership of @S"
)


_IS_ADMITTED = compiled(r"^(?:to|into|in|as) FREE{0,6}@A")
_RATIFIES = compiled(
    r"^(?:and ratified )?(?:the )?(?:FREE{0,3}(?:treaty|charter|convention|protocol|"
    r"pact|act) (?:of|establishing) )?@A(?! (?:\S+ )?(?:agreement|declaration|"
    r"statement|deal|document))"
)
_WANTS_MEMBERSHIP = compiled(
    r"@S (?:(?:'s|is|are|has|have|had|was|were|also|still|now|will|fully|firmly|strongly|its|"
    r"actively) ){0,4}(?:want|wants|wanted|hope|hopes|hoped|aspire|aspires|aspired|"
    r"aspiring|wish|"
    r"wishes|wished|seek|seeks|seeking|sought|working|preparing|ready|determined|"
    r"eager|keen|plans|"
    r"decided|intends|willing|strives|striving|committed) (?:to|for) FREE{0,3}(?:join|become|"
    r"membership|accession|full integration|integrate|enter|accede|joining) (?:FREE{0,6})@A"
)


def joins(scene: Scene) -> bool:
    """The state joins, accedes to or enters the alliance, or means to (6, 19)."""
    return scene.does(JOIN - {"apply", "ratify", "become", "admit", "return", "integrate"}, _INTO)


def applies_for_membership(scene: Scene) -> bool:
    """The state applies for membership, or asks to be let in (6)."""
    return scene.does({"apply", "seek", "request"}, _APPLY)


def becomes_member(scene: Scene) -> bool:
    """The state becomes a member (19)."""
    return scene.does({"become"}, _MEMBER)


def is_admitted(scene: Scene) -> bool:
    """The state was admitted (19)."""
    return any(
        deed.patient == "@S" and deed.verb in {"admit", "accept"} and not deed.is_negated
        and not deed.modal and _IS_ADMITTED.search(deed.after)
        for deed in scene.deeds
    )  # fmt: skip


def ratifies(scene: Scene) -> bool:
    """The state ratifies the alliance's treaty, or signs it (6, 18)."""
    return scene.does(
        {"ratify", "sign"},
        _RATIFIES,
    )


def has_accession_named(scene: Scene) -> bool:
    """A noun tells of its accession, entry or bid (19, 66)."""
    return not scene.says(_DOUBTED) and (
        scene.says(_NAMED_ENTRY) or scene.says(_NAMED_STEP) or scene.says(_NOUN_BEFORE)
    )


def has_membership_bid(scene: Scene) -> bool:
    """Its membership bid or its ambitions are named (19, 66)."""
    return not scene.says(_DOUBTED) and scene.says(_BID)


def wants_membership(scene: Scene) -> bool:
    """The state wants to become a member, or works for it (3, 56)."""
    return scene.says(_WANTS_MEMBERSHIP)  # fmt: skip


JOIN_RULES: tuple[Rule, ...] = (
    Rule(
        name="joins",
        act=Act.JOIN,
        codebook=(
            6,
            19,
        ),
        holds=joins,
        fires=Case("Zambia joined the African Union in the spring.", "ZMB", "AU"),
        near_miss=Case(
            "Zambia joined other members of the African Union in mourning.", "ZMB", "AU"
        ),
    ),
    Rule(
        name="applies_for_membership",
        act=Act.JOIN,
        codebook=(6,),
        holds=applies_for_membership,
        fires=Case("Georgia has applied for full membership of the European Union.", "GEO", "EU"),
        near_miss=Case(
            "Georgia has applied for a loan from a bank near the European Union.", "GEO", "EU"
        ),
    ),
    Rule(
        name="becomes_member",
        act=Act.JOIN,
        codebook=(19,),
        holds=becomes_member,
        fires=Case("In 2004 Latvia became a full member of NATO.", "LVA", "NATO"),
        near_miss=Case("In 2004 Latvia became a busy harbour for ships of NATO.", "LVA", "NATO"),
    ),
    Rule(
        name="is_admitted",
        act=Act.JOIN,
        codebook=(
            19,
            66,
        ),
        holds=is_admitted,
        fires=Case("Chad was admitted to the African Union without a vote.", "TCD", "AU"),
        near_miss=Case("Chad may be admitted to the African Union one day.", "TCD", "AU"),
    ),
    Rule(
        name="ratifies",
        act=Act.JOIN,
        codebook=(
            6,
            18,
        ),
        holds=ratifies,
        fires=Case("Ghana ratified the ECOWAS treaty within a month.", "GHA", "ECOWAS"),
        near_miss=Case(
            "Ghana ratified a fishing accord while ECOWAS met elsewhere.", "GHA", "ECOWAS"
        ),
    ),
    Rule(
        name="has_accession_named",
        act=Act.JOIN,
        codebook=(
            19,
            66,
        ),
        holds=has_accession_named,
        fires=Case("Finland's accession to NATO doubled the length of that border.", "FIN", "NATO"),
        near_miss=Case(
            "A possible accession of Finland to NATO was debated by experts.", "FIN", "NATO"
        ),
    ),
    Rule(
        name="has_membership_bid",
        act=Act.JOIN,
        codebook=(19,),
        holds=has_membership_bid,
        fires=Case("Sweden's NATO bid moved a step forward on Tuesday.", "SWE", "NATO"),
        near_miss=Case("Sweden opposed to the last a NATO bid of its neighbour.", "SWE", "NATO"),
    ),
    Rule(
        name="wants_membership",
        act=Act.JOIN,
        codebook=(
            3,
            56,
        ),
        holds=wants_membership,
        fires=Case("Moldova hopes to join the European Union before the decade ends.", "MDA", "EU"),
        near_miss=Case("Moldova hopes to sell more wine in the European Union.", "MDA", "EU"),
    ),
)
