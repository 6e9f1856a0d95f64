import pytest

from alliance_stance.corpus.sentences import split_sentences
from alliance_stance.schema import Document


@pytest.fixture(scope="module")
def ids(finder):
    def find(text: str, **facts: str) -> list[str]:
        document = Document("d", text, **facts)
        found = finder.find_mentions(document, split_sentences(document))
        return [mention.id for mention in found]

    return find


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.S. spoke.", ["USA"]),
        ("The UAE spoke.", ["ARE"]),
        ("The uae spoke to Peru.", ["PER"]),
        ("OPEC+ met. OPEC met.", ["OPEC_PLUS", "OPEC"]),
        ("AUNT Nato met Opec.", ["NATO", "OPEC"]),
        ("polish the Polish table", ["POL"]),
        ("WARSAW SPOKE.", ["POL"]),
    ],
)
def test_case_and_signs_are_part_of_some_names(ids, text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "facts", "is_found"),
    [
        ("The AES met in Niger.", {}, True),
        ("The AES met near the Sahel.", {}, True),
        ("The AES met in Peru.", {}, False),
        ("The AES met.", {}, False),
        ("The AES met.", {"title": "Sahel notes"}, True),
        ("The AES met.", {"speaker_state": "NER"}, True),
        ("The AES met.", {"speaker_state": "PER"}, False),
        ("The AES met in Niger.", {"date": "1975"}, False),
        ("The AES met in Niger with a cipher.", {}, False),
        ("The AES met in Niger.", {"title": "Cipher notes"}, False),
    ],
)
def test_ambiguous_name_needs_its_company(ids, text, facts, is_found):
    assert ("AES" in ids(text, **facts)) is is_found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The SCO played.", []),
        ("The SCO met in China.", ["SCO", "CHN"]),
        ("The SCO orchestra met in China.", ["CHN"]),
    ],
)
def test_other_company_takes_a_name_away(ids, text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Franco-German talks", ["FRA", "DEU"]),
        ("Franco\u2013German talks", ["FRA", "DEU"]),
        ("Anglo-American talks", ["GBR", "USA"]),
        ("Sino-Polish talks", ["CHN", "POL"]),
        ("Anglo talks", []),
        ("Sino spoke", []),
    ],
)
def test_prefix_is_a_state_before_a_hyphen_only(ids, text, expected):
    assert [name for name in ids(text) if name != "ESP"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("peru left nato and the european union.", ["PER", "NATO", "EU"]),
        ("turkey left nato.", ["TUR", "NATO"]),
        ("lima spoke to nato.", ["PER", "NATO"]),
        ("peru told us of the cis and the las.", ["PER"]),
        ("the can is full; eco is green.", []),
        ("peru left NATO.", ["NATO"]),
    ],
)
def test_text_without_capitals_is_read_all_the_same(ids, text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "has_state"),
    [
        ("LET US LEAVE NATO.", False),
        ("HELP US, SAID NATO.", False),
        ("NATO WILL TELL US.", False),
        ("THE US LEFT NATO.", True),
        ("LET THE US LEAVE NATO.", True),
        ("The US left NATO.", True),
    ],
)
def test_pronoun_in_capitals_is_no_state(ids, text, has_state):
    assert ("USA" in ids(text)) is has_state


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Franco-Soviet Treaty held.", ["FRANCO_SOVIET"]),
        ("The Franco-Soviet Treaty of 1935 held.", ["FRANCO_SOVIET"]),
        ("The Franco-Soviet Treaty of 1893 held.", ["FRA", "SUN"]),
        ("The Sino-Soviet Treaty of 1950 held.", ["SINO_SOVIET"]),
        ("The Sino-Soviet Treaty of 1924 held.", ["CHN", "SUN"]),
        ("The Sino-Soviet Treaty of friendship held.", ["SINO_SOVIET"]),
    ],
)
def test_treaty_of_another_year_is_another_treaty(ids, text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Chad Williams, who spoke, left.",
        "Chad-Lee left.",
        "Mr. Jordan left.",
        "General Jordan left.",
        "Dr. Mary Jordan left.",
        "Israel Rosen slept. It was Rosen who left.",
        "India Smith said that she left.",
        "Then her dog Cuba barked.",
        "Her dog Cuba barked.",
        "Senator Soto of Georgia slept.",
    ],
)
def test_name_of_a_person_is_no_state(ids, text):
    assert ids(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chad left.", ["TCD"]),
        ("Jordan's king left.", ["JOR"]),
        ("Israel Prime Minister left. Prime time began.", ["ISR"]),
        ("The General met Jordan.", ["JOR"]),
        ("India said no.", ["IND"]),
    ],
)
def test_state_that_is_a_forename_too_stays_a_state(ids, text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A professor in London spoke.", []),
        ("An analyst based in Lima spoke.", []),
        ("A trader at Lima spoke.", []),
        ("The minister in London spoke.", ["GBR"]),
        ("London spoke.", ["GBR"]),
        ("A professor in Peru spoke.", ["PER"]),
        ("A professor told London.", ["GBR"]),
    ],
)
def test_city_of_a_private_person_is_no_state(ids, text, expected):
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Peru's Foreign Office spoke.", ["PER"]),
        ("Peru\u2019s Home Office spoke.", ["PER"]),
        ("The Cyprus' Foreign Office spoke.", ["CYP"]),
        ("The Peruvian Foreign Office spoke.", ["PER"]),
        ("Pakistan's Foreign Office spoke.", ["PAK"]),
        ("The Foreign Office spoke through Zahra Baloch.", ["PAK"]),
        ("Norway's Royal Navy spoke.", ["NOR"]),
        ("Austria's Chancellery spoke.", ["AUT"]),
        ("Iraq's Federal Council spoke.", ["IRQ"]),
        ("Britain's Foreign Office spoke.", ["GBR", "GBR"]),
        ("Peru asked the Foreign Office.", ["PER", "GBR"]),
        ("Peru, Foreign Office aides said, left.", ["PER", "GBR"]),
        ("Peru's Kremlin envoy spoke.", ["PER", "RUS"]),
        ("Peru's White House visit ended.", ["PER", "USA"]),
    ],
)
def test_body_of_another_state_is_that_ones(ids, text, expected):
    assert ids(text, date="2020") == expected


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("North and South Korea spoke.", "2024", ["PRK", "KOR"]),
        ("South and North Korea spoke.", "2024", ["KOR", "PRK"]),
        ("Neither North nor South Korea spoke.", "2024", ["PRK", "KOR"]),
        ("North and South Korean envoys spoke.", "2024", ["PRK", "KOR"]),
        ("East and West Germany spoke.", "1975", ["DDR", "DEU"]),
        ("North and South Vietnam spoke.", "1970", ["VDR", "VNM"]),
        ("North and South Yemen spoke.", "1975", ["YEM", "YMD"]),
        ("Peru, North and South Korea spoke.", "2024", ["PER", "PRK", "KOR"]),
        ("The North, and South Korea spoke.", "2024", ["KOR"]),
        ("Snow fell north and South Korea spoke.", "2024", ["KOR"]),
        ("West and South Korea spoke.", "2024", ["KOR"]),
    ],
)
def test_two_states_may_share_their_noun(ids, text, date, expected):
    assert ids(text, date=date) == expected


@pytest.mark.parametrize(
    ("date", "state"), [("", "RUS"), ("1975", "SUN"), ("1991-06", "SUN"), ("2020", "RUS")]
)
def test_capital_that_passed_to_another_state_is_that_of_the_date(ids, date, state):
    assert ids("Moscow spoke.", date=date) == [state]


@pytest.mark.parametrize(
    ("text", "state"),
    [("Prague spoke.", "CZE"), ("Belgrade spoke.", "SRB"), ("Yugoslav envoys spoke.", "YUG")],
)
def test_name_without_a_date_is_that_of_the_state_it_passed_to(ids, text, state):
    assert ids(text) == [state]


@pytest.mark.parametrize(
    ("text", "date", "state"),
    [
        ("In 1975 Moscow left.", "2020", "SUN"),
        ("In 1995 Moscow left.", "2020", "RUS"),
        ("In 1975 and again in 1995 Moscow left.", "2020", "RUS"),
        ("In the sixties Moscow left.", "2020", "SUN"),
        ("In the 1960s Moscow left.", "2020", "SUN"),
        ("In 1975 rain fell. Moscow left.", "2020", "SUN"),
        ("In 1975 rain fell. In 1995 Moscow left.", "2020", "RUS"),
        ("In 1975 rain fell. Snow fell. Moscow left.", "2020", "RUS"),
        ("In 1975 the Kremlin left.", "2020", "SUN"),
        ("In 1975 Belgrade left.", "2020", "YUG"),
        ("In 1975 Lima left.", "2020", "PER"),
        ("In 1975 tons Russia left.", "2020", "RUS"),
        ("Moscow left 1,975 men.", "2020", "RUS"),
        ("In 1975 Moscow left.", "1970", "SUN"),
        ("Moscow left on Tuesday, 3 June 1975.", "2020", "SUN"),
        ("In 1975 Moscow left on a Friday.", "2020", "SUN"),
        ("Moscow still had a fleet in 1975.", "2020", "SUN"),
        # the year of another thing
        ("The Kremlin recalled on Friday what was said in 1975.", "2020", "RUS"),
        ("Rain fell in 1975. Moscow left on Friday.", "2020", "RUS"),
        ("Rain fell in 1975. Moscow still leaves.", "2020", "RUS"),
        ("Moscow's envoy, a man in his late seventies, left.", "2020", "RUS"),
        ("Belgrade left because of 1975.", "2020", "SRB"),
        ("Since 1975 Moscow has left.", "2020", "RUS"),
        ("Moscow, which lost a fleet in 1975, left.", "2020", "RUS"),
    ],
)
def test_year_of_a_sentence_decides_whose_capital_it_is(ids, text, date, state):
    assert ids(text, date=date) == [state]


def test_alliance_that_is_gone_takes_its_capitals_back_in_time(ids):
    assert ids("Moscow led the Warsaw Pact.", date="2020") == ["SUN", "WARSAW_PACT"]
    assert ids("Moscow led the CSTO.", date="2020") == ["RUS", "CSTO"]


@pytest.mark.parametrize(
    "text",
    [
        "Gambia quit Commonwealth",
        "Seychelles to leave Commonwealth by June",
        "Fiji suspended from Commonwealth over coup",
        "Fiji: back in Commonwealth at last",
        "Fiji cuts ties with Commonwealth",
        "Commonwealth expels Fiji",
        "Rain falls on Fiji\nCommonwealth to discuss Fiji",
        "FIJI WILL REJOIN IT. Fiji will rejoin Commonwealth, it says.",
    ],
)
def test_commonwealth_lacks_its_article_after_leaving_and_joining(ids, text):
    assert "COMMONWEALTH" in ids(text, date="2013")


@pytest.mark.parametrize(
    "text",
    [
        "Fiji quit Commonwealth Games",
        "Fiji joins Commonwealth of Virginia in lawsuit",
        "Fiji to leave Commonwealth Bank",
        "Fiji leaves Commonwealth office",
        "Fiji left Commonwealth's capital Richmond",
        "Fiji left Commonwealth-era laws alone",
        "Fiji likes Commonwealth",
        "Fiji will quit a commonwealth",
        "Commonwealth Stadium welcomes Fiji",
        "Commonwealth Edison sends Fiji power",
    ],
)
def test_commonwealth_without_its_article_may_be_something_else(ids, text):
    assert "COMMONWEALTH" not in ids(text, date="2013")


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("An orchestra opened the SCO summit in China.", False),
        ("The Shanghai Cooperation Organisation met. An orchestra opened the SCO summit.", True),
        ("The Shanghai orchestra met. It opened the SCO summit.", False),
    ],
)
def test_acronym_is_the_alliance_that_is_spelt_out(ids, text, is_found):
    assert ids(text, date="2017").count("SCO") == (2 if is_found else 0)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("The Group of Seven (G7) met. Pixels of the film show the G7.", True),
        ("The Group of Seven painted. Pixels of the painting show G7.", False),
        ("Seven met. Pixels of the film show G7.", False),
    ],
)
def test_name_with_dates_and_other_senses_spells_out_too(ids, text, is_found):
    assert ("G7" in ids(text, date="2017")) is is_found


def test_name_out_of_its_time_spells_nothing_out(ids):
    text = "The Group of Eight met. Pixels of the film show the G8."
    assert "G7" in ids(text, date="2005")
    assert "G7" not in ids(text, date="1980")


@pytest.mark.parametrize(
    ("text", "date", "alliance"),
    [
        ("Japan told the G7 on camera that it stood by Peru.", "2024", "G7"),
        ("Russia and Belarus signed a CIS accord on cybersecurity.", "2024", "CIS"),
        ("Kazakhstan gave a concert for the SCO guests.", "2024", "SCO"),
        ("Poland praised NATO. The film on the war topped the box office.", "2024", "NATO"),
        ("India said that the Quad condemned Houthi attacks.", "2024", "QUAD"),
        ("Canada left the G20 near the World Trade Center.", "2001-11-20", "G20"),
    ],
)
def test_everyday_word_takes_no_alliance_away(ids, text, date, alliance):
    assert alliance in ids(text, date=date)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Japan sells a G7 of 20 megapixels.", "2024"),
        ("Poland applied the CIS benchmarks to its servers.", "2024"),
        ("China applauded the SCO and its conductor.", "2024"),
        ("Poland heard NATO, which speaks for cinema owners.", "2024"),
        ("The United States said that the Quad met on Sudan.", "2024"),
        ("Brazil and the G20 walked out in Cancun.", "2003-09-14"),
    ],
)
def test_word_of_the_other_sense_still_takes_an_alliance_away(ids, text, date):
    assert not {"G7", "CIS", "SCO", "NATO", "QUAD", "G20"}.intersection(ids(text, date=date))


@pytest.mark.parametrize(
    ("text", "alliance"),
    [
        ("Seoul said that it would not join the Quad.", "QUAD"),
        ("Tehran denounced the GCC.", "GCC"),
        ("Latvia spoke of the CIS.", "CIS"),
        ("Swaziland fears the Sacu plan.", "SACU"),
        ("Havana left Alba.", "ALBA"),
        ("Rwanda stayed away from the Great Lakes summit.", "ICGLR"),
    ],
)
def test_outsider_or_member_beside_a_short_name_tells_it(ids, text, alliance):
    assert alliance in ids(text, date="2015")


@pytest.mark.parametrize(
    "text",
    ["Students of Peru met in the Quad.", "Peru uses GCC 9.", "Cuba read of Alba in Scotland."],
)
def test_short_name_without_company_is_nothing(ids, text):
    assert set(ids(text, date="2015")) <= {"PER", "CUB"}
