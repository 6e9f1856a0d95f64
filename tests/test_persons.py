import pytest

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.schema import Document


@pytest.fixture(scope="module")
def persons(finder):
    def find(text: str, **facts: str) -> list[tuple[str, str]]:
        document = Document("d", text, **facts)
        found = finder.find_mentions(document, split_sentences(document))
        return [(m.id, text[m.start : m.end]) for m in found if m.how == "person"]

    return find


INTRODUCED = [("GEO", "Zurab Mikadze"), ("GEO", "Mikadze")]


@pytest.mark.parametrize(
    "text",
    [
        "Georgian spokesman Zurab Mikadze spoke.",
        "Georgia's new trade minister, Zurab Mikadze, spoke.",
        "Georgia\u2019s president, General Zurab Mikadze, spoke.",
        "The Georgian foreign minister is Zurab Mikadze.",
        "The Georgian foreign minister was Zurab Mikadze.",
        "Zurab Mikadze, the Georgian envoy, spoke.",
        "Zurab Mikadze, a Georgian diplomat, spoke.",
        "Zurab Mikadze, Georgia's ambassador, spoke.",
        "Zurab Mikadze, a spokesman for the Georgian ministry, spoke.",
        "Zurab Mikadze, foreign minister of Georgia, spoke.",
        "Zurab Mikadze, ambassador to Georgia's south, spoke.",
        "Foreign Minister Zurab Mikadze of Georgia spoke.",
        "Ministers Lev Sotov and Zurab Mikadze of Georgia spoke.",
        "The president of Georgia, Zurab Mikadze, spoke.",
        "The president of Georgia Zurab Mikadze spoke.",
        "Zurab Mikadze, who represented Georgia, slept.",
        "Zurab Mikadze, who sat for Georgia, slept.",
        "Zurab Mikadze, who negotiates for the Georgian side, slept.",
        "Zurab Mikadze, whom Georgia sent, slept.",
        "Mr. Zurab Mikadze speaks for Georgia.",
        "Zurab Mikadze, whom Georgia had appointed, slept.",
    ],
)
def test_introduced_person_is_known_by_the_surname(persons, text):
    assert persons(f"{text} Then Mikadze left.") == INTRODUCED


@pytest.mark.parametrize(
    "text",
    [
        "Georgian tailor Zurab Mikadze spoke.",
        "Georgian-born president Zurab Mikadze spoke.",
        "Zurab Mikadze, a Georgian tailor, spoke.",
        "Zurab Mikadze, who loves Georgia, spoke.",
        "Zurab Mikadze, whom Georgia forgot, spoke.",
        "The people of Georgia, Zurab Mikadze among them, spoke.",
        "The president rested in Georgia. Zurab Mikadze spoke.",
        "Georgia has a president. Zurab Mikadze spoke.",
        "Zurab Mikadze spoke in Georgia.",
        "Former Georgian president Zurab Mikadze spoke.",
        "The late Georgian president Zurab Mikadze spoke.",
        "Deposed Georgian president Zurab Mikadze spoke.",
        "Georgian president-elect Zurab Mikadze spoke.",
        "Georgian opposition leader Zurab Mikadze spoke.",
        "Georgian ex-minister Zurab Mikadze spoke.",
        "Georgian former minister Zurab Mikadze spoke.",
        "Georgia's then-president Zurab Mikadze spoke.",
        "Former president Zurab Mikadze of Georgia spoke.",
        "Former president of Georgia Zurab Mikadze spoke.",
        "Zurab Mikadze, ousted president of Georgia, spoke.",
        "The son of late Georgian president Zurab Mikadze spoke.",
    ],
)
def test_private_and_former_persons_are_nobody(persons, text):
    assert persons(f"{text} Now Mikadze left.") == []


@pytest.mark.parametrize(
    "text",
    ["Former minister Mikadze left.", "Ex-president Mikadze left.", "The ousted Mikadze left."],
)
def test_person_called_former_does_not_count_there(persons, text):
    assert persons(f"Georgian spokesman Zurab Mikadze spoke. {text}") == INTRODUCED[:1]


@pytest.mark.parametrize(
    "text",
    [
        "Late on Monday Georgian president Zurab Mikadze spoke.",
        "There was opposition from Georgian president Zurab Mikadze.",
        "Of late Georgian president Zurab Mikadze slept.",
        "EU candidate Georgia's president Zurab Mikadze spoke.",
        "A former aide told Georgian president Zurab Mikadze to wait.",
    ],
)
def test_word_of_another_sense_or_person_takes_no_office(persons, text):
    assert persons(f"{text} Now Mikadze left.") == INTRODUCED


@pytest.mark.parametrize(
    "words",
    [
        "despite opposition from",
        "over the opposition of President",
        "The opposition says",
        "The opposition accused",
        "Late last night",
        "late on Monday President",
        "Late Tuesday President",
        "in late May President",
        "In late 2017",
        "a late veto from",
        "a late-night call to President",
        "Of late",
        "as of late",
        "Too late",
        "Leaders told EU candidate",
        "in the candidate country",
        "A candidate backed by",
        "A former aide to President",
        "One-time ally of",
        "The retired general told President",
        "A former judge accused",
        "The president-elect met President",
    ],
)
def test_office_holder_is_hidden_by_no_word_of_another_sense_or_person(persons, words):
    assert persons(f"{words} Sarkozy spoke.", date="2010") == [("FRA", "Sarkozy")]


@pytest.mark.parametrize(
    "words",
    [
        "the late",
        "Late President",
        "the son of late President",
        "The opposition's former leader",
        "opposition Green Party leader",
        "presidential candidate",
        "Candidate for prime minister",
        "former minister of defence",
        "The former jailed president",
        "former ambassador to NATO",
    ],
)
def test_word_before_a_name_or_its_title_takes_the_office(persons, words):
    assert persons(f"{words} Sarkozy spoke.", date="2010") == []


def test_word_that_begins_a_sentence_is_no_name(persons):
    assert persons("He told the Georgian president Yesterday and When he left.") == []


def test_place_behind_a_title_is_no_person(persons):
    assert persons("The president in Lima, Peru, spoke.") == []


def test_full_name_is_one_mention_wherever_it_stands(persons):
    text = "Georgian spokesman Zurab Mikadze spoke. Rain fell. Then Zurab Mikadze left."
    assert persons(text) == [("GEO", "Zurab Mikadze")] * 2


def test_surname_counts_in_its_own_spelling_only(persons):
    assert persons("Georgian spokesman Zurab Rain spoke. In the rain he left.") == [
        ("GEO", "Zurab Rain")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chinese envoy Hua Linmei spoke. Hua left.", [("CHN", "Hua Linmei"), ("CHN", "Hua")]),
        (
            "Chinese envoy Linmei Huang spoke. Huang left.",
            [("CHN", "Linmei Huang"), ("CHN", "Huang")],
        ),
        ("Georgian envoy Zurab Mikadze spoke. Zurab left.", [("GEO", "Zurab Mikadze")]),
        ("Vietnamese minister Pham Sotang spoke. Pham left.", [("VNM", "Pham Sotang"),
                                                               ("VNM", "Pham")]),
    ],
)  # fmt: skip
def test_surname_stands_first_in_some_states(persons, text, expected):
    assert persons(text) == expected


def test_article_of_an_arabic_surname_can_be_missing(persons):
    text = "Iraqi minister Zaid al-Kasbahi spoke. Mr. Kasbahi left, and al-Kasbahi slept."
    assert persons(text)[0] == ("IRQ", "Zaid al-Kasbahi")
    assert [surface for _, surface in persons(text)][1] == "Kasbahi"
    assert len(persons(text)) == 3


def test_title_of_a_document_introduces_too(persons):
    title = "Press notes with Georgian minister Zurab Mikadze"
    assert persons("Now Mikadze left.", title=title) == [("GEO", "Mikadze")]


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("President Sarkozy spoke.", "2010", ["FRA"]),
        ("President Sarkozy spoke.", "2006", []),
        ("President Sarkozy spoke.", "2013-05-20", []),
        ("President Sarkozy spoke.", "2010-05-20", ["FRA"]),
        ("Nicolas Sarkozy spoke.", "2015", []),
        ("Nicolas Sarkozy spoke.", "", ["FRA"]),
        ("Former president Sarkozy spoke.", "2010", []),
        ("President-elect Sarkozy spoke.", "2007", []),
        ("The president-elect, Sarkozy, spoke.", "2007", []),
        ("Aleko Merkel spoke. Merkel left.", "2010", []),
        ("Chancellor-elect Merkel spoke.", "2010", []),
        ("ex-chancellor Merkel spoke.", "2010", []),
        ("Opposition leader Merkel spoke.", "2010", []),
    ],
)
def test_office_holder_counts_in_the_term_and_in_office(persons, text, date, expected):
    assert [state for state, _ in persons(text, date=date)] == expected


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("Kurz spoke.", "2018", ["AUT"]),
        ("Yet Kurz spoke.", "2018", ["AUT"]),
        ("Kurz spoke.", "2010", []),
        ("Kurz spoke.", "", []),
        ("Lev Kurz spoke. Kurz left.", "2018", []),
        ("Kerry spoke.", "2014", []),
        ("Secretary Kerry spoke.", "2014", ["USA"]),
        ("Mr. Kerry spoke. Kerry left.", "2014", ["USA", "USA"]),
        ("May spoke.", "2017", []),
        ("Brown spoke.", "2008", []),
        ("Brown bread is good.", "2008", []),
        ("Mrs. May spoke.", "2017", ["GBR"]),
        ("Prime Minister Brown spoke.", "2008", ["GBR"]),
        ("Gordon Brown spoke. Brown left.", "2008", ["GBR", "GBR"]),
        ("Charlie Brown spoke.", "2008", []),
        ("Gordon Brown spoke. Charlie Brown left.", "2008", ["GBR"]),
        ("J. Brown spoke.", "2008", []),
        ("In brown shoes.", "2008", []),
    ],
)
def test_bare_surname_is_that_of_a_head_and_no_word(persons, text, date, expected):
    assert [state for state, _ in persons(text, date=date)] == expected


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("Brown and Sarkozy spoke.", "2008", ["GBR", "FRA"]),
        ("Kerry, Lavrov and Fabius spoke.", "2014", ["USA", "RUS", "FRA"]),
        ("Neither Kerry nor Lavrov spoke.", "2014", ["USA", "RUS"]),
        ("Kerry slept; Fabius spoke.", "2014", []),
        ("Kerry and Fabius spoke.", "1960", []),
    ],
)
def test_office_holders_in_a_row_vouch_for_one_another(persons, text, date, expected):
    assert [state for state, _ in persons(text, date=date)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Xi Jinping spoke. Xi left.", ["Xi Jinping", "Xi"]),
        ("President Xi spoke.", ["Xi"]),
        ("Jinping spoke.", []),
        ("A xi is a letter.", []),
    ],
)
def test_known_holder_with_the_surname_first(persons, text, expected):
    assert [surface for _, surface in persons(text, date="2018")] == expected


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("President Obama spoke. Michelle Obama waited.", "USA"),
        ("Obama spoke. Michelle Obama waited.", "USA"),
    ],
)
def test_relative_of_the_holder_does_not_hide_the_holder(persons, text, state):
    assert persons(text, date="2012") == [(state, "Obama")]


def test_month_is_not_the_holder_of_its_name(persons):
    text = "Theresa May spoke. In May it rained, and on 5 May May left. She came on May 9."
    assert persons(text, date="2017") == [("GBR", "Theresa May"), ("GBR", "May")]


@pytest.mark.parametrize(
    ("date", "text"),
    [
        ("2021-03", "Russia and China invited BRICS members to a station on the Moon."),
        ("2024", "The Public Investment Fund (PIF) bought shares in Japan."),
        ("2024", "Saudi Arabia's PIF cut its holdings of U.S. shares."),
        ("2024", "AMU in Aligarh admitted students from Libya."),
    ],
)
def test_a_word_or_another_body_of_the_name_is_no_mention(finder, date, text):
    found = {(c.state, c.alliance) for c in finder.find_candidates(Document("d", text, date=date))}
    assert found <= {("RUS", "BRICS"), ("CHN", "BRICS")}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kim Philby admired the alliance.", []),
        ("Kim Philby admired the alliance. Kim was a spy.", []),
        ("Kim Min-su, a student, praised the alliance.", []),
        ("Kim criticised the alliance.", [("PRK", "Kim")]),
        ("Kim Tuesday criticised the alliance.", [("PRK", "Kim")]),
        ("Kim Jong-un criticised the alliance.", [("PRK", "Kim Jong-un")]),
        ("Kim Jongun criticised the alliance.", [("PRK", "Kim")]),
        ("Kim NATO criticised.", [("PRK", "Kim")]),
        ("Kim Vows to Leave the Pact", [("PRK", "Kim")]),
        ("Xi Wrote to Allies on Trade", [("CHN", "Xi")]),
    ],
)
def test_surname_before_another_name_is_not_anybodys(persons, text, found):
    assert persons(text, date="2024-03-12") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thomas Hammarberg criticised the alliance.", []),
        ("Thomas criticised the alliance.", [("GRD", "Thomas")]),
        ("The Thomas Government criticised the alliance.", [("GRD", "Thomas")]),
        ("Commissioner Thomas Hammarberg criticised the alliance.", []),
        ("Prime Minister Thomas criticised the alliance.", [("GRD", "Thomas")]),
    ],
)
def test_surname_that_is_a_forename_too(persons, text, found):
    assert persons(text, date="2009-05") == found


@pytest.mark.parametrize(
    "text",
    [
        "Turkey's president received Secretary General Olaf Berglund in Ankara.",
        "Turkey met Commissioner Olaf Berglund.",
        "Turkey's deputy prime minister told Secretary Olaf Berglund that it would wait.",
    ],
)
def test_title_behind_a_verb_is_another_states(persons, text):
    assert persons(text, date="2019") == []


@pytest.mark.parametrize(
    ("text", "date", "found"),
    [
        ("Salvador Allende left the pact.", "1972", [("CHL", "Salvador Allende")]),
        ("Salvador Allende left the pact.", "1980", []),
        ("Franco Frattini left the room.", "2009", [("ITA", "Franco Frattini")]),
    ],
)
def test_phrase_that_hides_a_state_hides_no_holder(persons, text, date, found):
    assert persons(text, date=date) == found


@pytest.mark.parametrize(
    "text",
    [
        "General Sarkozy of Canada spoke.",
        "Dr. Sarkozy of Ottawa spoke.",
        "King Sarkozy I of Romania spoke.",
        "Premier Sarkozy of Alberta spoke.",
        "Mr. Sarkozy of the Netherlands spoke.",
    ],
)
def test_namesake_of_another_state_is_nobody(persons, text):
    assert persons(text, date="2010") == []


@pytest.mark.parametrize(
    "text",
    [
        "President Sarkozy of France spoke.",
        "President Sarkozy of the French Republic spoke.",
        "President Sarkozy of the ruling party spoke.",
        "President Sarkozy of Neuilly spoke.",
        "Peru accused Mr. Sarkozy of Iran's ruin.",
        "Peru told Mr. Sarkozy of Canada's plan.",
        "The scolding by Mr. Sarkozy of Iran went on.",
        "Messrs. Lula and Sarkozy of Brazil and France spoke.",
        "Nicolas Sarkozy of Canada spoke.",
    ],
)
def test_of_before_the_own_state_or_after_a_verb_takes_no_office(persons, text):
    assert "FRA" in [state for state, _ in persons(text, date="2010")]
