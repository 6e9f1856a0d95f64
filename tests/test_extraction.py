import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.errors import InputError
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.extraction.normalize import fold, normalize
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.schema import Candidate, Document, Example

FINDER = CandidateFinder(load_knowledge())
"""For the property tests, which take no function-scoped arguments."""


def mentions(text: str, **facts: str) -> list[tuple[str, str]]:
    document = Document("d", text, **facts)
    found = FINDER.find_mentions(document, split_sentences(document))
    return [(m.id, text[m.start : m.end]) for m in found]


def ids(text: str, **facts: str) -> list[str]:
    return [name for name, _ in mentions(text, **facts)]


def pairs(text: str, **facts: str) -> list[tuple[int, str, str]]:
    found = FINDER.find_candidates(Document("d", text, **facts))
    return [(c.sentence, c.state, c.alliance) for c in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peru spoke.", [("PER", "Peru")]),
        ("The Peruvian delegate rose.", [("PER", "Peruvian")]),
        ("Peruvians cheered.", [("PER", "Peruvians")]),
        ("Danes and Swedes cheered.", [("DNK", "Danes"), ("SWE", "Swedes")]),
        ("Lima was silent.", [("PER", "Lima")]),
        ("The Kremlin was silent.", [("RUS", "Kremlin")]),
        ("Côte d\u2019Ivoire spoke.", [("CIV", "Côte d\u2019Ivoire")]),
        ("Cote d'Ivoire spoke.", [("CIV", "Cote d'Ivoire")]),
        ("Soviet envoys spoke.", [("SUN", "Soviet")]),
        ("NATO met.", [("NATO", "NATO")]),
        ("The Warsaw Pact met.", [("WARSAW_PACT", "Warsaw Pact")]),
        ("The Organization of African Unity met.", [("AU", "Organization of African Unity")]),
        ("The European\nUnion met.", [("EU", "European\nUnion")]),
    ],
)
def test_name_is_found(text, expected):
    assert mentions(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Papua New Guinea spoke.", ["PNG"]),
        ("Guinea-Bissau and Guinea spoke.", ["GNB", "GIN"]),
        ("Equatorial Guinea spoke.", ["GNQ"]),
        ("South Sudan and Sudan spoke.", ["SSD", "SDN"]),
        ("The Democratic Republic of the Congo spoke.", ["COD"]),
        ("North Korea and South Korea spoke.", ["PRK", "KOR"]),
        ("Nigeria and Niger spoke.", ["NGA", "NER"]),
        ("Dominica and the Dominican Republic spoke.", ["DMA", "DOM"]),
        ("New Mexico spoke.", []),
        ("Northern Ireland spoke.", []),
    ],
)
def test_longest_match_wins(text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They roast a turkey.", []),
        ("Turkey spoke.", ["TUR"]),
        ("TURKEY SPOKE.", ["TUR"]),
        ("He is a chad and eats off china.", []),
        ("Chad spoke to China.", ["TCD", "CHN"]),
        ("The CIS summit opened.", ["CIS"]),
        ("The cis isomer melts.", []),
        ("Tell us about it.", []),
        ("The US spoke.", ["USA"]),
    ],
)
def test_case_tells_words_from_names(text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize("sign", ["'", "\u2019"])
def test_possessive_is_a_mention_without_its_ending(sign):
    text = f"Peru{sign}s envoys praised ASEAN{sign}s staff."
    assert mentions(text) == [("PER", "Peru"), ("ASEAN", "ASEAN")]


def test_other_languages_are_not_left_out():
    # docs/footguns.md warns of it
    text = "Nicaragua abandona el ALBA y CELAC."
    assert pairs(text) == [(0, "NIC", "ALBA"), (0, "NIC", "CELAC")]


@pytest.mark.parametrize("text", ["Perused", "Peru_1", "2NATO", "NATOs9", "aNATO"])
def test_part_of_a_word_is_no_mention(text):
    assert ids(text) == []


def test_hyphen_ends_a_word():
    assert ids("NATO-led, pro-EU") == ["NATO", "EU"]


def test_name_out_of_its_time_is_passed_over():
    assert "ANZUS" not in ids("Peru spoke.", date="1990")
    assert ids("The AES met in Niger.", date="2024") == ["AES", "NER"]
    assert ids("The AES met in Niger.", date="1975") == ["NER"]


PERSON = "Georgian spokesman Zurab Mikadze spoke. "


def test_person_is_introduced_by_the_text():
    assert mentions(PERSON + "Mikadze left.") == [
        ("GEO", "Georgian"),
        ("GEO", "Zurab Mikadze"),
        ("GEO", "Mikadze"),
    ]


def test_person_not_introduced_is_nobody():
    assert ids("Mikadze praised NATO.") == ["NATO"]


def test_minister_of_a_state_is_introduced():
    assert ("GEO", "Zurab Mikadze") in mentions("The president of Georgia, Zurab Mikadze, spoke.")


@pytest.mark.parametrize(
    "text",
    [
        "Former Georgian president Zurab Mikadze praised NATO.",
        "The former Georgian spokesman Zurab Mikadze praised NATO.",
        "Ex-Georgian president Zurab Mikadze praised NATO.",
        "Opposition candidate Zurab Mikadze praised NATO.",
    ],
)
def test_former_holder_does_not_speak_for_the_state(text):
    assert not any("Mikadze" in surface for _, surface in mentions(text))


@pytest.mark.parametrize(
    "text",
    [
        "A day later Mikadze praised NATO.",
        "He expects Mikadze to praise NATO.",
        "In the exercise Mikadze praised NATO.",
        "And then Mikadze praised NATO.",
    ],
)
def test_words_that_begin_like_former_do_not_silence_a_person(text):
    assert ("GEO", "Mikadze") in mentions(PERSON + text)


@pytest.mark.parametrize(
    ("text", "date", "is_found"),
    [
        ("President Macron praised NATO.", "2020", True),
        ("President Macron praised NATO.", "", True),
        ("President Macron praised NATO.", "1999", False),
        ("Former president Macron praised NATO.", "2020", False),
        ("Macron praised NATO.", "2020", True),
        ("Macron praised NATO.", "2010", False),
        ("Brown praised NATO.", "2008", False),
    ],
)
def test_known_holder_counts_in_the_term(text, date, is_found):
    assert ("FRA" in ids(text, date=date)) is is_found


def test_known_holder_is_taken_by_the_surname_once_named():
    found = mentions("Emmanuel Macron flew in. Macron praised NATO.", date="2020")
    assert [name for name, _ in found] == ["FRA", "FRA", "NATO"]


def test_bloc_is_the_alliance_named_last():
    text = "NATO met. ASEAN replied. Peru then left the bloc."
    assert mentions(text)[-1] == ("ASEAN", "the bloc")
    assert pairs(text) == [(2, "PER", "ASEAN")]


def test_bloc_in_one_sentence_is_the_alliance_before_it():
    text = "NATO met, and Peru left the alliance before ASEAN did."
    assert mentions(text)[2] == ("NATO", "the alliance")


@pytest.mark.parametrize(
    "phrase", ["the alliance", "the bloc", "this grouping", "the regional pact"]
)
def test_phrase_stands_for_the_alliance_named_before(phrase):
    assert mentions(f"ASEAN met. Peru left {phrase}.")[-1] == ("ASEAN", phrase)


def test_bloc_without_an_alliance_before_is_nothing():
    assert ids("Peru left the bloc. ASEAN met.") == ["PER", "ASEAN"]


def test_bloc_does_not_reach_back_many_sentences():
    assert ids("ASEAN met. " + "It rained. " * 8 + "Peru left the bloc.") == ["ASEAN", "PER"]


def test_first_person_is_the_speakers_state():
    text = "We thank our friends in NATO."
    assert mentions(text, speaker_state="NOR") == [("NOR", "We"), ("NOR", "our"), ("NATO", "NATO")]


def test_first_person_is_nobody_in_a_report():
    assert ids("We thank our friends in NATO.") == ["NATO"]


def test_speaker_who_is_not_named_holds_a_position():
    assert pairs("NATO is unjust.", speaker_state="CUB") == [(0, "CUB", "NATO")]


def test_speaker_is_one_state_among_those_named():
    found = pairs("Peru knows that we honour NATO.", speaker_state="NOR")
    assert sorted(found) == [(0, "NOR", "NATO"), (0, "PER", "NATO")]


def test_pair_stands_once_in_a_sentence():
    assert pairs("Peru, yes Peru, left ASEAN: ASEAN is poor.") == [(0, "PER", "ASEAN")]


def test_candidate_holds_its_sentence_and_the_one_before():
    text = "ASEAN met.  Peru left the bloc. It rained."
    (candidate,) = FINDER.find_candidates(Document("d", text, "Title", "2001"))
    assert text[candidate.start : candidate.end] == candidate.text == "Peru left the bloc."
    assert candidate.context == "ASEAN met."
    assert [candidate.text[m.start : m.end] for m in candidate.mentions] == ["Peru", "the bloc"]
    assert [candidate.context[m.start : m.end] for m in candidate.context_mentions] == ["ASEAN"]
    assert (candidate.title, candidate.date) == ("Title", "2001")


def test_no_pair_is_no_candidate():
    assert pairs("") == pairs("It rained.") == pairs("Peru spoke.") == pairs("NATO met.") == []


def test_ready_example_is_marked_like_a_document():
    text, context = "Peru left the bloc.", "ASEAN met."
    (found,) = FINDER.find_candidates(Document("d", f"{context} {text}"))
    ready = Candidate("d", 0, 0, len(text), text, context, "PER", "ASEAN")
    marked = FINDER.mark_example(Example("e", ready)).candidate
    assert marked.mentions == found.mentions
    assert marked.context_mentions == found.context_mentions


def test_ready_example_keeps_a_pair_that_is_not_mentioned():
    ready = Candidate("d", 0, 0, 11, "It rained.", "", "PER", "ASEAN")
    marked = FINDER.mark_candidate(ready)
    assert (marked.state, marked.alliance, marked.mentions) == ("PER", "ASEAN", ())


fragment = st.sampled_from(
    [
        "Peru", "NATO", "the bloc", "President Macron", "Georgian spokesman Zurab Mikadze",
        "Mikadze", "we", "our", "New Mexico", "Guinea", "Papua New", "European Union", " ", ". ",
        "\n", "\u2019s", "-", "İ", "ß", "🙂", "e\u0301", "\u00ad", "\u2028", "former ",
    ]
)  # fmt: skip
any_text = st.one_of(st.text(max_size=150), st.lists(fragment, max_size=20).map("".join))


@given(any_text, st.sampled_from([None, "PER"]), st.sampled_from(["", "1975", "2020-05-01"]))
def test_mentions_of_any_text_are_inside_and_do_not_overlap(text, speaker_state, date):
    document = Document("d", text, date=date, speaker_state=speaker_state)
    position = 0
    for mention in FINDER.find_mentions(document, split_sentences(document)):
        assert position <= mention.start < mention.end <= len(text)
        position = mention.end


@given(any_text, st.sampled_from([None, "PER"]))
def test_candidates_of_any_text_point_into_it(text, speaker_state):
    for candidate in FINDER.find_candidates(Document("d", text, speaker_state=speaker_state)):
        assert text[candidate.start : candidate.end] == candidate.text
        for mention in candidate.mentions:
            assert 0 <= mention.start < mention.end <= len(candidate.text)
        for mention in candidate.context_mentions:
            assert 0 <= mention.start < mention.end <= len(candidate.context)


@given(any_text, any_text)
def test_any_ready_example_can_be_marked(text, context):
    marked = FINDER.mark_candidate(Candidate("d", 0, 0, len(text), text, context, "PER", "NATO"))
    for mention in marked.mentions:
        assert 0 <= mention.start < mention.end <= len(text)


@given(st.text())
def test_spelling_is_evened_out_without_moving_offsets(text):
    assert len(normalize(text)) == len(fold(text)) == len(text)


@pytest.fixture(scope="module")
def article(shared) -> dict[str, set[tuple[str, str]]]:
    """The pairs of the article, by sentence."""
    path = shared / "article.txt"
    if not path.is_file():
        pytest.skip("no ../shared/article.txt")
    found: dict[str, set[tuple[str, str]]] = {}
    for candidate in FINDER.find_candidates(Document("a", path.read_text(encoding="utf-8"))):
        found.setdefault(candidate.text, set()).add((candidate.state, candidate.alliance))
    return found


def pairs_of(article: dict[str, set[tuple[str, str]]], phrase: str) -> set[tuple[str, str]]:
    (text,) = [sentence for sentence in article if phrase in sentence]
    return article[text]


@pytest.mark.parametrize(
    "phrase", ["very real possibility", "withdraw from", "blame the", "lost opportunities"]
)
def test_article_has_armenia_on_the_csto(article, phrase):
    assert ("ARM", "CSTO") in pairs_of(article, phrase)


def test_article_lets_the_spokesman_speak_for_russia(article):
    assert ("RUS", "CSTO") in pairs_of(article, "Peskov")


def test_article_lists_six_members(article):
    members = {"RUS", "ARM", "BLR", "KAZ", "KGZ", "TJK"}
    assert {(state, "CSTO") for state in members} <= pairs_of(article, "Established in")


def test_article_has_two_states_on_the_eu(article):
    assert {("ARM", "EU"), ("RUS", "EU")} <= pairs_of(article, "monitoring mission")


def test_article_blames_and_names_azerbaijan(article):
    assert ("AZE", "CSTO") in pairs_of(article, "blame the")


def test_article_gives_capitals_to_their_states(article):
    assert ("ARM", "EU") in pairs_of(article, "Yerevan solicited")
    assert ("RUS", "EU") in pairs_of(article, "criticized by Moscow")


def test_article_has_nobody_for_a_former_speaker_of_the_house(article):
    assert not any(state == "USA" for pairs in article.values() for state, _ in pairs)


def test_article_gives_forces_to_their_state(shared):
    path = shared / "article.txt"
    if not path.is_file():
        pytest.skip("no ../shared/article.txt")
    text = path.read_text(encoding="utf-8")
    assert ("AZE", "Azeri") in mentions(text)


def test_article_does_not_revive_the_soviet_union(article):
    # "ex-Soviet republic" is another state; a state that has ended holds no position in 2023
    assert ("SUN", "CSTO") not in pairs_of(article, "blame the")


def test_surname_that_two_states_had_is_nobody_without_a_date(finder):
    text = "Mr. Johnson praised NATO."
    for date, states in (("", set()), ("1965", {"USA"}), ("2020", {"GBR"})):
        found = finder.find_candidates(Document("d", text, date=date))
        assert {candidate.state for candidate in found} == states


def test_alliance_that_speaks_is_no_state(finder, knowledge):
    document = Document(
        "d", "We thank Peru for its help to the European Union.", speaker_state="EU"
    )
    knowledge.settle_codes(document, "d")
    found = {(c.state, c.alliance) for c in finder.find_candidates(document)}
    assert found == {("PER", "EU")}


def test_long_text_is_searched_in_pieces(finder, monkeypatch):
    text = "The United Arab Emirates and Peru told the Arab League of New Mexico. " * 40
    whole = finder.find_mentions(Document("d", text), split_sentences(Document("d", text)))
    for size in (300, 301, 333):
        monkeypatch.setattr("alliance_stance.extraction.mentions._AT_ONCE", size)
        document = Document("d", text)
        assert finder.find_mentions(document, split_sentences(document)) == whole


def test_document_of_nothing_but_names_is_refused_by_its_id(finder, monkeypatch):
    monkeypatch.setattr("alliance_stance.extraction.mentions._AT_ONCE", 100)
    monkeypatch.setattr("alliance_stance.extraction.mentions.MOST_NAMES", 50)
    with pytest.raises(InputError, match="speech-7: found more than 50 words"):
        list(finder.find_candidates(Document("speech-7", "NATO and Peru " * 40)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # in a row of office-holders each name goes with the state before it
        ("President of Latvia Ann Berg, President of Peru Bo Ray, and President of Chad Cy Lund "
         "met. Mr Ray praised NATO.", [(1, "PER", "NATO")]),
        ("Ann Berg, President of Latvia, arrived. Berg praised NATO.", [(1, "LVA", "NATO")]),
        # a name behind a comma may be the next subject
        ("After talks with the Peruvian premier, Mr Mikadze told us much. Mikadze praised NATO.",
         []),
        ("The Peruvian premier, Zurab Mikadze, told us much. Mikadze praised NATO.",
         [(1, "PER", "NATO")]),
        # words of bodies and of clauses are no names
        ("The outgoing President of the Assembly, the President of Panama, spoke. "
         "The Assembly praised NATO.", []),
        ("Therefore, the minister of Peru, rose. Therefore NATO matters.", []),
    ],
)  # fmt: skip
def test_person_is_given_to_the_right_state(text, expected):
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peru applied in 1994. It joined NATO ten years later.", [(1, "PER", "NATO")]),
        ("The Government of Peru applied. It joined NATO in 2004.", [(1, "PER", "NATO")]),
        ("We met Peru. It joined NATO in 2004.", []),
        ("Peru applied. It appeared that NATO would grow.", []),
    ],
)
def test_it_is_the_state_that_the_sentence_before_is_about(text, expected):
    assert pairs(text) == expected


@pytest.mark.parametrize("sign", "?!")
def test_quotation_that_asks_or_shouts_is_its_speakers(sign):
    text = f'"Shall we stay in NATO{sign}" Peruvian Prime Minister Ana Soto asked.'
    assert pairs(text) == [(0, "PER", "NATO")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Turkey\'s foreign minister met us. "We stay in NATO," he said.', ["TUR"]),
        ('Turkey\'s foreign minister met us. "They stay in NATO," Ann Berg said.', []),
        ('Turkey\'s foreign minister met us. "They stay in NATO," said Ann Berg.', []),
        ("Turkey's foreign minister met us. The European Commission said he was late. "
         '"They stay in NATO," he said.', []),
        ("Turkey's foreign minister met us. The Foreign Minister promised he would stay in NATO.",
         ["TUR"]),
    ],
)  # fmt: skip
def test_quotation_of_another_is_not_the_ministers(text, expected):
    assert [state for _, state, alliance in pairs(text) if alliance == "NATO"] == expected


def test_commonwealth_government_is_australias():
    text = "The views of the Commonwealth Government upon SEATO are known."
    assert pairs(text, date="1965") == [(0, "AUS", "SEATO")]
    assert ids("The British Commonwealth met.", date="1965")[-1:] == ["COMMONWEALTH"]
