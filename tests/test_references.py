import pytest

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.extraction.alliance_references import _REGIONS
from alliance_stance.schema import Document


@pytest.fixture(scope="module")
def mentions(finder):
    def find(text: str, **facts: str) -> list[tuple[str, str]]:
        document = Document("d", text, **facts)
        found = finder.find_mentions(document, split_sentences(document))
        return [(m.id, text[m.start : m.end]) for m in found]

    return find


@pytest.fixture(scope="module")
def references(finder):
    def find(text: str, **facts: str) -> list[tuple[str, str]]:
        document = Document("d", text, **facts)
        found = finder.find_mentions(document, split_sentences(document))
        return [(m.id, text[m.start : m.end]) for m in found if m.how == "reference"]

    return find


@pytest.fixture(scope="module")
def pairs(finder):
    def find(text: str, **facts: str) -> set[tuple[int, str, str]]:
        found = finder.find_candidates(Document("d", text, **facts))
        return {(c.sentence, c.state, c.alliance) for c in found}

    return find


@pytest.mark.parametrize(
    ("phrase", "alliance"),
    [
        ("the trade bloc", "ASEAN"),
        ("the economic grouping", "ASEAN"),
        ("the political bloc", "ASEAN"),
        ("the military alliance", "NATO"),
        ("the defence pact", "NATO"),
        ("the defence alliance", "NATO"),
        ("the association", "ASEAN"),
        ("the Association", "ASEAN"),
        ("the bloc", "NATO"),
        ("the ten-nation bloc", "NATO"),
        ("this old alliance", "NATO"),
        ("the Alliance", "NATO"),
    ],
)
def test_words_of_a_phrase_choose_its_alliance(references, phrase, alliance):
    assert references(f"ASEAN met. NATO met. Peru left {phrase}.") == [(alliance, phrase)]


@pytest.mark.parametrize(
    ("alliance", "phrase", "is_found"),
    [
        ("The Arab League", "the Arab bloc", True),
        ("The African Union", "the African bloc", True),
        ("ECOWAS", "the African bloc", True),
        ("IGAD", "the African bloc", True),
        ("The African Union", "the southern African bloc", True),
        ("Mercosur", "the Latin American bloc", True),
        ("The SCO", "the Asian grouping", True),
        ("The Pacific Islands Forum", "the Pacific grouping", True),
        ("NATO", "the transatlantic community", True),
        ("OPEC", "the oil cartel", True),
        ("The CSTO", "the Moscow-led alliance", True),
        ("NATO", "the western alliance", True),
        ("NATO", "the Arab bloc", False),
        ("The EU", "the African bloc", False),
        ("OPEC", "the Pacific grouping", False),
        ("ASEAN", "the transatlantic community", False),
        ("NATO", "the Moscow-led alliance", False),
        ("The CARICOM", "the Latin American bloc", False),
        ("NATO", "the oil cartel", False),
    ],
)
def test_adjective_of_a_region_fits_its_alliances_only(pairs, alliance, phrase, is_found):
    found = pairs(f"{alliance} met in Russia. Peru left {phrase}.", date="2024")
    assert any(state == "PER" for _, state, _ in found) is is_found


def test_alliance_of_the_region_is_taken_though_another_stands_nearer(references):
    text = "The Arab League met. NATO met. Peru left the Arab bloc."
    assert references(text, date="2024") == [("ARAB_LEAGUE", "the Arab bloc")]


def test_regions_name_known_alliances(knowledge):
    assert {name for names in _REGIONS.values() for name in names.split()} <= set(
        knowledge.alliances
    )


@pytest.mark.parametrize(
    "phrase",
    [
        "the association",
        "the red alliance",
        "its alliance",
        "an alliance",
        "the alliance of farmers",
        "the alliance with Iran",
        "the alliance between farmers",
        "membership in the club",
        "the Bloc",
    ],
)
def test_phrase_for_something_else_is_no_alliance(references, phrase):
    assert references(f"NATO met. Peru left {phrase}.") == []


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Peru thanked the 27.", True),
        ("Peru thanked the 27, it said.", True),
        ("Peru heard that the 27 agreed.", True),
        ("Peru told the 27 that it would wait.", True),
        ("Peru thanked the 27 members.", True),
        ("Peru thanked the 27 other EU leaders.", True),
        ("Peru thanked the 27 European foreign ministers.", True),
        ("Peru thanked the 27-nation club.", True),
        ("Peru thanked the 27's envoys.", True),
        ("Peru buried the 27 civilians.", False),
        ("Peru recalled the 27 October vote.", False),
        ("Peru thanked the 27 states of Brazil.", False),
        ("Peru paid the 27,000 men.", False),
        ("Peru paid the 27.5 million.", False),
        ("Peru lost the 27% of its oil.", False),
        ("Peru met the 27-year-old.", False),
        ("Peru met the 27 former governors.", False),
    ],
)
def test_number_is_the_whole_where_no_other_noun_is_counted(pairs, text, is_found):
    found = pairs(f"The EU met. {text}", date="2024")
    assert found == ({(1, "PER", "EU")} if is_found else set())


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("NATO met. Peru blamed the alliance for the war.", True),
        ("ASEAN met. Peru left the forum for Chile.", False),
        ("NATO met. Peru applied for membership.", True),
        ("NATO met. Peru wants full membership.", True),
        ("NATO met. Peru lost membership.", False),
    ],
)
def test_words_around_a_noun_decide_whether_it_refers(references, text, is_found):
    assert bool(references(text)) is is_found


@pytest.mark.parametrize(("back", "is_found"), [(1, True), (4, True), (5, False)])
def test_alliance_is_remembered_for_a_few_sentences(references, back, is_found):
    text = "ASEAN met. " + "Rain fell. " * (back - 1) + "Peru left the bloc."
    assert bool(references(text)) is is_found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peru chose the latter.", [("ASEAN", "the latter")]),
        ("Peru chose the former.", [("NATO", "the former")]),
        ("The latter is poor, said Peru.", [("ASEAN", "The latter")]),
        (
            "Peru chose the latter organisation, Chile the former.",
            [("ASEAN", "the latter"), ("NATO", "the former")],
        ),
        ("Peru chose the former minister.", []),
        ("Peru chose a latter.", []),
    ],
)
def test_former_and_latter_tell_two_alliances_apart(references, text, expected):
    assert references(f"NATO and ASEAN met. {text}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "NATO met. Peru chose the latter.",
        "NATO met, and NATO spoke. Peru chose the latter.",
        "NATO met. " + "Rain fell on the long grass of the hills. " * 3 + "ASEAN met. Peru chose "
        "the latter.",
        "NATO and ASEAN met. " + "Rain fell on the long grass of the hills. " * 5 + "Peru chose "
        "the former.",
    ],
)
def test_latter_needs_two_alliances_close_together(references, text):
    assert references(text) == []


def test_first_and_second_of_these_are_told_apart(references):
    text = "Peru is in NATO and ASEAN: the first of these is old, the second of these young."
    assert references(text) == [("NATO", "the first of these"), ("ASEAN", "the second of these")]


@pytest.mark.parametrize(
    "text",
    [
        "Peru is in NATO: the first of these is old.",
        "Peru is in NATO and again NATO: the first of these is old.",
        "NATO and ASEAN met. " + "Rain fell on the grass. " * 5 + "Peru is the first of these.",
    ],
)
def test_first_of_these_needs_two_alliances(references, text):
    assert references(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chile invoked Article IV.", [("RIO_TREATY", "Article IV")]),
        ("Chile invoked Article 3.", [("RIO_TREATY", "Article 3")]),
        ("Chile invoked Article 3 of the constitution.", []),
        ("Chile read an Article in bed.", []),
        ("Chile read article 3.", []),
    ],
)
def test_article_belongs_to_the_treaty_named_last(references, text, expected):
    assert references(f"NATO met. Peru signed the Rio Treaty. {text}") == expected


def test_article_passes_over_an_alliance_that_is_no_treaty(references):
    text = "Peru signed the Rio Treaty. ASEAN met. Chile invoked Article 3."
    assert references(text) == [("RIO_TREATY", "Article 3")]


def test_article_without_a_treaty_is_nothing(references):
    assert references("ASEAN met. Chile invoked Article 3.") == []


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("Japan hosted the United States over its security treaty.", "1999", "US_JAPAN"),
        ("Japan hosted the United States over the security treaty.", "1999", "US_JAPAN"),
        ("Japan hosted the United States over its mutual defence treaty.", "", "US_JAPAN"),
        ("The United States flew in. Japan kept its mutual security treaty.", "1999", "US_JAPAN"),
        ("Moscow hosted Helsinki over a friendship treaty.", "1950", "FINNO_SOVIET"),
        ("Moscow hosted Beijing over a friendship treaty.", "1955", "SINO_SOVIET"),
        ("Moscow hosted Beijing over a friendship treaty.", "", "SINO_SOVIET"),
    ],
)
def test_treaty_of_two_is_known_by_its_parties(references, text, date, expected):
    assert [name for name, _ in references(text, date=date)] == [expected]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Japan kept its security treaty.", "1999"),
        ("Japan hosted the United States over its security treaty.", "1940"),
        ("Moscow hosted Beijing over a friendship treaty.", "1999"),
        ("Moscow hosted Helsinki and Beijing over a friendship treaty.", "1955"),
        ("Peru hosted Chile over a friendship treaty.", "1999"),
        ("The United States slept. Rain fell. Japan kept its security treaty.", "1999"),
    ],
)
def test_treaty_of_two_needs_both_parties_in_its_time_and_no_rival(references, text, date):
    assert references(text, date=date) == []


def test_title_decides_between_two_treaties(references):
    text = "Moscow hosted Helsinki and Beijing over a friendship treaty."
    found = references(text, date="1955", title="The Sino-Soviet Treaty")
    assert found == [("SINO_SOVIET", "friendship treaty")]


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("Rain fell. The three Baltic states joined NATO.", {"EST", "LVA", "LTU"}),
        ("Rain fell. The four Baltic states joined NATO.", set()),
        ("Rain fell. The two Koreas met NATO.", {"KOR", "PRK"}),
        ("Peru and Chile met. Both countries left NATO.", {"PER", "CHL"}),
        ("Peru and Chile met. The two countries left NATO.", {"PER", "CHL"}),
        ("Peru and Chile met. Neither country joined NATO.", {"PER", "CHL"}),
        ("Peru and Chile met. The pair left NATO.", {"PER", "CHL"}),
        ("Peru and Chile met. The three countries left NATO.", set()),
        ("Peru, Chile and Cuba met. The trio left NATO.", {"PER", "CHL", "CUB"}),
        ("Peru, Chile and Cuba met. The three signed with NATO.", {"PER", "CHL", "CUB"}),
        ("Peru, Chile and Cuba met. The three of spades hit NATO.", set()),
        ("Peru met. Both countries left NATO.", set()),
        ("Peru, Chile and Cuba met. Both countries left NATO.", set()),
        ("Both countries left NATO.", set()),
    ],
)
def test_group_of_states_is_that_of_its_number(pairs, text, states):
    assert {state for _, state, _ in pairs(text)} == states


@pytest.mark.parametrize(
    ("phrase", "state"),
    [
        ("The country", "LVA"),
        ("That country", "LVA"),
        ("The Baltic republic", "LVA"),
        ("The Andean nation", "PER"),
    ],
)
def test_country_is_a_state_named_before_that_fits(references, phrase, state):
    assert references(f"Latvia met Peru. {phrase} left NATO.") == [(state, phrase)]


def test_country_in_its_own_sentence_is_the_nearest_state(references):
    assert references("Latvia met Peru, and the country left.") == [("PER", "the country")]


@pytest.mark.parametrize(
    "phrase",
    ["The party", "The African state", "The country of the future", "A country"],
)
def test_phrase_that_fits_no_state_is_nothing(references, phrase):
    assert references(f"Peru spoke. {phrase} left NATO.") == []


def test_country_does_not_reach_back_many_sentences(references):
    assert references("Peru spoke. Rain fell. The country left NATO.") == [("PER", "The country")]
    assert references("Peru spoke. " + "Rain fell. " * 2 + "The country left NATO.") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It left Peru alone.", [("NATO", "It")]),
        ("Its members praised Peru.", [("NATO", "It")]),
        ("Peru left it.", [("NATO", "it")]),
        ("Peru says NATO itself is weak.", []),
        ("Peru left it in 1999, and it is clear that rain fell.", [("NATO", "it")]),
        ("It is plain that Peru left.", []),
        ("It seems that Peru left.", []),
        ("It rained in Peru.", []),
        ("Its dog bit Peru.", []),
        ("Peru finds it difficult to leave.", []),
        ("Peru said it is raining.", []),
        ("Peru told the UN it left.", []),
        ("Peru left it for ASEAN.", []),
        ("Peru left its seat.", []),
        ("Peru left Italy.", []),
    ],
)
def test_it_is_the_alliance_with_which_the_sentence_before_opens(references, text, expected):
    assert references(f"NATO is old. {text}") == expected


def test_it_does_not_reach_beyond_the_sentence_before(references):
    assert references("NATO is old. Rain fell. Peru left it.") == []


def test_it_is_not_an_alliance_that_stands_late_in_its_sentence(references):
    assert references("The old hall held NATO. Peru left it.") == []


def test_it_at_the_beginning_is_the_first_that_was_named(references):
    assert references("Peru spoke to NATO. It left ASEAN.") == [("PER", "It")]
    assert references("NATO spoke to Peru. It left Chile.") == [("NATO", "It")]


@pytest.mark.parametrize(
    ("opening", "is_found"),
    [
        ("The African Union met.", True),
        ("In 2011 the African Union met.", True),
        ("\u201cThe African Union met.", True),
        ("The African Union's envoys met.", True),
        ("What is the African Union?", True),
        ("But, then, what is the African Union?", True),
        ("The Bank has members, among them the African Union.", False),
        ("The Bank praised the African Union.", False),
        ("We doubt whether the African Union met.", False),
    ],
)
def test_it_at_the_beginning_is_an_alliance_that_opens_its_sentence(references, opening, is_found):
    assert references(f"{opening} It helped Peru.") == ([("AU", "It")] if is_found else [])


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("Peru left the bloc.", "ASEAN in crisis", [("ASEAN", "the bloc")]),
        ("Peru left the trade bloc.", "NATO and ASEAN", [("ASEAN", "the trade bloc")]),
        ("NATO met. Peru left the bloc.", "ASEAN in crisis", [("NATO", "the bloc")]),
        ("Peru left the military bloc.", "ASEAN in crisis", []),
        ("Peru left the bloc.", "Cabinet in crisis", []),
    ],
)
def test_title_names_what_the_text_refers_to(references, text, title, expected):
    assert references(text, title=title) == expected


def test_title_is_no_mention(mentions):
    assert mentions("Rain fell.", title="ASEAN and Peru") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The US\u2013Japan alliance met.", {("USA", "US_JAPAN"), ("JPN", "US_JAPAN")}),
        ("The Sino-Soviet pact ended.", {("CHN", "SINO_SOVIET"), ("SUN", "SINO_SOVIET")}),
        ("The Warsaw Pact ended.", set()),
    ],
)
def test_name_of_a_treaty_spells_out_its_parties(pairs, text, expected):
    assert {(state, alliance) for _, state, alliance in pairs(text)} == expected


def test_adjective_in_a_phrase_names_a_state_too(pairs):
    found = pairs("The CSTO met. Peru left the Russian-led bloc.")
    assert found == {(1, "PER", "CSTO"), (1, "RUS", "CSTO")}


@pytest.mark.parametrize(
    ("text", "alliance"),
    [
        ("Peru spoke for NATO. Rain fell. Chile left the organization.", "NATO"),
        ("The oil ministers of OPEC met. Peru left the organisation.", "OPEC"),
        ("SEATO met. The organization's protection did not suit Peru.", "SEATO"),
        ("The Organization of African Unity met. Kenya left the organization.", "AU"),
        ("After the African Union, IGAD met. Kenya left the organization.", "IGAD"),
    ],
)
def test_organization_is_the_alliance_named_last(references, text, alliance):
    ((found, phrase),) = references(text)
    assert found == alliance
    assert phrase.lower().startswith("the organi")


@pytest.mark.parametrize(
    "text",
    [
        "NATO met. The United Nations met. Peru left the organization.",
        "ASEAN met. Doctors sued Amnesty, a rights organization. Peru thanked the organization.",
        "NATO met. The aid organization Nine Wells moved. Peru thanked the organization.",
        "NATO met. Peru praised the organization dealing with floods.",
        "NATO met. FIFA met. Peru left the organization.",
        "ASEAN met. Rain fell. Rain fell. Rain fell. Peru left the organization.",
        "NATO met. Peru left the organization of doctors.",
    ],
)
def test_organization_is_nothing_where_another_body_may_be_meant(references, text):
    assert references(text) == []


@pytest.mark.parametrize(
    ("text", "alliance"),
    [
        ("The Organization of African Unity met. Kenya left the Organization.", "AU"),
        ("The OAS met. Peru left the Organization.", "OAS"),
    ],
)
def test_organization_with_a_capital_is_one_of_that_name(references, text, alliance):
    assert references(text, date="1975") == [(alliance, "the Organization")]


@pytest.mark.parametrize(
    "text",
    [
        "The OAS met. The United Nations has grown. Peru left the Organization.",
        "The OAS met. The Secretary-General asked Peru to strengthen the Organization.",
        "The OAS met, and so did NATO. Peru left the Organization.",
        "Peru left the Organization.",
    ],
)
def test_organization_with_a_capital_may_be_the_united_nations(references, text):
    assert references(text, date="1975") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Non-Aligned Movement met. Burma left the movement.", ["NAM"]),
        ("The Non-Aligned Movement met. A liberation movement met. Burma aids the movement.", []),
        ("The Three Seas Initiative met. Austria pays for the initiative.", ["THREE_SEAS"]),
        ("The Three Seas Initiative met. Austria had a new initiative. Peru liked the initiative.",
         []),
        ("NATO met. Burma left the movement.", []),
    ],
)  # fmt: skip
def test_movement_and_initiative_are_alliances_of_that_name(references, text, found):
    assert [alliance for alliance, _ in references(text, date="2019")] == found


@pytest.mark.parametrize("phrase", ["the conference", "the Conference"])
def test_conference_is_the_alliance_of_that_name(references, phrase):
    text = f"The International Conference on the Great Lakes Region met. Uganda left {phrase}."
    assert references(text, date="2012") == [("ICGLR", phrase)]


@pytest.mark.parametrize(
    "text",
    [
        "The ICGLR met. Uganda gave a news conference. Uganda closed the conference early.",
        "The ICGLR met. Uganda hosts a farming conference. Uganda will open the conference.",
        "The ICGLR met. Uganda left the conference on Rare Apes.",
        "The ICGLR met. Uganda left the conference of bishops.",
        "NATO met. Uganda left the conference.",
    ],
)
def test_conference_of_another_kind_is_nothing(references, text):
    assert references(text, date="2012") == []


@pytest.mark.parametrize(
    ("text", "date", "found"),
    [
        ("The European Community met. Peru paid Community duties.", "1985", ("EU", "Community")),
        ("The Arab League met. Iraq paid toward League costs.", "1985", ("ARAB_LEAGUE", "League")),
        ("The Pacific Islands Forum met. Fiji left Forum talks.", "2015", ("PIF", "Forum")),
        ("The Commonwealth of Nations met. Fiji has Commonwealth ties of old, and Commonwealth "
         "aid.", "1985", ("COMMONWEALTH", "Commonwealth")),
        ("The European Commission met. Peru fought the Commission.", "1985",
         ("EU", "the Commission")),
        ("OPEC met. Peru accused the group of greed.", "1985", ("OPEC", "the group")),
    ],
)  # fmt: skip
def test_noun_without_its_article_is_an_alliance_named_before(references, text, date, found):
    assert references(text, date=date) == ([found] if found else [])


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("The Pacific Islands Forum met. Fiji went to the Political Forum.", "2015"),
        ("The Arab League met. Iraq watched Premier League football.", "2015"),
        ("The European Community met. Peru sits on the Commission on Human Rights.", "1985"),
        ("Peru paid Community duties.", "1985"),
    ],
)
def test_noun_that_ends_another_name_is_nothing(references, text, date):
    assert references(text, date=date) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("NATO met. Peru accused the bloc of having lied.", True),
        ("NATO met. Peru reminded the alliance of its word.", True),
        ("NATO met. Peru joined the alliance of farmers.", False),
    ],
)
def test_accused_of_something_is_the_alliance(references, text, found):
    assert [alliance for alliance, _ in references(text)] == ["NATO"] * found


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("Peru and Chile met. Both left NATO.", {"PER", "CHL"}),
        ("Peru spoke to Chile. Both have since joined NATO.", {"PER", "CHL"}),
        ("Peru and Chile met. But both of them will leave NATO.", {"PER", "CHL"}),
        ("Peru, Chile and Cuba met. Both left NATO.", set()),
        ("Peru met. Both left NATO.", set()),
        ("Peru and Chile met. Rain fell. Both left NATO.", set()),
        ("Peru and Chile met. Both rain and snow fell on NATO.", set()),
        ("Both left NATO.", set()),
    ],
)
def test_both_alone_are_the_two_states_of_the_sentence_before(pairs, text, states):
    assert {state for _, state, _ in pairs(text)} == states


@pytest.mark.parametrize(
    ("text", "date", "alliance"),
    [
        ("Pakistan feared the treaty between India and the Soviet Union.", "1972", "INDO_SOVIET"),
        ("Helsinki kept its treaty with Moscow.", "1970", "FINNO_SOVIET"),
        ("In 1979 China let its treaty of alliance with the Soviet Union lapse.", "2001",
         "SINO_SOVIET"),
        ("The American treaty with South Korea is old.", "1980", "US_SOUTH_KOREA"),
        ("Beijing knows the Treaty of Friendship between the Soviet Union and Vietnam.", "1979",
         "SOVIET_VIETNAMESE"),
        ("Tokyo's alliance with the United States is old.", "1980", "US_JAPAN"),
    ],
)  # fmt: skip
def test_treaty_between_two_is_the_one_in_force(references, text, date, alliance):
    assert [found for found, _ in references(text, date=date)] == [alliance]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Finland signed a peace treaty with the Soviet Union.", "1970"),
        ("Japan ended its tax treaty with the United States.", "1990"),
        ("India wants a treaty with the Soviet Union.", "1972"),
        ("In 1935 France had a treaty of mutual assistance with Britain.", "1960"),
        ("Peru praised the treaty between Chile and Cuba.", "1972"),
        ("Finland, like Sweden, kept the treaty between nations.", "1970"),
    ],
)
def test_treaty_of_another_kind_or_time_is_nothing(references, text, date):
    assert references(text, date=date) == []


def test_speaker_is_a_party_of_its_own_treaty(references):
    ours = "We may tell Washington that our security treaty is over."
    assert references(ours, date="1970", speaker_state="JPN") == [("US_JAPAN", "security treaty")]
    theirs = "Washington may sign a new security treaty."
    assert references(theirs, date="1970", speaker_state="JPN") == []


@pytest.mark.parametrize(
    ("between", "found"),
    [
        ("The Security Council met in New York. ", []),
        ("", [("COE", "the Council")]),
        ("The Council met. In Council matters Peru is new. ", [
            ("COE", "The Council"), ("COE", "the Council")
        ]),
        ("Paris has a Council of State and a Social Council. ", []),
    ],
)  # fmt: skip
def test_the_council_is_the_one_that_was_named_in_full_since(references, between, found):
    text = f"Russia told the Council of Europe that it would leave. {between}Peru left the Council."
    assert references(text, date="2021") == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Serbs left Peru. The Polish nation slept.", []),
        ("Serbs left Peru. The whole Polish nation slept.", []),
        ("Serbs left Peru. The small nation slept.", ["SRB"]),
        ("Serbs left Peru. The Andean nation slept.", ["PER"]),
        ("Georgia left Peru. The former Soviet nation slept.", ["GEO"]),
    ],
)
def test_nation_of_a_named_state_is_no_other_state(references, text, expected):
    assert [state for state, _ in references(text)] == expected
