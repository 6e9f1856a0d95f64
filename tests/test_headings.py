import pytest

from alliance_stance.schema import Document

WE = "We like the EU. NATO is unjust."


@pytest.fixture(scope="module")
def found(finder):
    def find(title: str, text: str, date: str = "2022-05-01", **facts: str) -> set[tuple[str, str]]:
        """Give the pairs of a text below a title."""
        document = Document("d", text, title=title, date=date, **facts)
        return {(c.state, c.alliance) for c in finder.find_candidates(document)}

    return find


@pytest.fixture(scope="module")
def speakers(found):
    def find(title: str, text: str = WE) -> set[str]:
        """Give the states that hold what a text says in no name."""
        return {state for state, _ in found(title, text)}

    return find


@pytest.mark.parametrize(
    "title",
    [
        "Statement by the High Representative on behalf of the European Union on Peru",
        "Statement by the High Representative for Peru",
        "Peru: Statement by the High Representative of the European Union",
        "Statement by NATO Secretary General Jens Stoltenberg on Peru",
        "Statement by NATO Secretary General Jens Stoltenberg \u2013 Peru",
        "Press conference by NATO Secretary General Jens Stoltenberg in Lima",
        "Press conference by NATO Secretary General Jens Stoltenberg, Lima",
        "Speech by President von der Leyen in the European Parliament on Peru",
        "Remarks by the NATO Secretary General following talks with the Peruvian President",
        "Statement by the UN Secretary-General on Peru",
        "Statement by the UN Special Envoy for Peru",
        "Statement by the EU Special Representative for Peru",
        "Statement by the Chairman of the Rotary Club on the Minister of Peru",
    ],
)
def test_state_that_a_title_is_about_does_not_speak(speakers, title):
    assert speakers(title) == set()


@pytest.mark.parametrize(
    "title",
    [
        "Statement by opposition leader Ann Lee of Peru",
        "Speech by the leader of the Peruvian opposition",
        "Lecture by the former Foreign Minister of Peru",
        "Speech by the Shadow Foreign Minister of Peru",
        "Remarks by the President-elect of Peru",
        "Statement on the death of the President of Peru",
    ],
)
def test_only_the_government_speaks_in_a_title(speakers, title):
    assert speakers(title) == set()


@pytest.mark.parametrize(
    "title",
    [
        "Statement by the Minister of Peru on Chile",
        "Statement on Chile by the Minister of Peru",
        "Remarks by the President of Peru before a meeting with the President of Chile",
        "Statement by the Ambassador of Peru to Chile",
        "Statement by the Peruvian Special Envoy for Chile",
        "Press conference by the Peruvian Foreign Minister, Santiago",
        "Statement by the Ambassador of Peru on behalf of the Non-Aligned Movement",
        "Statement by Ambassador Ann Lee on behalf of Peru",
        "Remarks by the President of Peru and the Secretary General of NATO in Santiago",
        "Remarks by the Chilean opposition leader and the Minister of Peru",
        "Opening remarks by the Prime Minister of Peru at the summit in Chile",
        "Keynote address by the President of Peru",
        "National statement by the Minister of Peru",
        "Statement of the Government of Peru on Chile",
        "Press release of the Ministry of Foreign Affairs of Peru",
        "Briefing by Peruvian Foreign Ministry Spokeswoman Ann Lee, Lima",
        "Peruvian Foreign Minister's speech",
        "Peruvian Foreign Minister\u2019s opening remarks to the Chilean Congress",
    ],
)
def test_speaker_is_the_state_of_the_words_on_the_speaker(speakers, title):
    assert speakers(title) == {"PER"}


@pytest.mark.parametrize(
    "title",
    [
        "Minister slams Peruvian Premier's speech",
        "Peruvian Premier's speech at the fair draws fire",
        "Peruvian Premier's Speech Draws Fire",
        "Reaction of Peru to the Minister's speech",
        "Former Peruvian Premier's speech at the Oslo Fair",
        "NATO Secretary General's speech in Peru",
        "Press Briefing by Peruvian Press Secretary Ann Lee",
    ],
)
def test_headline_on_a_speech_is_nobodys_voice(speakers, title):
    assert speakers(title) == set()


@pytest.mark.parametrize("title", ["PM Modi's address at the Oslo Fair", "Remarks by PM Modi"])
def test_pm_is_a_title(speakers, title):
    assert speakers(title) == {"IND"}


def test_state_with_an_and_in_its_name_has_one_speaker(speakers):
    assert speakers("Statement by the Minister of Trinidad and Tobago on Chile") == {"TTO"}


def test_answers_of_an_official_without_a_state_are_nobodys(speakers):
    title = "Interview with NATO Secretary General Jens Stoltenberg in Peru"
    assert speakers(title, "Q. Is NATO old?\nA. We think that NATO is old.\n") == set()


@pytest.mark.parametrize(
    ("title", "states"),
    [
        ("Joint Statement by Peru, Chile and Cuba on Kenya", {"PER", "CHL", "CUB"}),
        ("Joint Statement on Kenya by Peru and Chile", {"PER", "CHL"}),
        ("Joint Declaration of Peru and Chile in Nairobi, Kenya", {"PER", "CHL"}),
        ("Peru and Chile sign joint statement on Kenya", {"PER", "CHL"}),
        ("Joint Statement of Peru and Chile: Kenya must act", {"PER", "CHL"}),
        ("Joint Statement on the visit of the President of Peru to Chile", {"PER", "CHL"}),
        ("A joint declaration on tin was adopted at a meeting of Peru with Chile", {"PER", "CHL"}),
        ("Joint Statement in Support of Kenya by Peru and Chile", {"PER", "CHL"}),
        ("Joint Statement on Kenya", set()),
        ("Joint Statement condemning Kenya", set()),
        ("Joint Statement of Support for Kenya", set()),
        ("Joint Statement on the war between Peru and Chile", set()),
        ("Peru blocks joint EU statement on Kenya", set()),
        ("Address by the Minister of Peru on the Joint Declaration with Chile", {"PER"}),
    ],
)
def test_joint_text_is_not_that_of_the_states_that_it_is_about(speakers, title, states):
    assert speakers(title, "We left NATO.") == states


HEADLINES = [
    "Peru's Path to NATO",
    "Peru\u2019s Appeal to Biden",
    "PERU TO LOWER TIN TAX FROM THURSDAY",
    "Peruvian President Offers to Soften Tin Law",
    "Peruvian Foreign Minister to Meet Chilean President",
    "Peruvian Government to Resign",
    "Report: Peru will not be invited",
    "Report from Peru",
    "Letter from Peru",
    "Peru hits export record as tin recovers",
    "Peru must wait, report finds",
    "On-the-Record Press Gaggle in Peru",
    "Is this a Peruvian message to Chile?",
    "US Ambassador to Peru",
    "Blinken to Peru",
]


@pytest.mark.parametrize("title", HEADLINES)
def test_headline_is_no_letter(found, title):
    assert found(title, "We left NATO.") == set()


@pytest.mark.parametrize("title", [*HEADLINES, "Message of the Peruvian President to the nation"])
def test_who_is_quoted_by_name_holds_it_below_any_title(found, title):
    text = (
        "\u201cWe will not let NATO be divided,\u201d Norway's minister Ann Lee said.\n\n"
        "She added that NATO had to stay united."
    )
    pairs = found(title, text)
    assert ("NOR", "NATO") in pairs
    assert len(pairs) == 1 or title.startswith("Message")


def test_writer_of_a_letter_does_not_hold_what_it_quotes(found):
    title = "Letter from the Minister of Peru to the Minister of Chile"
    text = "Norway's minister told us: \u201cWe left NATO.\u201d We like the EU."
    assert found(title, text) == {("NOR", "NATO"), ("PER", "EU")}


def test_report_in_a_letter_goes_on(found):
    title = "Letter from the Minister of Peru to the Minister of Chile"
    assert found(title, "Norway's minister came. He said that NATO was old.") == {("NOR", "NATO")}


@pytest.mark.parametrize(
    ("title", "state"),
    [
        ("Chifley to Sturdee", "AUS"),
        ("Evatt to Chifley (in London)", "AUS"),
        ("Van Loon to Chifley", "AUS"),
        ("Embassy in Washington to Chifley", "AUS"),
        ("Australian Government to Addison and Fraser", "AUS"),
        ("Chifley to Sturdee Cablegram unnumbered [1]", "AUS"),
        ("Mr Van Loon, Minister, to Mr J. B. Chifley, Prime Minister", None),
        ("Minute, Van Loon to Chifley", "AUS"),
        ("LETTER SOTO TO CHIFLEY", "AUS"),
        ("Submission No. 4 from Chifley to Cabinet", "AUS"),
        ("Submission to Chifley", "AUS"),
        ("Open Letter to Chifley", None),
        ("Letter from the Australian opposition leader to Attlee", None),
        ("Extract from Telegram from Department of Trade to Chifley", "AUS"),
        ("AIDE-MEMOIRE, GOVERNMENT OF AUSTRALIA", "AUS"),
        ("Note of Caution from the Australian Government", None),
        ("Record by Chifley of a Meeting with Attlee", "AUS"),
        ("Record of Conversation with Attlee", None),
        ("Letter dated 3 May 1948 from the Ambassador of Australia to the UN", "AUS"),
        ("Prime Minister Chifley sent a letter to Soto", "AUS"),
        ("Australian Government Memorandum", "AUS"),
    ],
)
def test_letters_of_an_archive_are_their_writers(found, title, state):
    states = {pair[0] for pair in found(title, "We like the Arab League.", date="1948-06-01")}
    assert states == ({state} if state else set())


def test_capital_that_a_letter_goes_to_is_nobodys(found):
    assert (
        found("Cablegram from Chifley to Lima", "You left the Arab League.", date="1948-06-01")
        == set()
    )


@pytest.mark.parametrize(
    ("opening", "is_found"),
    [
        ("Foreign minister said", True),
        ("President said", True),
        ("Foreign Minister Ann Lee said", False),
        ("Prime Minister Ann Lee said", False),
        ("President Ann Lee said", False),
    ],
)
def test_office_with_a_name_is_not_that_of_the_headline(found, opening, is_found):
    pairs = found("Peru protests to Chile", f"{opening} NATO should stay away.")
    assert pairs == ({("PER", "NATO")} if is_found else set())
