"""Names swapped: a model that reads keeps its answer, one that knows who dislikes whom does not."""

from dataclasses import replace

import numpy as np
import pytest

from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.name_choice import NameChooser, Place
from alliance_stance.evaluation.name_swaps import PROBES, prepare_swaps
from alliance_stance.evaluation.state_swap import rate_swaps, swap_rates
from alliance_stance.schema import Act, Candidate, Example, Label, Stance

TALK = ("spoke of", "met the envoys of", "sent a note about", "was asked about", "wrote to")


def example(text, state, alliance="NATO", label=None, number=0, **facts) -> Example:
    candidate = Candidate(
        document=f"d{number}", sentence=0, start=0, end=len(text), text=text, context="",
        state=state, alliance=alliance, date="2005-03-01",
    )  # fmt: skip
    return Example(f"{number}#{state}", replace(candidate, **facts), label)


@pytest.fixture(scope="module")
def prior(finder) -> list[Example]:
    """Examples of which only the state tells the label."""
    states = (
        ("Russia", "RUS", Label(Stance.AGAINST, Act.CRITICIZE)),
        ("Poland", "POL", Label(Stance.FAVOR, Act.AFFIRM)),
    )
    rows = [
        example(f"{name} {talk} NATO.", code, label=label, number=number)
        for number, talk in enumerate(TALK)
        for name, code, label in states
    ]
    return [finder.mark_example(row) for row in rows]


@pytest.fixture(scope="module")
def fit_linear(new_model, prior):
    def fit(**changes):
        return new_model("linear", **changes).fit(
            [e.candidate for e in prior],
            [e.label.stance for e in prior],
            acts=[e.label.act for e in prior],
        )

    return fit


def test_unmasked_model_moves_and_masked_one_does_not(fit_linear, prior, knowledge):
    masked = fit_linear(masked=True, membership=False)
    unmasked = fit_linear(masked=False, membership=False)
    swaps = prepare_swaps(prior, knowledge, probes=["state"])
    still, moving = (rate_swaps(model, swaps)["state"] for model in (masked, unmasked))
    assert still.moved.value == 0
    assert still.moved_alike == 0
    # without "Russia" and "Poland" all are alike, so the answers of one of the two have to move
    assert moving.moved.value >= 1 / 2 - 1 / len(prior)
    assert moving.moved_alike == moving.moved.value
    assert moving.moved.low <= moving.moved.value <= moving.moved.high
    assert (moving.example_count, moving.swapped_count) == (10, 10)
    assert (moving.swap_count, moving.document_count) == (30, 5)


def test_knowledge_of_members_moves_a_masked_model(fit_linear, prior, knowledge):
    member = fit_linear(masked=True, membership=True)
    rate = swap_rates(member, prior, knowledge, probes=["state"])["state"]
    assert rate.moved.value > 0
    assert rate.remarked == 0


def test_detector_that_misses_a_name_is_seen(finder, knowledge, fit_linear):
    # "the Commonwealth" is read as the alliance where the text names a member of it
    text = "With effect from today Pakistan is no longer a member of the Commonwealth."
    row = example(text, "PAK", "COMMONWEALTH", speaker_state="PAK", date="1972-01-30")
    model = fit_linear(masked=True, membership=False)
    rate = swap_rates(model, [row], knowledge, probes=["state"], per_example=20)["state"]
    assert 0 < rate.remarked < 1


@pytest.mark.parametrize("probe", PROBES)
def test_swapped_sentence_has_new_names_and_the_old_words(probe, knowledge):
    text = "Paris told NATO and Poland that French troops would leave; it was France's decision."
    row = example(text, "FRA", context="France was angry with Poland.", title="Franco-Polish row")
    swaps = prepare_swaps([row], knowledge, probes=[probe])
    assert 1 <= len(swaps.after[probe]) <= 3
    for swap in swaps.after[probe]:
        after = swap.after
        kept = {"state": "Poland", "other_states": "France", "alliance": "Paris"}
        gone = {"state": ("Paris", "Fr"), "other_states": ("Pol",), "alliance": ("NATO",)}
        name = probe.removeprefix("invented_")
        whole = f"{after.text} {after.context} {after.title}"
        assert kept[name] in whole
        assert not any(word in whole for word in gone[name])
        assert " told " in after.text
        assert after.text.endswith("decision.")
        assert (after.state == "FRA") == (probe != "state")
        assert (after.alliance == "NATO") == ("alliance" not in probe)
        pairs = {(m.kind, m.id) for m in after.mentions}
        assert {("state", after.state), ("alliance", after.alliance)} <= pairs


def test_speaker_is_swapped_with_the_name(knowledge):
    row = example("We shall leave the CSTO.", "ARM", "CSTO", speaker_state="ARM")
    swaps = prepare_swaps([row], knowledge, probes=["state"]).after["state"]
    assert swaps
    for swap in swaps:
        assert swap.after.text == row.candidate.text
        assert swap.after.state == swap.after.speaker_state != "ARM"
        assert {m.id for m in swap.after.mentions if m.kind == "state"} == {swap.after.state}


def test_one_id_of_two_kinds_is_swapped_in_its_own_kind_alone(knowledge):
    """NAM is Namibia and the Non-Aligned Movement."""
    text = "Namibia thanked the Non-Aligned Movement."
    row = example(text, "NAM", "NAM", speaker_state="NAM")
    swaps = prepare_swaps([row], knowledge, probes=["state", "alliance"])
    assert {probe: len(found) for probe, found in swaps.after.items()} == {
        "state": 3,
        "alliance": 3,
    }
    for swap in swaps.after["state"]:
        assert swap.after.alliance == "NAM"
        assert swap.after.state == swap.after.speaker_state != "NAM"
        assert swap.after.text.endswith(" thanked the Non-Aligned Movement.")
    for swap in swaps.after["alliance"]:
        assert (swap.after.state, swap.after.speaker_state) == ("NAM", "NAM")
        assert swap.after.alliance != "NAM"
        assert swap.after.text.startswith("Namibia thanked the ")


def test_alliance_is_swapped_for_the_usual_name_of_another(knowledge):
    text = "Peru thanked the Arab League."
    row = example(text, "PER", "ARAB_LEAGUE")
    (found,) = prepare_swaps([row], knowledge, probes=["alliance"], per_example=200).after.values()
    begun, end = "Peru thanked the ", "."
    names = {
        swap.after.alliance: swap.after.text.removeprefix(begun).removesuffix(end) for swap in found
    }
    assert {"NATO", "EU", "ASEAN"} <= names.keys()
    assert len(names) > 45
    for alliance, name in names.items():
        assert spelled(name) in spelled(knowledge.alliances[alliance].name)


def spelled(name: str) -> str:
    """Give a name as both the tables of names and of alliances might write it."""
    told = name.lower().replace("-", " ").replace("co operation", "cooperation")
    return told.replace("ization", "isation").replace("defense", "defence")


def test_state_that_only_a_person_shows_is_left_out(knowledge):
    row = example("President Putin warned NATO.", "RUS")
    swaps = prepare_swaps([row], knowledge, probes=["state"])
    assert swaps.after["state"] == []


def test_example_without_a_version_gives_no_rate(fit_linear, knowledge):
    row = example("President Putin warned NATO.", "RUS")
    rate = swap_rates(fit_linear(), [row], knowledge, probes=["state"])["state"]
    assert (rate.example_count, rate.swapped_count) == (1, 0)
    assert np.isnan(rate.moved.value)


def test_no_examples_is_an_error(fit_linear, knowledge):
    with pytest.raises(DatasetError, match="no examples"):
        swap_rates(fit_linear(), [], knowledge)


def test_seed_decides_the_names_whatever_stands_around(prior, knowledge):
    def texts(rows, seed):
        after = prepare_swaps(rows, knowledge, probes=["state"], seed=seed).after["state"]
        return [swap.after.text for swap in after]

    first = texts(prior, 0)
    assert first != texts(prior, 1)
    assert first[-3:] == texts(prior[-1:], 0)


def place(surface, how="name", target="FRA", kind="state", before="", after="") -> Place:
    return Place(kind, target, how, surface, before, after)


@pytest.mark.parametrize(
    ("given", "target", "date", "name"),
    [
        (place("France"), "POL", "2005", "Poland"),
        (place("France"), "NLD", "2005", None),  # "the"
        (place("Netherlands", before="the "), "PHL", "2005", "Philippines"),
        (place("France", after="'s"), "HND", "2005", None),  # "Honduras's"
        (place("French", "adjective", before="a "), "IRL", "2005", None),  # "an Irish"
        (place("French", "adjective", before="a "), "TUR", "2005", "Turkish"),
        (place("Italian", "adjective", before="an "), "AUT", "2005", "Austrian"),
        (place("FRANCE"), "POL", "2005", "POLAND"),
        (place("Franco", "adjective", after="-German"), "GBR", "2005", "Anglo"),
        (place("Russians", "demonym", "RUS"), "POL", "2005", "Poles"),
        (place("US", target="USA"), "GBR", "2005", "UK"),
    ],
)
def test_name_fits_its_place(given, target, date, name, knowledge):
    chooser = NameChooser(knowledge)
    chosen = chooser.names_for([given], target, date, np.random.default_rng(0))
    assert (chosen and chosen[given.surface]) == name


def test_capital_is_replaced_by_a_capital(knowledge):
    places = [place("Paris", "capital"), place("France")]
    chooser = NameChooser(knowledge)
    chosen = chooser.names_for(places, "ARM", "2005", np.random.default_rng(0))
    own = {n.surface for n in knowledge.state_names if (n.target, n.kind) == ("ARM", "capital")}
    assert chosen["France"] == "Armenia"
    assert chosen["Paris"] in own


def test_only_states_of_the_time_live(knowledge):
    chooser = NameChooser(knowledge)
    assert "SUN" in chooser.living("state", "1975")
    assert "SUN" not in chooser.living("state", "2005")
    assert "WARSAW_PACT" not in chooser.living("alliance", "2005")
    assert "NATO" in chooser.living("alliance", "2005")
    # its name spells out its members
    assert "US_JAPAN" not in chooser.living("alliance", "2005")
