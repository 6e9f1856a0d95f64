"""Lay the pages of the documentation site out: those of the repository, and generated ones.

The site's folders are those of the repository, so that a link which works in a checkout works on
the site. Whatever page links to a file that is no page of its own takes that file along.

    python docs/site/pages.py build/site && zensical build --strict -f build/site/zensical.toml
"""

import json
import re
import shutil
import sys
from pathlib import Path

from commands import commands_page
from notebooks import notebook_page
from settings import settings_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COMMANDS, SETTINGS = "docs/command-line.md", "docs/configuration.md"
_LINK = re.compile(r"(\]\()(?!https?:|#|mailto:)([^)#\s]+)")

NAVIGATION: dict[str, dict[str, str]] = {
    "Start": {
        "Overview": "README.md",
        "In five minutes": "docs/start.md",
        "For political scientists": "docs/guides/political-scientist.md",
        "Speeches to a curve": "docs/notebooks/political-scientist.ipynb",
        "For engineers": "docs/guides/engineer.md",
        "Labels to a model": "docs/notebooks/engineer.ipynb",
        "For annotators": "docs/guides/annotator.md",
        "For data engineers": "docs/guides/data-engineer.md",
        "Your own labels to a model": "docs/guides/own-labels.md",
        "How good it is": "docs/results.md",
        "How to cite": "docs/cite.md",
    },
    "Using it": {
        "Readers": "docs/readers.md",
        "Extraction": "docs/extraction.md",
        "Explanations": "docs/explanations.md",
        "Scoring in bulk": "docs/scoring.md",
        "Panels": "docs/panels.md",
        "Reports": "docs/reports.md",
        "The saved model": "docs/saved-model.md",
        "Serving": "docs/serving.md",
        "Safety": "docs/safety.md",
        "Common mistakes": "docs/footguns.md",
        "Formats": "docs/formats.md",
        "Command line": COMMANDS,
    },
    "Labels and data": {
        "Codebook": "docs/codebook.md",
        "Annotating": "docs/annotating.md",
        "Hard cases": "data/gold/hard-cases.md",
        "Labelling rules": "docs/rules.md",
        "Weak data sets": "docs/weak.md",
        "Own holders and targets": "docs/pairs.md",
        "Data card: gold": "data/README.md",
        "Data card: contrasts": "data/contrasts/README.md",
        "Data card: more contrasts": "data/contrasts_more/README.md",
        "Data card: close contrasts": "data/contrasts_close/README.md",
        "Data card: misread contrasts": "data/contrasts_misread/README.md",
        "Data card: plain opposition": "data/plain/README.md",
        "Data card: buried stances": "data/buried/README.md",
        "Data card: stand-off": "data/standoff/README.md",
        "Data card: records": "data/records/README.md",
        "Data card: cables": "data/cables/README.md",
        "Data card: encyclopaedia": "data/encyclopaedia/README.md",
        "Data card: news": "data/news/README.md",
        "Knowledge tables": "data/knowledge/README.md",
    },
    "Models and results": {
        "Pipeline": "docs/pipeline.md",
        "Models": "docs/models.md",
        "Evaluation": "docs/evaluation.md",
        "Search": "docs/search.md",
        "Configuration keys": SETTINGS,
        "All experiments": "experiments/README.md",
        "Default experiment": "experiments/default/README.md",
        "Results, development": "experiments/default/results-dev.md",
        "Results, real sentences": "experiments/default/results-real.md",
        "Results, test": "experiments/default/results-test.md",
        "Once a sentence or once a pair": "experiments/reading/README.md",
        "A larger encoder": "experiments/all/README.md",
        "More real labels": "experiments/further/README.md",
        "Minimal contrasts": "experiments/contrasts/README.md",
        "Alliances never seen": "experiments/unseen/README.md",
        "A student taught": "experiments/distilled/README.md",
        "Intervals that cover": "experiments/coverage/README.md",
        "Does history show": "experiments/history/README.md",
        "Explanations, deletion test": "experiments/explanations/README.md",
        "Benchmarks": "experiments/benchmarks/README.md",
    },
    "Python": {
        "Scoring": "reference/scoring.md",
        "Types and errors": "reference/types.md",
        "Reading and extraction": "reference/extraction.md",
        "Labelling rules ": "reference/labeling.md",
        "Data sets ": "reference/datasets.md",
        "Models ": "reference/models.md",
    },
    "Project": {
        "Contributing": "CONTRIBUTING.md",
        "Changelog": "CHANGELOG.md",
    },
}
"""Sections, and in each the title and the source of a page. Decisions follow by themselves."""

REFERENCE: dict[str, tuple[str, tuple[str, ...]]] = {
    "reference/scoring.md": (
        "Scoring",
        ("alliance_stance", "inference.predictor", "inference.explanation",
         "inference.attribution", "inference.neighbours", "inference.artifact"),
    ),
    "reference/types.md": ("Types and errors", ("schema", "errors", "config")),
    "reference/extraction.md": (
        "Reading and extraction",
        ("corpus.documents", "corpus.inputs", "extraction.candidates", "extraction.candidate_rows",
         "knowledge.knowledge"),
    ),
    "reference/labeling.md": (
        "Labelling rules",
        ("labeling.rules.rule", "labeling.scenes.scene", "labeling.votes", "labeling.firing",
         "labeling.label_model"),
    ),
    "reference/datasets.md": ("Data sets", ("datasets.table", "datasets.rows", "datasets.kinds")),
    "reference/models.md": (
        "Models",
        ("models.base", "models.table", "models.linear", "models.encoder", "models.packed",
         "evaluation.report", "evaluation.metrics", "evaluation.calibration"),
    ),
}  # fmt: skip
"""Pages of the reference, from docstrings: title, and modules."""


def main() -> None:
    """Write the pages and the settings with their navigation."""
    target = Path(sys.argv[1])
    pages = target / "pages"
    shutil.rmtree(target, ignore_errors=True)
    write_pages(pages)
    settings = (HERE / "zensical.toml").read_text(encoding="utf-8")
    # the navigation belongs to the first table of the file
    head, marker, rest = settings.partition("\n[project.theme]\n")
    (target / "zensical.toml").write_text(f"{head}nav = {navigation()}\n{marker}{rest}", "utf-8")


def write_pages(target: Path) -> None:
    """Write every page, and every file that a page links to."""
    generated = {COMMANDS: commands_page(), SETTINGS: settings_page()}
    generated |= {page: _reference_page(*entry) for page, entry in REFERENCE.items()}
    waiting = [page for section in NAVIGATION.values() for page in section.values()]
    waiting += _decisions().values()
    done: set[str] = set()
    while waiting:
        page = waiting.pop()
        if page in done:
            continue
        done.add(page)
        if page in generated:
            _write(target, page, generated[page])
        elif page.endswith(".md"):
            text = (ROOT / page).read_text(encoding="utf-8")
            waiting += [linked for linked in _linked(page, text) if linked not in done]
            _write(target, page, text)
        elif page.endswith(".ipynb"):
            waiting += _write_notebook(target, page, done)
        else:
            place = target / page
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / page, place)


def navigation() -> str:
    """Give the navigation as TOML: a list of sections, each a list of pages."""
    sections = {**NAVIGATION, "Decisions": _decisions()}
    items = [
        "{" + json.dumps(section) + " = ["
        + ", ".join(
            "{" + json.dumps(title.strip()) + " = " + json.dumps(_place(page)) + "}"
            for title, page in pages.items()
        )
        + "]}"
        for section, pages in sections.items()
    ]  # fmt: skip
    return "[\n  " + ",\n  ".join(items) + ",\n]"


def _decisions() -> dict[str, str]:
    """Give the decisions by their own headings."""
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    return {
        path.read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# "): str(path.relative_to(ROOT))
        for path in found
    }


def _linked(page: str, text: str) -> list[str]:
    """Give the files of the repository that a page links to."""
    found = []
    for _, link in _LINK.findall(text):
        path = (ROOT / page).parent.joinpath(link).resolve()
        if path.is_file():
            found.append(str(path.relative_to(ROOT)))
    return found


def _write_notebook(target: Path, page: str, done: set[str]) -> list[str]:
    """Write a notebook's page, its pictures and itself; give what it links to."""
    text, pictures = notebook_page(ROOT / page)
    _write(target, page, text)
    folder = (target / page).parent
    for name, picture in pictures.items():
        (folder / name).write_bytes(picture)
    shutil.copyfile(ROOT / page, target / page)
    return [linked for linked in _linked(page, text) if linked not in done]


def _write(target: Path, page: str, text: str) -> None:
    place = target / _place(page)
    place.parent.mkdir(parents=True, exist_ok=True)
    renamed = _LINK.sub(lambda match: match[1] + _place(match[2]), text)
    place.write_text(renamed, encoding="utf-8")


def _place(page: str) -> str:
    """Give where a page stands on the site: a folder's README is its index, a notebook Markdown."""
    return re.sub(r"(^|/)README\.md$", r"\1index.md", re.sub(r"\.ipynb$", ".md", page))


def _reference_page(title: str, modules: tuple[str, ...]) -> str:
    names = [m if m == "alliance_stance" else f"alliance_stance.{m}" for m in modules]
    return f"# {title}\n\n" + "\n".join(f"::: {name}\n" for name in names)


if __name__ == "__main__":
    main()
