"""The report and the page of one document: numbers, data block and HTML, without a browser."""

import base64
import csv
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from alliance_stance.cli import main
from alliance_stance.errors import InputError
from alliance_stance.inference.predictor import Predictor
from alliance_stance.inference.score_folder import EXPLAINED_SCHEMA
from alliance_stance.inference.scores import open_scores
from alliance_stance.panels.panel import PanelOptions, make_panel
from alliance_stance.reporting.document_page import PageOptions, document_page
from alliance_stance.reporting.links import Links
from alliance_stance.reporting.movers import rank_movers
from alliance_stance.reporting.pair_numbers import Sums, document_sums, group_means, quantiles
from alliance_stance.reporting.pair_rows import OTHER_SOURCES, group_sources, take_rows
from alliance_stance.reporting.periods import all_periods, check_by, period_name, period_number
from alliance_stance.reporting.report_block import write_block
from alliance_stance.reporting.report_page import ReportOptions, report_page
from alliance_stance.reporting.telling import LONGEST, _piece, choose_telling
from alliance_stance.schema import Document

HOSTILE = "</script><img src=x onerror=alert(1)>"


def tree(page: str):
    return html.document_fromstring(page)


def data_of(page: str) -> dict:
    (block,) = tree(page).xpath("//script[@id='data']")
    return json.loads(block.text)


@pytest.fixture(scope="module")
def page(report_file: Path) -> str:
    return report_file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(scored_file: Path):
    return take_rows(open_scores(scored_file), "year")


def sums_of(periods, scores) -> Sums:
    """One pair, one triple a document."""
    size = len(scores)
    return Sums(
        pairs=np.zeros(size, np.int64), documents=np.arange(size), periods=np.asarray(periods),
        scores=np.asarray(scores, float), counts=np.ones(size, np.int64),
    )  # fmt: skip


# periods


@given(st.dates(), st.dates(), st.sampled_from(["year", "quarter", "month"]))
def test_later_dates_have_later_periods(one, other, by):
    first, second = sorted((one.isoformat(), other.isoformat()))
    numbers = period_number(first, by), period_number(second, by)
    assert numbers[0] <= numbers[1]
    assert period_name(numbers[0], by) <= period_name(numbers[1], by)


@pytest.mark.parametrize(
    ("date", "by", "name"),
    [
        ("1999", "year", "1999"),
        ("1999-12", "quarter", "1999-Q4"),
        ("1999-12-31", "month", "1999-12"),
    ],
)
def test_period_has_its_name(date, by, name):
    assert period_name(period_number(date, by), by) == name


@pytest.mark.parametrize(
    ("date", "by"),
    [
        ("", "year"),
        ("1999", "quarter"),
        ("1999", "month"),
        ("5.2.1999", "year"),
        ("19990205", "year"),
    ],
)
def test_date_that_is_not_exact_enough_is_in_no_period(date, by):
    assert period_number(date, by) is None


def test_years_between_have_a_period_too():
    assert list(all_periods([3, None, 1])) == [1, 2, 3]
    assert list(all_periods([None])) == []


def test_unknown_period_is_refused():
    with pytest.raises(InputError, match="year, quarter or month"):
        check_by("decade")


# numbers


def test_interval_counts_documents_not_triples():
    one = group_means(np.array([0, 0]), np.array([10.0, 0.0]), np.array([10, 10]), 1)
    two = group_means(np.array([0, 0]), np.array([1.0, 0.0]), np.array([1, 1]), 1)
    assert one.values == two.values == 0.5
    assert one.errors == two.errors == 0.5
    assert (one.low[0], one.high[0]) == (-1, 1)


def test_one_document_has_no_interval():
    found = group_means(np.array([1]), np.array([0.5]), np.array([2]), 2)
    assert np.isnan(found.values[0])
    assert found.values[1] == 0.25
    assert np.isnan(found.low).all()


def test_intervals_hold_the_mean_in_95_of_100_simulations():
    random = np.random.default_rng(0)
    groups, documents = 4000, 20
    counts = random.integers(1, 6, (groups, documents))
    # sentences of a document share most of what they say, so triples alone would deceive
    own = random.normal(0.1, 0.2, (groups, documents))
    scores = own * counts + random.normal(0, 0.1, (groups, documents)) * np.sqrt(counts)
    owners = np.repeat(np.arange(groups), documents)
    found = group_means(owners, scores.ravel(), counts.ravel(), groups)
    covered = float(((found.low <= 0.1) & (found.high >= 0.1)).mean())
    assert 0.93 <= covered <= 0.97


@pytest.mark.parametrize("freedom", [1, 2.9, 30, 200, 201, 5000])
def test_quantiles_are_students(freedom):
    from scipy.stats import t

    assert quantiles(np.array([freedom]))[0] == pytest.approx(t.ppf(0.975, int(freedom)), abs=1e-4)


def test_quantile_needs_a_degree_of_freedom():
    assert np.isnan(quantiles(np.array([0]))).all()


def test_mover_compares_the_ends_of_its_time():
    (mover,) = rank_movers(sums_of(np.arange(15), [0.4, 0.6] * 3 + [0.0] * 3 + [-0.4, -0.6] * 3))
    assert (mover.before.first, mover.before.last) == (0, 4)
    assert (mover.after.first, mover.after.last) == (10, 14)
    assert mover.change == pytest.approx(-0.52 - 0.48)
    assert mover.low < mover.change < mover.high < 0
    assert mover.sure_change == -mover.high


def test_pair_of_one_period_does_not_move():
    assert rank_movers(sums_of(np.zeros(30, int), np.linspace(-1, 1, 30))) == []


def test_sure_movers_come_before_wide_intervals(rows):
    movers = rank_movers(document_sums(rows))
    names = [rows.states[rows.pair_states[mover.pair]] for mover in movers]
    assert names[0] == "ARM"
    assert movers[0].before.value > 0.5 > -0.5 > movers[0].after.value
    sure = [mover.sure_change for mover in movers]
    assert sure == sorted(sure, reverse=True)


# documents


def test_ready_examples_of_one_document_are_one_cluster(save_scores, tmp_path):
    place = {"sentence": None, "start": None, "end": None}
    told = [row_of(document="d", id=f"d:{n}-9#PER-UNASUR", **place) for n in range(3)]
    untold = [row_of(document=f"e#{n}", **place) for n in range(2)]
    rows = take_rows(open_scores(save_scores([*told, *untold], tmp_path / "a.parquet")), "year")
    assert rows.documents.tolist() == [0, 0, 0, 1, 1]


def test_one_name_in_two_years_is_counted_in_both(save_scores, tmp_path):
    told = [row_of(document="d", id=str(n), sentence=None, date=str(n)) for n in (2001, 2003)]
    scores = open_scores(save_scores(told, tmp_path / "a.parquet"))
    rows = take_rows(scores, "year")
    assert rows.periods == ("2001", "2002", "2003")
    assert rows.row_periods.tolist() == [0, 2]
    assert scores.documents().num_rows == 2


def test_a_document_of_two_files_is_one_document_to_report_and_panel(save_scores, tmp_path):
    rows = [row_of(document="speech", id=f"{n}", sentence=None, source=n) for n in ("b", "a")]
    scores = open_scores(save_scores(rows, tmp_path / "a.parquet"))
    taken = take_rows(scores, "year")
    assert taken.documents.tolist() == [0, 0]
    # it is counted under the file that names it first
    assert [taken.sources[one] for one in taken.document_sources] == ["b"]
    assert scores.documents()["source"].to_pylist() == ["b"]
    assert make_panel(scores, PanelOptions()).table["documents"].to_pylist() == [1]


# sources and links


def test_files_of_many_sources_are_counted_by_folder():
    names = [f"speeches/{n}.txt" for n in range(80)] + [f"wire/{n}.txt" for n in range(3)]
    assert set(group_sources(names)) == {"speeches", "wire"}


def test_rare_sources_are_brought_together():
    found = group_sources([f"source {n}" for n in range(200)] + ["common"] * 3)
    assert len(set(found)) == 50
    assert {"common", OTHER_SOURCES} <= set(found)


def facts(document: str = "a", source: str = "b") -> dict[str, str]:
    return {"document": document, "source": source}


def test_web_address_of_a_document_is_its_link(tmp_path):
    link = Links(None, tmp_path)
    assert link(facts("https://example.org/1")) == "https://example.org/1"
    assert link(facts("1", "http://example.org/x")) == "http://example.org/x"
    assert link(facts("javascript:alert(1)", "data:text/html,x")) == ""


def test_file_is_linked_from_where_the_page_lies(tmp_path):
    (tmp_path / "texts").mkdir()
    source = tmp_path / "texts" / "a b#1.txt"
    source.write_text("x")
    assert Links(None, tmp_path / "pages")(facts("a", str(source))) == "../texts/a%20b%231.txt"
    assert Links("", tmp_path)(facts("a", str(source))) == ""


def test_link_template_is_filled_in_and_encoded(tmp_path):
    link = Links("https://example.org/{source}/{document}", tmp_path)
    assert link(facts('x"><b>', "y z")) == "https://example.org/y%20z/x%22%3E%3Cb%3E"


@pytest.mark.parametrize(
    "template", ["javascript:{document}", "data:{source}", "{document}:x", "a"]
)
def test_link_template_that_could_run_is_refused(template, tmp_path):
    with pytest.raises(InputError, match="--link"):
        Links(template, tmp_path)


# sentences


def test_every_act_has_a_sentence_before_one_has_two(rows, scored_file):
    found = choose_telling(rows, open_scores(scored_file), most=2, room=10**6)
    pair = next(p for p in range(rows.pair_count) if rows.states[rows.pair_states[p]] == "GEO")
    acts = [rows.acts[t.row] for t in found if rows.pairs[t.row] == pair]
    assert len(acts) == len(set(acts)) == 2


def test_most_telling_are_the_surest(rows, scored_file):
    found = choose_telling(rows, open_scores(scored_file), most=1, room=10**6)
    assert len(found) == rows.pair_count
    for telling in found:
        of_pair = np.abs(rows.scores[rows.pairs == rows.pairs[telling.row]])
        assert abs(rows.scores[telling.row]) == pytest.approx(of_pair.max(), abs=0.01)


def test_page_without_room_shows_fewer_sentences(rows, scored_file):
    found = choose_telling(rows, open_scores(scored_file), most=40, room=350)
    assert 0 < len(found) <= rows.pair_count


def test_sentence_that_stands_twice_is_shown_once(save_scores, tmp_path):
    from_conftest = [row_of(text="Peru left UNASUR.", document=str(n)) for n in range(3)]
    scores = open_scores(save_scores(from_conftest, tmp_path / "a.parquet"))
    assert len(choose_telling(take_rows(scores, "year"), scores, most=40, room=10**6)) == 1


def row_of(**changes) -> dict:
    row = {
        "document": "d", "source": "s", "title": "", "date": "2001", "speaker_state": None,
        "sentence": 0, "start": 0, "end": 17, "text": "Peru left UNASUR.", "state": "PER",
        "alliance": "UNASUR", "state_how": "name", "alliance_how": "acronym", "state_start": 0,
        "state_end": 4, "alliance_start": 10, "alliance_end": 16, "membership": None,
        "stance": "against", "act": "leave", "score": -0.8, "against": 0.85, "favor": 0.05,
        "neutral": 0.1,
    }  # fmt: skip
    return row | changes


def report_of(row: dict, save_scores, folder: Path, knowledge) -> str:
    scores = open_scores(save_scores([row], folder / "one.parquet"))
    return report_page(scores, knowledge, ReportOptions(), folder=folder).page


def test_names_are_marked_where_a_browser_counts_them(save_scores, tmp_path, knowledge):
    # the sign takes two places in a browser's strings; offsets are of the document
    row = row_of(text="\U0001f30d Peru left UNASUR.", start=100, state_start=102, state_end=106,
                 alliance_start=112, alliance_end=118)  # fmt: skip
    shown = data_of(report_of(row, save_scores, tmp_path, knowledge))["shown"]
    assert (shown["state"], shown["alliance"]) == ([[3, 7]], [[13, 19]])


def test_offsets_of_a_ready_example_point_into_its_text(save_scores, tmp_path, knowledge):
    row = row_of(sentence=None, start=None, end=None, alliance_start=None, alliance_end=None)
    shown = data_of(report_of(row, save_scores, tmp_path, knowledge))["shown"]
    assert (shown["state"], shown["alliance"]) == ([[0, 4]], [0])


def test_long_sentence_is_cut_around_its_names(save_scores, tmp_path, knowledge):
    before = "word " * 400
    row = row_of(text=f"{before}Peru left UNASUR. {before}", state_start=2000, state_end=2004,
                 alliance_start=2010, alliance_end=2016)  # fmt: skip
    data = data_of(report_of(row, save_scores, tmp_path, knowledge))
    (text,), ((start, end),) = data["texts"], data["shown"]["state"]
    assert text[start:end] == "Peru"
    assert len(text) < LONGEST + 50
    assert text.startswith("\u2026 word")


def with_deciding(words, path):
    pq.write_table(pa.Table.from_pylist([row_of(deciding=words)], EXPLAINED_SCHEMA), path)
    return open_scores(path)


def test_deciding_words_are_marked_where_the_scores_tell_them(tmp_path, knowledge):
    scores = with_deciding([[5, 9]], tmp_path / "a.parquet")
    page = report_page(scores, knowledge, ReportOptions(), folder=tmp_path).page
    assert data_of(page)["deciding"] == {"0": [[5, 9]]}


def test_deciding_words_without_an_end_are_refused(tmp_path, knowledge):
    scores = with_deciding([[5]], tmp_path / "a.parquet")
    with pytest.raises(InputError, match="a start and an end"):
        report_page(scores, knowledge, ReportOptions(), folder=tmp_path)


# data block


def test_block_holds_every_triple(page, rows):
    data = data_of(page)
    assert data["rows"]["score"] == [round(1000 * score) for score in rows.scores]
    assert np.cumsum(data["rows"]["document"]).tolist() == rows.documents.tolist()
    assert sum(data["pairs"]["triples"]) == len(rows.pairs)
    assert data["rows"]["act"] == rows.acts.tolist()


def test_nothing_in_a_block_ends_its_element():
    written = write_block({"text": "</script><!-- ]]> & \u2028"})
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"text": "</script><!-- ]]> & \u2028"}


# change points


@pytest.mark.parametrize("by", ["year", "quarter"])
def test_report_and_panel_give_the_same_change_points(by, scored_file, tmp_path):
    changes, output = tmp_path / "changes.csv", tmp_path / "page.html"
    scores = str(scored_file)
    assert main(["panel", scores, "--by", by, "--changes", str(changes)]) == 0
    assert main(["report", scores, "--by", by, "--output", str(output)]) == 0
    with changes.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert {row["state"] for row in expected} == {"ARM", "UKR"}
    data = data_of(output.read_text(encoding="utf-8"))
    assert len(data["changes"]) == len(expected)
    for (pair, before, since, *numbers), row in zip(data["changes"], expected, strict=True):
        state = data["states"][data["pairs"]["state"][pair]][0]
        alliance = data["alliances"][data["pairs"]["alliance"][pair]][0]
        assert (state, alliance) == (row["state"], row["alliance"])
        assert (data["periods"][before], data["periods"][since]) == (row["before"], row["since"])
        names = ("level_before", "level_since", "p_value", "p_holm")
        assert numbers == pytest.approx([float(row[name]) for name in names], abs=5e-5)


def test_change_points_stand_in_the_page_surest_first(page):
    found = [
        [cell.text_content() for cell in line]
        for line in tree(page).xpath("//*[@id='change-rows']/tr")
    ]
    assert found[0][0] == "Armenia, CSTO"
    assert found[0][2:4] == ["2011", "2012"]
    assert found[0][6:] == ["<0.001", "<0.001"]
    assert len(found) == len(data_of(page)["changes"])
    assert f"{len(found)} of {len(found)} change points" in tree(page).text_content()


def test_page_tells_then_and_now_from_when(page):
    heads = [head.text_content() for head in tree(page).xpath("//h2[@id]")]
    assert "When levels changed" in heads
    assert "First and last third: who moved most" in heads


# page


def test_matrix_stands_in_the_page_without_a_script(page, rows):
    grid = tree(page).get_element_by_id("grid")
    heads = [cell.text_content().strip() for cell in grid.xpath("./thead//button")]
    found = {
        (line.xpath("string(./th//span[@class='code'])"), head): cell.text_content()
        for line in grid.xpath("./tbody/tr")
        for head, cell in zip(heads, line.xpath("./td"), strict=True)
        if cell.text_content()
    }
    assert len(found) == rows.pair_count
    for pair in range(rows.pair_count):
        own = rows.scores[rows.pairs == pair]
        key = (rows.states[rows.pair_states[pair]], rows.alliances[rows.pair_alliances[pair]])
        sign = "+" if own.mean() > 0 else "\u2212"
        assert found[key] == f"{sign}{abs(own.mean()):.2f}{len(own)}" or abs(own.mean()) < 0.005


def test_policy_allows_the_pages_own_style_and_script_and_nothing_else(page):
    found = tree(page)
    (policy,) = found.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    for text in (style, script):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert found.xpath("//@style | //@src | //link | //@onclick") == []


def test_hostile_text_stays_text(page):
    found = tree(page)
    assert found.xpath("//img") == []
    assert len(found.xpath("//script")) == 2
    assert any("<img src=x" in text for text in data_of(page)["texts"])
    assert found.xpath("string(//title)") == "Stances of states toward alliances"


def test_page_of_a_hostile_title_stays_a_page(scored_file, knowledge, tmp_path):
    options = ReportOptions(title=HOSTILE)
    written = report_page(open_scores(scored_file), knowledge, options, folder=tmp_path).page
    assert tree(written).xpath("//img") == []
    assert tree(written).xpath("string(//h1)") == HOSTILE


def test_unknown_state_is_shown_by_its_code(save_scores, tmp_path, knowledge):
    page = report_of(row_of(state="XYZ"), save_scores, tmp_path, knowledge)
    assert data_of(page)["states"] == [["XYZ", "XYZ"]]


def test_scores_without_a_date_have_a_matrix_and_no_curve(save_scores, tmp_path, knowledge):
    data = data_of(report_of(row_of(date=""), save_scores, tmp_path, knowledge))
    assert (data["periods"], data["curves"]["pair"], data["changes"]) == ([], [], [])


# verbs


def test_report_writes_a_page(scored_file, tmp_path, capsys):
    output = tmp_path / "deep" / "page.html"
    status = main(["report", str(scored_file), "--output", str(output), "--by", "quarter",
                   "--title", "Tried", "--sentences", "1"])  # fmt: skip
    assert status == 0
    page = output.read_text(encoding="utf-8")
    assert tree(page).xpath("string(//h1)") == "Tried"
    assert data_of(page)["by"] == "quarter"
    assert len(data_of(page)["shown"]["row"]) == 4
    assert "4 sentences" in capsys.readouterr().err


def test_report_without_sentences_has_numbers(scored_file, tmp_path):
    output = tmp_path / "page.html"
    assert main(["report", str(scored_file), "-o", str(output), "--sentences", "0"]) == 0
    assert data_of(output.read_text(encoding="utf-8"))["texts"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "missing"),
        (["SCORES", "--by", "decade"], "--by"),
        (["SCORES", "--link", "javascript:{document}"], "--link"),
    ],
)
def test_bad_report_is_one_line_and_writes_nothing(
    arguments, message, scored_file, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    given = [str(scored_file) if a == "SCORES" else a for a in arguments]
    assert main(["report", *given]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_report_of_no_triple_is_refused(save_scores, tmp_path, capsys):
    assert main(["report", str(save_scores([], tmp_path / "none.parquet"))]) == 2
    assert "no triples" in capsys.readouterr().err


def test_report_of_an_unknown_act_is_refused(save_scores, tmp_path, capsys):
    path = save_scores([row_of(act="dance")], tmp_path / "a.parquet")
    assert main(["report", str(path)]) == 2
    assert "'dance'" in capsys.readouterr().err


# one document

TEXT = """The talks <b>failed</b>.

Armenia & Belarus left the CSTO on Monday.  Georgia praised NATO; it
also thanked the EU."""


@pytest.fixture(scope="module")
def document_html(predictor: Predictor) -> str:
    document = Document("d", TEXT, title="<i>Talks</i>", date="2024-05-01")
    return document_page(
        document, predictor.predict(document), predictor.artifact.knowledge, PageOptions("m", 1.0)
    )


def test_text_of_the_document_is_whole(document_html):
    found = tree(document_html)
    (article,) = found.xpath("//article")
    for badge in article.xpath(".//a"):
        badge.drop_tree()
    assert article.text_content() == TEXT
    assert found.xpath("string(//h1)") == "<i>Talks</i>"


def test_every_triple_is_marked_listed_and_linked(document_html, predictor):
    found = tree(document_html)
    predictions = predictor.predict(Document("d", TEXT, date="2024-05-01"))
    assert len(predictions) >= 4
    badges = found.xpath("//article//a")
    assert len(badges) == len(found.xpath("//tbody/tr")) == len(predictions)
    ids = set(found.xpath("//@id"))
    assert {link[1:] for link in found.xpath("//main//a/@href")} <= ids
    for badge, prediction in zip(badges, predictions, strict=True):
        said = badge.xpath("string(.//*[@class='tip'])")
        assert f"{prediction.stance}, {prediction.act}" in said
        assert str(prediction.stance) in badge.get("class").split()
        assert "abstained" in said


def test_names_carry_the_numbers_of_their_triples(document_html):
    marks = {
        mark.text: mark.get("class").split()
        for mark in tree(document_html).xpath("//article//mark")
    }
    assert {"Armenia", "Belarus", "CSTO", "Georgia", "NATO"} <= set(marks)
    assert "state" in marks["Armenia"]
    assert "alliance" in marks["CSTO"]
    assert {"k1", "k2"} <= set(marks["CSTO"])


def test_document_without_a_triple_is_a_page_too(predictor):
    page = document_page(Document("d", "Rain."), [], predictor.artifact.knowledge, PageOptions("m"))
    assert "No sentence pairs" in tree(page).text_content()


def test_document_of_neutral_triples_alone_says_so(predictor):
    options = PageOptions("m", left_out=2)
    page = document_page(Document("d", TEXT), [], predictor.artifact.knowledge, options)
    assert "0 triples of a state, an alliance and a stance; 2 neutral left out." in page


def test_names_of_every_triple_of_a_long_sentence_are_framed(predictor):
    states = ("Russia", "Belarus", "Kazakhstan", "Serbia", "Georgia", "Moldova", "Cuba", "Iran")
    document = Document("d", f"{', '.join(states)}, Peru and Chile praised the CSTO.")
    predictions = predictor.predict(document)
    assert len(predictions) == 10
    page = document_page(document, predictions, predictor.artifact.knowledge, PageOptions("m"))
    (mark,) = tree(page).xpath("//article//mark[.='CSTO']")
    numbers = [name for name in mark.get("class").split() if name.startswith("k")]
    assert numbers == [f"k{place}" for place in range(1, 11)]
    for number in numbers:
        assert f".s:has(.{number}:is(:hover, :focus)) mark.{number}" in page
    assert ".k11" not in page


def test_predict_writes_one_document_as_a_page(linear_artifact, tmp_path, capsys):
    (tmp_path / "a.txt").write_text(TEXT)
    output = tmp_path / "a.html"
    status = main(
        ["predict", str(tmp_path / "a.txt"), "-m", str(linear_artifact), "--html", str(output)]
    )
    assert status == 0
    assert capsys.readouterr().out == ""
    assert str(tmp_path) not in output.read_text(encoding="utf-8")


def test_page_tells_why_where_it_is_asked(linear_artifact, tmp_path, capsys):
    path, output = tmp_path / "a.txt", tmp_path / "a.html"
    hostile = "Armenia left the CSTO </blockquote><script>alert(1)</script> & wept."
    path.write_text(f"{TEXT} {hostile}", encoding="utf-8")
    arguments = ["predict", str(path), "-m", str(linear_artifact), "--explain"]
    assert main([*arguments, "--html", str(output)]) == 0
    assert capsys.readouterr().out == ""
    found = tree(output.read_text(encoding="utf-8"))
    whys = found.xpath("//section[@class='why']")
    assert len(whys) == len(found.xpath("//tbody/tr"))
    assert found.xpath("//script | //@style") == []
    (sentence,) = {
        own for own in found.xpath("//blockquote/text()/..") if "wept" in own.text_content()
    }
    assert hostile in sentence.text_content()
    assert sentence.xpath("./span[@class='name']/text()") == ["Armenia", "CSTO"]
    assert {"raises", "lowers", "name"} >= set(found.xpath("//blockquote/span/@class"))
    assert found.xpath("//blockquote/span[@class='raises']")
    heads = whys[0].xpath(".//dt/text()")
    assert heads == ["words", "features", "state", "alliance", "rules"]
    assert main([*arguments, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for own, row in zip(whys, rows, strict=True):
        base = f"{row['explanation']['names_alone']:.2f} from the judged names alone"
        assert base in own.text_content()
        assert all(rule["claim"] in own.text_content() for rule in row["explanation"]["rules"])


def test_page_without_explanations_has_no_why(document_html):
    assert tree(document_html).xpath("//*[@id='why']") == []


def test_several_documents_are_no_page(linear_artifact, tmp_path, capsys):
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(TEXT)
    status = main(["predict", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "-m",
                   str(linear_artifact), "--html", str(tmp_path / "x.html")])  # fmt: skip
    assert status == 2
    assert "several documents" in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()


@pytest.mark.parametrize("at", [0, 3_000, 40_000])
def test_a_run_of_signs_without_a_space_is_cut(at):
    text = "=" * at + " Qatar left OPEC. " + "=" * 50_000
    start = text.index("Qatar")
    piece, moved = _piece(text, [(start, start + 5)])
    assert len(piece) < 1_000
    assert piece[start + moved :].startswith("Qatar left OPEC. ")
