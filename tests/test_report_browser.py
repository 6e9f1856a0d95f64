"""The pages in a headless browser: filters, a cell, keys alone, a small screen, print, axe.

Skipped where Playwright or a browser is not installed.
"""

import shutil
from pathlib import Path

import pytest

from alliance_stance.inference.scores import open_scores
from alliance_stance.reporting.pair_rows import take_rows
from alliance_stance.schema import ACTS

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium or Chrome on the machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=QUIET, timeout=120_000)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """Open a page from its file; what goes wrong in it, or leaves it, fails the test."""
    troubles: list[str] = []
    contexts = []

    def visit(path: Path, address: str = "", *, width: int = 1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda told: troubles.append(told.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: _is_own(asked.url, path) or troubles.append(asked.url))
        page.goto(f"{path.as_uri()}{address}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert troubles == []


def _is_own(address: str, path: Path) -> bool:
    return address.split("#")[0] == path.as_uri()


CELLS = """() => {
  const text = (cell) => cell.textContent.trim();
  const heads = [...document.querySelectorAll("#grid thead button")].map(text);
  const found = {};
  for (const line of document.querySelectorAll("#grid tbody tr")) {
    [...line.querySelectorAll("td")].forEach((cell, place) => {
      const key = `${text(line.querySelector(".code"))} ${heads[place]}`;
      if (text(cell)) found[key] = `${cell.className} ${text(cell)}`;
    });
  }
  return found;
}"""


def cells(page) -> dict[str, str]:
    """Every filled cell by state and alliance."""
    return page.evaluate(CELLS)


def test_script_draws_what_the_page_was_written_with(visit, report_file):
    page = visit(report_file)
    written = cells(page), page.inner_text("#mover-rows"), page.inner_text("#mover-count")
    # there and back, so that the script has drawn both anew
    page.select_option("#act", "all-favor")
    assert cells(page) != written[0]
    page.click("#filters button")
    assert (cells(page), page.inner_text("#mover-rows"), page.inner_text("#mover-count")) == written
    assert page.title() == "Stances of states toward alliances"


def test_filters_count_exactly(visit, report_file, scored_file):
    rows = take_rows(open_scores(scored_file), "year")
    page = visit(report_file, "#pair=ARM-CSTO&act=leave&from=2013&source=speeches")
    periods = rows.row_periods
    armenia = rows.pair_states[rows.pairs] == rows.states.index("ARM")
    speech = rows.document_sources[rows.documents] == rows.sources.index("speeches")
    late = periods >= rows.periods.index("2013")
    kept = armenia & speech & late & (rows.acts == list(ACTS).index("leave"))
    mean = f"\u2212{abs(rows.scores[kept].mean()):.2f}"
    assert cells(page)["ARM CSTO"].endswith(f"{mean}{kept.sum()}")
    assert f"Mean score {mean}" in page.inner_text("#pair-mean")
    assert f"of {kept.sum()}." in page.inner_text("#sentence-count")
    assert "leave" in page.inner_text("#status")
    assert set(page.locator("#sentences .stance").all_inner_texts()) == {"against, leave"}
    # the skip link does not undo them
    page.focus(".skip")
    page.keyboard.press("Enter")
    assert cells(page)["ARM CSTO"].endswith(f"{mean}{kept.sum()}")


def test_filtered_curve_has_the_bands_that_the_page_was_written_with(visit, report_file):
    page = visit(report_file, "#pair=GEO-CIS")
    rows = "#points tbody tr"
    given = page.locator(rows).all_text_contents()
    # every triple of the pair is against, so the filter leaves all and the script computes
    page.select_option("#act", "all-against")
    assert "what the filters leave" in page.inner_text("#chart-note")
    assert page.locator(rows).all_text_contents() == given
    assert len(given) == 12


def test_filters_choose_change_points_by_pair_alone(visit, report_file):
    page = visit(report_file, "#pair=ARM-CSTO")
    assert "2012 (+0.61 to" in page.inner_text("#chart-note")
    page.select_option("#state", "UKR")
    shown = page.locator("#change-rows tr:visible th").all_inner_texts()
    assert set(shown) == {"Ukraine, NATO"}
    page.click("#filters button")
    count = page.locator("#change-rows tr:visible").count()
    page.select_option("#act", "leave")
    assert page.locator("#change-rows tr:visible").count() == count
    assert "all triples" in page.inner_text("#change-note")


def test_filter_that_leaves_nothing_says_so(visit, report_file):
    page = visit(report_file, "#state=GEO&alliance=NATO")
    assert page.inner_text("#status") == "No triple fits these filters."
    page.click("#filters button")
    assert len(cells(page)) == 4


def test_keys_alone_open_a_cell_and_come_back(visit, report_file):
    page = visit(report_file)
    focused = "document.activeElement.dataset.p ?? document.activeElement.textContent"
    page.focus("#order")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('table')?.id") == "grid"
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    first = page.evaluate(focused)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == first
    assert "95 % interval" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "pair-title"
    page.keyboard.press("Escape")
    assert page.evaluate(focused) == first
    # one stop of the Tab key for the whole matrix
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('table')?.id") != "grid"


def test_head_sorts_its_column(visit, report_file):
    page = visit(report_file)
    page.click("#grid thead button >> text=CIS")
    assert page.get_attribute("#grid thead [aria-sort]", "aria-sort") == "descending"
    assert page.inner_text("#grid tbody tr:first-child .name") == "Georgia"


def test_sentence_marks_its_names_and_links_its_document(visit, report_file):
    page = visit(report_file, "#pair=UKR-NATO")
    item = page.locator("#sentences > li").first
    assert item.locator("mark.state").inner_text() == "UKR"
    assert item.locator("mark.alliance").inner_text() == "NATO"
    assert item.locator("a").get_attribute("href").startswith("https://example.org/ukr-20")
    before = page.locator("#sentences > li").count()
    page.click("#more")
    assert page.locator("#sentences > li").count() > before


def test_small_screen_needs_no_sideways_scrolling(visit, report_file):
    page = visit(report_file, "#pair=ARM-CSTO", width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click("[data-p] >> nth=1")
    assert page.evaluate("document.getElementById('pair').getBoundingClientRect().top") < 800


def test_paper_shows_what_is_chosen(visit, report_file):
    page = visit(report_file, "#pair=ARM-CSTO")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.is_visible("#filters")
    assert page.is_visible("#grid")
    assert page.is_visible("#chart svg")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")


def test_page_without_a_script_shows_its_tables(visit, report_file):
    page = visit(report_file, java_script_enabled=False)
    assert page.locator("#grid [data-p]").count() == 4
    assert page.locator("#mover-rows tr").count() >= 2
    assert page.locator("#change-rows tr").count() >= 2
    assert not page.is_visible("#filters")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_serious(visit, report_file, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visit(report_file, "#pair=ARM-CSTO", width=width, color_scheme=scheme)
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 20
    assert [(own["id"], own["impact"]) for own in found["violations"]] == []


def test_page_of_a_document_shows_a_triple_where_it_is_focused(visit, predictor, tmp_path):
    from alliance_stance.reporting.document_page import PageOptions, document_page
    from alliance_stance.schema import Document

    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    document = Document("d", "Armenia and Belarus left the CSTO.")
    path = tmp_path / "d.html"
    predictions = predictor.predict(document)
    written = document_page(document, predictions, predictor.artifact.knowledge, PageOptions("m"))
    path.write_text(written, encoding="utf-8")
    page = visit(path, width=360)
    tip = page.locator(".tip").nth(1)
    assert not tip.is_visible()
    page.focus(".badge >> nth=1")
    assert "Belarus, CSTO" in tip.inner_text()
    outline = "getComputedStyle(document.querySelector('mark.k{}')).outlineStyle"
    assert page.evaluate(outline.format(2)) == "solid"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert axe.Axe().run(page).response["violations"] == []
