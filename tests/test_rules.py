"""Labelling rules, what they look at, their votes, and the models that weigh them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alliance_stance.errors import DatasetError
from alliance_stance.evaluation.label_scores import judge, judge_by_folds, score_labels
from alliance_stance.extraction.candidates import CandidateFinder
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.labeling.label_model import (
    DEFAULT,
    LABEL_MODELS,
    LabelModel,
    MaceModel,
    MajorityModel,
    Status,
    WeighedModel,
    measure_worth,
    read_worth,
    stance_sums,
    worth_text,
)
from alliance_stance.labeling.rule_figures import Share, doubtful_voters, measure_voters
from alliance_stance.labeling.rules.rule import Case, Rule
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.scenes.deeds import Deed
from alliance_stance.labeling.scenes.scene import Scene
from alliance_stance.labeling.scenes.skeleton import skeleton
from alliance_stance.labeling.votes import (
    ABSTAIN,
    VoteMatrix,
    apply_rules,
    read_votes,
    rules_fingerprint,
    vote_on_candidate,
    write_votes,
)
from alliance_stance.reporting.rule_table import rules_markdown
from alliance_stance.schema import (
    ACTS,
    STANCE_OF_ACT,
    STANCES,
    Act,
    Candidate,
    Document,
    Example,
    Label,
    Stance,
)

_DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def finder(knowledge: Knowledge) -> CandidateFinder:
    return CandidateFinder(knowledge)


def find(finder: CandidateFinder, case: Case) -> Candidate:
    document = Document("d", case.text, case.title, case.date, case.speaker_state)
    found = list(finder.find_candidates(document))
    last = max((candidate.sentence for candidate in found), default=0)
    own = [
        c for c in found if (c.sentence, c.state, c.alliance) == (last, case.state, case.alliance)
    ]
    assert own, f"no pair {case.state}-{case.alliance} in {case.text!r}: {found}"
    return own[0]


def scene(finder: CandidateFinder, text: str, state: str, alliance: str, **more: str) -> Scene:
    return Scene(find(finder, Case(text, state, alliance, **more)))


def deed(own: Scene, verb: str) -> Deed:
    return next(found for found in own.deeds if found.verb == verb)


# --- the table ---


def test_there_are_at_least_sixty_rules_of_all_acts_with_names_of_their_own() -> None:
    assert len(RULES) >= 60
    assert {rule.act for rule in RULES} == set(Act)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_neutral_has_many_rules() -> None:
    neutral = [rule for rule in RULES if STANCE_OF_ACT[rule.act] is Stance.NEUTRAL]
    assert len(neutral) >= 20


def test_rules_follow_numbers_of_the_codebook() -> None:
    text = (_DOCS / "codebook.md").read_text(encoding="utf-8")
    numbers = {int(number) for number in re.findall(r"^(\d+)\. \*\*", text, flags=re.MULTILINE)}
    assert max(numbers) >= 67
    for rule in RULES:
        assert rule.codebook, rule.name
        assert set(rule.codebook) <= numbers, rule.name


def test_a_rule_is_named_as_its_function_and_says_what_it_claims() -> None:
    for rule in RULES:
        assert rule.holds.__name__ == rule.name
        assert rule.holds.__doc__


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_fires_on_its_sentence(rule: Rule, finder: CandidateFinder) -> None:
    assert rule.holds(Scene(find(finder, rule.fires)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_does_not_fire_on_its_near_miss(rule: Rule, finder: CandidateFinder) -> None:
    assert not rule.holds(Scene(find(finder, rule.near_miss)))


# --- skeletons ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Armenian prime minister left the CSTO.", "@S left @A ."),
        ("Armenia's foreign ministry praised the CSTO.", "@S praised @A ."),
        ("The president of Armenia praised the CSTO.", "@S praised @A ."),
        ("Armenian voters dislike the CSTO.", "@U dislike @A ."),
        ("A former Armenian president praised the CSTO.", "a @U praised @A ."),
        ("The CSTO (Collective Security Treaty Organization) met Armenia.", "@A met @S ."),
        ("Armenia and Belarus praised the CSTO.", "@S praised @A ."),
        ("The CSTO and the CIS praised Armenia.", "@A praised @S ."),
        ("Armenia on Tuesday left the CSTO.", "@S left @A ."),
    ],
)
def test_skeleton(text: str, expected: str, finder: CandidateFinder) -> None:
    assert skeleton(find(finder, Case(text, "ARM", "CSTO"))).text == expected


def test_own_people_are_the_state_in_its_own_speech(finder: CandidateFinder) -> None:
    case = Case("The people of Ghana thank the African Union.", "GHA", "AU")
    assert "@U" in skeleton(find(finder, case)).text
    own = skeleton(find(finder, replace(case, speaker_state="GHA"))).text
    assert "@S" in own
    assert "@U" not in own


def test_first_person_of_the_judged_speaker_is_the_state(finder: CandidateFinder) -> None:
    own = scene(finder, "We thank the African Union.", "GHA", "AU", speaker_state="GHA")
    assert own.text == "@S thank @A ."
    assert own.is_author


def test_lists_are_one_doer_that_knows_its_length(finder: CandidateFinder) -> None:
    own = scene(finder, "Kenya, Ghana, Togo and Mali left the African Union.", "TGO", "AU")
    assert own.text == "@S left @A ."
    assert own.listed == 4


# --- deeds ---


@pytest.mark.parametrize(
    ("text", "verb", "subject"),
    [
        ("Paris left NATO.", "leave", "@S"),
        ("Berlin says that Paris left NATO.", "leave", "@S"),
        ("Paris says that Berlin left NATO.", "leave", "@O"),
        ("Paris, which owns ships, left NATO.", "leave", "@S"),
        ("Paris met Berlin and left NATO.", "leave", "@S"),
        ("Berlin met Paris and left NATO.", "leave", "@O"),
        ("Paris decided to leave NATO.", "leave", "@S"),
        ("The decision of Paris to leave NATO came late.", "leave", "@S"),
        ("NATO was praised by Paris.", "praise", "@S"),
        ("NATO's friends in Paris left.", "leave", ""),
        ("Berlin urged Paris to leave NATO.", "leave", "@S"),
    ],
)
def test_subject_of_a_verb(text: str, verb: str, subject: str, finder: CandidateFinder) -> None:
    assert deed(scene(finder, text, "FRA", "NATO"), verb).subject == subject


def test_negation_reaches_its_own_verb_alone(finder: CandidateFinder) -> None:
    own = scene(finder, "Paris will not leave NATO, Berlin said.", "FRA", "NATO")
    assert deed(own, "leave").is_negated
    other = scene(finder, "Paris did not wait and left NATO.", "FRA", "NATO")
    assert not deed(other, "leave").is_negated


def test_negation_is_inherited_by_a_joined_verb_without_a_form_of_its_own(
    finder: CandidateFinder,
) -> None:
    own = scene(finder, "Paris will not support or join NATO.", "FRA", "NATO")
    assert deed(own, "join").is_negated


@pytest.mark.parametrize(
    ("text", "is_real"),
    [
        ("Paris left NATO.", True),
        ("Paris decided to leave NATO.", True),
        ("Paris would leave NATO.", True),
        ("Paris may leave NATO.", False),
        ("Paris will probably leave NATO.", False),
        ("If Paris left NATO, Berlin would stay.", False),
        ("Did Paris leave NATO?", False),
        ("Paris refused to leave NATO.", False),
        ("Paris was urged to leave NATO.", False),
        ("Berlin demanded that Paris leave NATO.", False),
        ("Paris did not leave NATO.", False),
    ],
)
def test_what_is_a_real_deed(text: str, is_real: bool, finder: CandidateFinder) -> None:
    own = scene(finder, text, "FRA", "NATO")
    assert own.is_real(deed(own, "leave")) is is_real


def test_a_guess_in_the_states_own_voice_is_real(finder: CandidateFinder) -> None:
    own = scene(finder, "We may leave NATO.", "FRA", "NATO", speaker_state="FRA")
    assert own.is_real(deed(own, "leave"))


def test_passive_has_a_patient(finder: CandidateFinder) -> None:
    own = scene(finder, "Gabon was suspended from the African Union.", "GAB", "AU")
    assert deed(own, "suspend").patient == "@S"
    assert deed(own, "suspend").subject == ""
    assert own.suffers({"suspend"})


def test_nouns_of_verbs_have_the_possessor_as_doer(finder: CandidateFinder) -> None:
    own = scene(finder, "Canada's full support for NATO is known.", "CAN", "NATO")
    assert (deed(own, "support").form, deed(own, "support").subject) == ("noun", "@S")


def test_quoted_words_are_known(finder: CandidateFinder) -> None:
    own = scene(finder, 'Paris said: "We left NATO."', "FRA", "NATO")
    assert deed(own, "leave").is_quoted
    assert not deed(own, "say").is_quoted


def test_what_follows_a_verb_ends_with_its_clause(finder: CandidateFinder) -> None:
    own = scene(finder, "Paris praised Berlin, which left NATO.", "FRA", "NATO")
    assert "@A" not in deed(own, "praise").after


def test_a_long_sentence_takes_no_time(finder: CandidateFinder) -> None:
    text = "Paris said " + "and asked to go and wanted and promised to see " * 80 + "NATO."
    own = scene(finder, text, "FRA", "NATO")
    assert len(own.deeds) > 100


# --- votes ---


def matrix(rows: Sequence[Sequence[int]], documents: Sequence[str] | None = None) -> VoteMatrix:
    votes = np.array(rows, dtype=np.int8)
    ids = [f"d{row}/0#X-Y" for row in range(len(rows))]
    owners = list(documents) if documents else [f"d{row}" for row in range(len(rows))]
    return VoteMatrix(ids, owners, [f"rule{place}" for place in range(votes.shape[1])], votes)


JOIN, LEAVE, DESCRIBE, AFFIRM = (
    ACTS.index(act) for act in (Act.JOIN, Act.LEAVE, Act.DESCRIBE, Act.AFFIRM)
)
__ = ABSTAIN


def labels(*acts: Act) -> list[Label]:
    return [Label(STANCE_OF_ACT[act], act) for act in acts]


def test_rules_vote_on_examples(finder: CandidateFinder) -> None:
    candidate = find(finder, Case("Qatar left OPEC.", "QAT", "OPEC"))
    votes = apply_rules([Example("x", candidate)])
    assert votes.names == [rule.name for rule in RULES]
    assert votes.votes[0, votes.names.index("leaves")] == LEAVE
    assert votes.votes[0].tolist() == vote_on_candidate(candidate)
    assert votes.fingerprint == rules_fingerprint()


def test_no_examples_give_an_empty_matrix() -> None:
    assert apply_rules([]).votes.shape == (0, len(RULES))


def test_votes_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    votes = replace(matrix([[JOIN, __], [__, LEAVE]]), fingerprint="abc")
    path = tmp_path / "votes.npz"
    write_votes(path, votes)
    again = read_votes(path)
    assert (again.ids, again.documents, again.names) == (votes.ids, votes.documents, votes.names)
    assert again.fingerprint == "abc"
    assert again.votes.tolist() == votes.votes.tolist()


def test_damaged_or_missing_vote_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.npz"
    with pytest.raises(DatasetError, match="no such file"):
        read_votes(path)
    path.write_text("not votes", encoding="utf-8")
    with pytest.raises(DatasetError, match="write it anew"):
        read_votes(path)
    np.savez(path, votes=np.zeros(1))
    with pytest.raises(DatasetError, match="write it anew"):
        read_votes(path)
    write_votes(path, matrix([[99]]))
    with pytest.raises(DatasetError, match="no acts"):
        read_votes(path)


def test_annotators_and_models_are_further_columns() -> None:
    votes = matrix([[JOIN], [__]]).with_column("anna", [None, Act.LEAVE])
    assert votes.names == ["rule0", "anna"]
    assert votes.votes.tolist() == [[JOIN, __], [__, LEAVE]]
    with pytest.raises(DatasetError, match="twice"):
        votes.with_column("anna", [None, None])
    with pytest.raises(DatasetError, match="2"):
        votes.with_column("bert", [None])


def test_figures_can_be_counted_by_hand() -> None:
    votes = matrix([[JOIN, AFFIRM], [JOIN, LEAVE], [JOIN, __], [__, __]])
    first, second = measure_voters(votes, labels(Act.JOIN, Act.AFFIRM, Act.DESCRIBE, Act.JOIN))
    assert (first.acts, first.count, first.coverage) == ((Act.JOIN,), 3, 3 / 4)
    assert (first.overlap, first.conflict) == (2 / 4, 1 / 4)
    assert first.stance_accuracy.value == 2 / 3
    assert first.act_accuracy.value == 1 / 3
    assert second.acts == (Act.AFFIRM, Act.LEAVE)
    assert second.stance_accuracy.value == 1 / 2


def test_figures_without_labels_or_votes_are_empty() -> None:
    votes = matrix([[JOIN, __]])
    assert measure_voters(votes)[0].stance_accuracy == Share(None)
    assert measure_voters(votes, labels(Act.JOIN))[1].stance_accuracy == Share(None)


def test_intervals_are_drawn_by_document() -> None:
    rows = [[JOIN]] * 20
    given = labels(*[Act.JOIN] * 10, *[Act.DESCRIBE] * 10)
    apart = measure_voters(matrix(rows), given)[0].stance_accuracy
    together = measure_voters(matrix(rows, ["a"] * 10 + ["b"] * 10), given)[0].stance_accuracy
    assert together.low == 0.0
    assert apart.low is not None
    assert apart.low > 0.2


def test_a_rule_worse_than_chance_is_named() -> None:
    votes = matrix([[JOIN, JOIN]] * 6 + [[__, JOIN]] * 6)
    given = labels(*[Act.DESCRIBE] * 5, *[Act.JOIN] * 7)
    told = doubtful_voters(measure_voters(votes, given), given)
    assert len(told) == 1
    assert told[0].startswith("rule0: 0.17 of 6 votes")
    assert "surely" in told[0]


def test_a_rule_of_few_votes_is_not_warned_about() -> None:
    votes = matrix([[JOIN]] * 4 + [[__]] * 4)
    given = labels(*[Act.DESCRIBE] * 4, *[Act.JOIN] * 4)
    assert not doubtful_voters(measure_voters(votes, given), given)


# --- label models ---


def simulated(
    accuracies: Sequence[float], count: int = 600, seed: int = 0
) -> tuple[VoteMatrix, list[Label]]:
    """Give votes of columns that are right as often as told, each on two thirds of candidates."""
    random = np.random.default_rng(seed)
    stance_acts = (LEAVE, JOIN, DESCRIBE)
    right = random.integers(3, size=count)
    votes = np.full((count, len(accuracies)), ABSTAIN)
    for place, accuracy in enumerate(accuracies):
        is_right = random.random(count) < accuracy
        given = np.where(is_right, right, (right + random.integers(1, 3, size=count)) % 3)
        votes[:, place] = np.where(
            random.random(count) < 2 / 3, np.array(stance_acts)[given], ABSTAIN
        )
    known = [Label(STANCES[code], ACTS[stance_acts[code]]) for code in right]
    return matrix(votes.tolist()), known


def hits(model: LabelModel, votes: VoteMatrix, known: Sequence[Label]) -> float:
    right = [STANCES.index(label.stance) for label in known]
    fired = votes.fired
    return float((judge(model, votes).stances == right)[fired].mean())


@pytest.mark.parametrize("name", LABEL_MODELS)
def test_probabilities_sum_to_one_where_somebody_votes(name: str) -> None:
    votes, known = simulated([0.8, 0.7, 0.6], count=200)
    model = LABEL_MODELS[name]().fit(votes, known)
    sums = model.predict_proba(votes).sum(axis=1)
    assert np.allclose(sums[votes.fired], 1)
    assert not sums[~votes.fired].any()
    assert (~votes.fired).any()


@pytest.mark.parametrize("name", ["dawid-skene", "mace", "weighed"])
def test_models_that_learn_trust_the_better_column_more(name: str) -> None:
    votes, known = simulated([0.95, 0.55, 0.5])
    learned = hits(LABEL_MODELS[name]().fit(votes, known), votes, known)
    counted = hits(MajorityModel().fit(votes), votes, known)
    assert learned > counted + 0.03


@pytest.mark.parametrize("name", LABEL_MODELS)
def test_names_of_columns_change_no_label(name: str) -> None:
    votes, known = simulated([0.95, 0.6, 0.5], count=300)
    renamed = replace(votes, names=["c", "a", "b"])
    fitted = [LABEL_MODELS[name]().fit(own, known) for own in (votes, renamed)]
    first, second = (
        model.predict_proba(own) for model, own in zip(fitted, (votes, renamed), strict=True)
    )
    assert np.allclose(first, second)


def test_mace_learns_the_habit_of_each_column() -> None:
    # each column knows, or votes by its one habit
    random = np.random.default_rng(1)
    stance_acts = np.array([LEAVE, JOIN, DESCRIBE])
    right = random.integers(3, size=600)
    columns = [
        np.where(random.random(600) < knowledge, right, habit)
        for habit, knowledge in ((2, 0.9), (0, 0.5), (1, 0.3))
    ]
    votes = matrix(stance_acts[np.stack(columns, axis=1)].tolist())
    model = MaceModel().fit(votes)
    assert (judge(model, votes).stances == right).mean() > 0.9
    alone = matrix([[DESCRIBE, __, __], [__, LEAVE, __], [__, __, JOIN]])
    habits = stance_sums(model.predict_proba(alone))
    assert habits.argmax(axis=1).tolist() == [2, 0, 1]
    assert habits[0, 2] > habits[1, 0] > habits[2, 1]


def test_weights_follow_the_accuracies() -> None:
    votes, known = simulated([0.9, 0.6, 0.34])
    model = WeighedModel(min_lead=0.0).fit(votes, known)
    alone = [matrix([[JOIN if place == own else __ for place in range(3)]]) for own in range(3)]
    favor = STANCES.index(Stance.FAVOR)
    trust = [stance_sums(model.predict_proba(votes))[0, favor] for votes in alone]
    assert trust[0] > trust[1] > trust[2]
    assert trust[2] == pytest.approx(1 / 3, abs=0.1)


def test_few_votes_are_drawn_toward_the_guess() -> None:
    votes = matrix([[JOIN, __]] + [[__, JOIN]] * 40 + [[__, __]] * 40)
    known = labels(*[Act.JOIN] * 41, *[Act.DESCRIBE] * 40)
    model = WeighedModel().fit(votes, known)
    favor = STANCES.index(Stance.FAVOR)
    seldom, often = stance_sums(model.predict_proba(matrix([[JOIN, __], [__, JOIN]])))[:, favor]
    assert seldom < often


def test_the_three_kinds_of_nothing_differ() -> None:
    votes = matrix([[__, __], [JOIN, LEAVE], [DESCRIBE, __], [DESCRIBE, DESCRIBE]])
    model = MajorityModel().fit(votes)
    statuses = model.statuses(votes)
    assert statuses == [Status.UNFIRED, Status.TIE, Status.LABELLED, Status.LABELLED]
    assert STANCES[judge(model, votes).stances[2]] is Stance.NEUTRAL


def test_a_lead_that_is_too_small_is_a_tie() -> None:
    votes = matrix([[JOIN, JOIN, LEAVE]])
    assert MajorityModel(min_lead=0.2).fit(votes).statuses(votes) == [Status.LABELLED]
    assert MajorityModel(min_lead=0.4).fit(votes).statuses(votes) == [Status.TIE]


def test_acts_refine_their_stance() -> None:
    votes = matrix([[JOIN, AFFIRM, AFFIRM, DESCRIBE]])
    judged = judge(MajorityModel().fit(votes), votes)
    assert ACTS[judged.acts[0]] is Act.AFFIRM


def test_label_models_refuse_what_they_cannot_use() -> None:
    votes = matrix([[JOIN]])
    with pytest.raises(DatasetError, match="no labels"):
        WeighedModel().fit(votes)
    with pytest.raises(DatasetError, match="found 2"):
        WeighedModel().fit(votes, labels(Act.JOIN, Act.JOIN))
    with pytest.raises(DatasetError, match="no candidate"):
        MajorityModel().fit(apply_rules([]))
    with pytest.raises(DatasetError, match="other columns"):
        MajorityModel().fit(votes).predict_proba(votes.with_column("anna", [None]))
    with pytest.raises(DatasetError, match="min_lead"):
        MajorityModel(min_lead=1.0)
    with pytest.raises(DatasetError, match="no vote at all"):
        LABEL_MODELS["dawid-skene"]().fit(matrix([[__]]))


def test_the_default_is_in_the_table() -> None:
    assert DEFAULT in LABEL_MODELS


def test_scores_count_labelled_candidates_only() -> None:
    votes = matrix([[JOIN, __], [JOIN, LEAVE], [__, __], [LEAVE, __]])
    known = labels(Act.JOIN, Act.JOIN, Act.LEAVE, Act.DESCRIBE)
    scores = score_labels(judge(MajorityModel().fit(votes), votes), known, votes.documents)
    assert (scores.count, scores.labelled, scores.coverage) == (4, 2, 0.5)
    assert scores.polar_coverage == 1 / 3
    assert scores.stances[Stance.FAVOR].precision == 1.0
    assert scores.stances[Stance.AGAINST].precision == 0.0
    assert scores.statuses == {Status.LABELLED: 2, Status.TIE: 1, Status.UNFIRED: 1}


def test_folds_judge_every_candidate_by_other_documents() -> None:
    votes, known = simulated([0.9, 0.8], count=50)
    judged = judge_by_folds(WeighedModel, votes, known)
    assert len(judged.statuses) == 50
    # a document that holds every vote of a column cannot teach that column's weight to itself
    alone = matrix([[JOIN, __], [__, DESCRIBE], [__, DESCRIBE]], ["a", "b", "c"])
    assert judge_by_folds(WeighedModel, alone, labels(Act.LEAVE, Act.JOIN, Act.JOIN)).statuses


def test_what_learns_nothing_is_judged_on_one_document_alone() -> None:
    votes = matrix([[JOIN, __], [__, DESCRIBE]], ["a", "a"])
    known = labels(Act.JOIN, Act.DESCRIBE)
    judged = judge_by_folds(MajorityModel, votes, known)
    assert judged.statuses == [Status.LABELLED, Status.LABELLED]
    with pytest.raises(DatasetError, match="no candidate"):
        judge_by_folds(WeighedModel, votes, known)


def test_a_part_without_votes_in_the_others_is_no_part_to_learn_from() -> None:
    votes = matrix([[JOIN, __], [__, __]], ["a", "b"])
    with pytest.raises(DatasetError, match="no vote at all"):
        judge_by_folds(MaceModel, votes, labels(Act.JOIN, Act.DESCRIBE))


def test_the_page_shows_rules_models_and_warnings() -> None:
    votes, known = simulated([0.9, 0.8], count=60)
    scores = {
        "majority": score_labels(judge(MajorityModel().fit(votes), votes), known, votes.documents)
    }
    page = rules_markdown(votes, "a file", scores, measure_voters(votes, known), ["rule1: bad"])
    assert "60 candidates in 60 documents of a file" in page
    assert "| `rule0` |" in page
    assert "| majority |" in page
    assert "- rule1: bad" in page


def test_counts_of_votes_come_back_and_weigh_the_same(tmp_path):
    votes = np.array([[0, ABSTAIN], [0, 5], [ABSTAIN, 5], [0, 5]], dtype=np.int8)
    matrix = VoteMatrix(list("abcd"), list("abcd"), ["one", "two"], votes)
    labels = [Label(STANCE_OF_ACT[act], act) for act in (ACTS[0], ACTS[0], ACTS[5], ACTS[5])]
    worth = measure_worth(matrix, labels)
    path = tmp_path / "worth.csv"
    path.write_text(worth_text(worth), encoding="utf-8")
    fitted = WeighedModel(0.0).fit(matrix, labels)
    taken = WeighedModel(0.0).take_worth(matrix.names, read_worth(path))
    assert np.allclose(fitted.predict_proba(matrix), taken.predict_proba(matrix))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rule,against\n", "other columns"),
        ("column,voted,against,favor,neutral\n,,1,2\n", "2 counts"),
        ("column,voted,against,favor,neutral\nx,hate,1,2,3\n", "hate"),
        ("column,voted,against,favor,neutral\nx,favor,1,2,3\n", "no row of all candidates"),
    ],
)
def test_bad_counts_of_votes_are_refused(tmp_path, text, message):
    path = tmp_path / "worth.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=message):
        read_worth(path)


def test_shipped_counts_are_of_rules_that_exist():
    worth = read_worth(_DOCS.parent / "data" / "rules" / "worth.csv")
    assert set(worth.columns) <= {rule.name for rule in RULES}
    assert len(worth.columns) > 90
    assert worth.totals.sum() == 6004
