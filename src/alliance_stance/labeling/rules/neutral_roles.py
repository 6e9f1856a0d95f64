"""Rules for `describe` from the state's part in the sentence: who acts, who is acted upon."""

from alliance_stance.labeling.rules.patterns import compiled
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.scenes.scene import GUESSES, Scene
from alliance_stance.labeling.scenes.verbs import ATTACK, BLAME
from alliance_stance.schema import Act

_VICTIM = compiled(
    r"(?:invasion|occupation|aggression|war|attacks?|coup|assault|sanctions|embargo|"
    r"massacre|genocide|"
    r"intervention|bombing|crisis|conflict|situation|violence|fighting|hostilities|civil war) "
    r"(?:of|in|against|on|with|between|for|towards?) (?:\S+ ){0,2}@S\b"
)
_IS_ACTED_UPON = compiled("^FREE{0,6}@S")
_QUARREL = compiled(
    r"(?:tensions?|row|dispute|standoff|stand-off|clash\w*|spat|feud|rift|"
    r"confrontation|quarrel|war|"
    r"conflict) (?:between|with) @S(?! and @A)"
)
_IS_BLAMED_BY_OTHER = compiled("^FREE{0,4}@S")
_IS_PARTY_TO_OTHER_TIE = compiled(
    r"between @S\b(?! 's)(?! and @A)|relations with @S|@O - @S|@S - @O"
)
_IS_POSSESSOR_ONLY = compiled(
    r"@S(?: 's)? (?:territory|borders?|soil|independence|sovereignty|people|economy|"
    r"exports?|crisis|elections?|"
    r"invasion|war|coast|citizens|assets|market|security|conflict|neighbou?rs?|"
    r"capital|question|problem|issue|"
    r"peace|situation|reunification|integrity|cause|revolution)\b"
)


def is_never_subject(scene: Scene) -> bool:
    """The state, not the speaker, does nothing in the sentence (1)."""
    return (
        not scene.is_author
        and scene.is_named
        and not scene.is_subject
        and "@S 's" not in scene.text
    )


def is_other_in_speech(scene: Scene) -> bool:
    """Another state speaks, and this one is only spoken of (1, 2)."""
    speaker = scene.candidate.speaker_state
    return speaker not in (None, scene.candidate.state) and not scene.is_subject


def is_acted_upon(scene: Scene) -> bool:
    """The alliance does something to the state (16)."""
    return not scene.is_author and any(
        deed.subject == "@A" and _IS_ACTED_UPON.search(deed.after) for deed in scene.deeds
    )


def is_suspended_or_invited(scene: Scene) -> bool:
    """The state is suspended, expelled, sanctioned or invited (16)."""
    return scene.suffers(
        {"suspend", "expel", "invite", "sanction", "ask", "condemn", "urge", "exclude", "tell"}
    )


def is_victim(scene: Scene) -> bool:
    """The state is where a war, an invasion or a crisis is (1, 16)."""
    return not scene.is_author and scene.says(_VICTIM)


def is_blamed_by_other(scene: Scene) -> bool:
    """Another state blames or attacks it (24)."""
    return not scene.is_author and any(
        deed.subject in {"@O", "@A", "@B"} and deed.verb in BLAME | ATTACK
        and _IS_BLAMED_BY_OTHER.search(deed.after)
        for deed in scene.deeds
    )  # fmt: skip


def is_forecast(scene: Scene) -> bool:
    """Others forecast or suppose what the state may do (14, 56)."""
    return not scene.is_author and any(
        deed.subject == "@S" and (deed.modal in GUESSES or deed.is_conditional)
        for deed in scene.deeds
    )


def is_asked_of_it(scene: Scene) -> bool:
    """Others want something of the state (14)."""
    return not scene.is_author and any(
        deed.subject == "@S" and deed.is_wanted for deed in scene.deeds
    )


def only_meets(scene: Scene) -> bool:
    """The state meets, visits or talks, and no stance is told (9, 51)."""
    return not scene.is_author and any(
        deed.form != "noun" for deed in scene.own({"meet", "attend", "visit", "discuss", "arrive"})
    )


def is_party_to_other_tie(scene: Scene) -> bool:
    """Something between the state and another one is told (1, 5)."""
    return (
        scene.is_report
        and scene.says(_IS_PARTY_TO_OTHER_TIE)
        and scene.skeleton.blocs == 1
        and "@S and @A" not in scene.text
    )


def is_in_others_position(scene: Scene) -> bool:
    """Other states act in the sentence, and this one neither does nor owns anything in it (1)."""
    return not scene.is_author and not scene.is_subject and "@O" in scene.tokens


def is_possessor_only(scene: Scene) -> bool:
    """Only something of the state's is named: its territory, its people, its market (1)."""
    return not scene.is_author and scene.says(_IS_POSSESSOR_ONLY)  # fmt: skip


def is_in_quarrel(scene: Scene) -> bool:
    """The state is in a war or a quarrel with another one (5)."""
    return not scene.is_author and scene.says(_QUARREL)


ROLE_RULES: tuple[Rule, ...] = (
    Rule(
        name="is_in_quarrel",
        act=Act.DESCRIBE,
        codebook=(5,),
        holds=is_in_quarrel,
        fires=Case("The African Union met on the war between Chad and Libya.", "TCD", "AU"),
        near_miss=Case("Chad and the African Union met.", "TCD", "AU"),
    ),
    Rule(
        name="is_never_subject",
        act=Act.DESCRIBE,
        codebook=(1,),
        holds=is_never_subject,
        fires=Case("NATO's planes flew over Austria last week.", "AUT", "NATO"),
        near_miss=Case("Austria told NATO's planes to keep away.", "AUT", "NATO"),
    ),
    Rule(
        name="is_other_in_speech",
        act=Act.DESCRIBE,
        codebook=(
            1,
            2,
        ),
        holds=is_other_in_speech,
        fires=Case("We asked NATO what it knows about Malta.", "MLT", "NATO", speaker_state="ITA"),
        near_miss=Case("Malta asked NATO what we know.", "MLT", "NATO", speaker_state="ITA"),
    ),
    Rule(
        name="is_acted_upon",
        act=Act.DESCRIBE,
        codebook=(16,),
        holds=is_acted_upon,
        fires=Case("The African Union urged Togo to hold a vote.", "TGO", "AU"),
        near_miss=Case("Togo urged the African Union to hold a vote.", "TGO", "AU"),
    ),
    Rule(
        name="is_suspended_or_invited",
        act=Act.DESCRIBE,
        codebook=(16,),
        holds=is_suspended_or_invited,
        fires=Case("Gabon was suspended from the African Union.", "GAB", "AU"),
        near_miss=Case("Gabon suspended its work in the African Union.", "GAB", "AU"),
    ),
    Rule(
        name="is_victim",
        act=Act.DESCRIBE,
        codebook=(
            1,
            16,
        ),
        holds=is_victim,
        fires=Case("The NATO chief spoke about the invasion of Ukraine.", "UKR", "NATO"),
        near_miss=Case("The NATO chief spoke about the harvest in Ukraine.", "UKR", "NATO"),
    ),
    Rule(
        name="is_blamed_by_other",
        act=Act.DESCRIBE,
        codebook=(24,),
        holds=is_blamed_by_other,
        fires=Case("In the NATO council Greece accused Turkey of bad faith.", "TUR", "NATO"),
        near_miss=Case("In the NATO council Turkey accused Greece of bad faith.", "TUR", "NATO"),
    ),
    Rule(
        name="is_forecast",
        act=Act.DESCRIBE,
        codebook=(
            14,
            56,
        ),
        holds=is_forecast,
        fires=Case("Analysts think that Serbia might join the European Union.", "SRB", "EU"),
        near_miss=Case("Serbia will join the European Union.", "SRB", "EU"),
    ),
    Rule(
        name="is_asked_of_it",
        act=Act.DESCRIBE,
        codebook=(14,),
        holds=is_asked_of_it,
        fires=Case("Berlin urged Denmark to host the NATO staff.", "DNK", "NATO"),
        near_miss=Case("Denmark decided to host the NATO staff.", "DNK", "NATO"),
    ),
    Rule(
        name="only_meets",
        act=Act.DESCRIBE,
        codebook=(
            9,
            51,
        ),
        holds=only_meets,
        fires=Case("Cambodia attended the ASEAN meeting.", "KHM", "ASEAN"),
        near_miss=Case("Cambodia praised the ASEAN meeting.", "KHM", "ASEAN"),
    ),
    Rule(
        name="is_party_to_other_tie",
        act=Act.DESCRIBE,
        codebook=(
            1,
            5,
        ),
        holds=is_party_to_other_tie,
        fires=Case(
            "The quarrel between Armenia and Georgia was no matter for the CIS.", "ARM", "CIS"
        ),
        near_miss=Case("Armenia left the matter to the CIS.", "ARM", "CIS"),
    ),
    Rule(
        name="is_in_others_position",
        act=Act.DESCRIBE,
        codebook=(1,),
        holds=is_in_others_position,
        fires=Case("Poland told NATO's staff about Latvia.", "LVA", "NATO"),
        near_miss=Case("Latvia told NATO's staff about Poland.", "LVA", "NATO"),
    ),
    Rule(
        name="is_possessor_only",
        act=Act.DESCRIBE,
        codebook=(1,),
        holds=is_possessor_only,
        fires=Case("A NATO officer spoke of Georgia's territory.", "GEO", "NATO"),
        near_miss=Case("Georgia spoke of a NATO officer.", "GEO", "NATO"),
    ),
)
