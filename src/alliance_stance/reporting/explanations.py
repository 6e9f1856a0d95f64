"""One explanation for a terminal or a page: the sentence with its words, and below it why."""

from collections.abc import Iterator
from itertools import groupby
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alliance_stance.inference.attribution import STRONG, Attribution
from alliance_stance.inference.explanation import Explanation
from alliance_stance.inference.feature_weights import FeatureWeight
from alliance_stance.inference.neighbours import Neighbour
from alliance_stance.inference.reasons import Reason
from alliance_stance.labeling.firing import claim_of
from alliance_stance.labeling.rules.rule import Rule
from alliance_stance.reporting.candidates import STANCE_COLOURS
from alliance_stance.reporting.terminal import printable
from alliance_stance.schema import STANCE_OF_ACT

_WORDS = 6
"""Words that are listed."""
_FAINT = 0.01
"""Weight, in probability, below which a word is not listed."""

Mark = Literal["name", "raises", "lowers"]
"""A judged name, or a word that raises or lowers the probability of the predicted stance."""


def explanation_view(
    explanation: Explanation, *, abstain_below: float | None = None
) -> RenderableType:
    """Lay an explanation out.

    Words that raise the probability are bold and underlined in the sentence, those that lower it
    are struck through, so that the marks are seen without colours; the list below has the numbers.

    Parameters
    ----------
    explanation
        From `inference.explanation`.
    abstain_below
        Tells also that the model is less sure than that; None to say nothing of it.
    """
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, lines in groupby(_lines(explanation), lambda own: own[0]):
        for place, (_, line) in enumerate(lines):
            grid.add_row("" if place else name, line)
    return Group(_head(explanation, abstain_below), _sentence(explanation), grid, Text())


def explanation_lines(explanation: Explanation) -> dict[str, list[str]]:
    """Give what stands below the sentence as plain text: lines by what they tell of."""
    return {
        name: [line.plain for _, line in lines]
        for name, lines in groupby(_lines(explanation), lambda own: own[0])
    }


def explanation_pieces(explanation: Explanation) -> Iterator[tuple[str, Mark | None]]:
    """Cut the sentence at its judged names and the words that decided.

    Yields
    ------
    tuple
        A piece of the sentence and what it is; together they are the whole sentence.
    """
    text, done = explanation.prediction.candidate.text, 0
    for start, end, mark in sorted(_marks(explanation)):
        if start < done:
            continue
        yield text[done:start], None
        yield text[start:end], mark
        done = end
    yield text[done:], None


def _lines(explanation: Explanation) -> Iterator[tuple[str, Text]]:
    yield "words", _words(explanation)
    if explanation.features is not None:
        yield "features", _features(explanation.features)
    yield "state", _reason(explanation.state)
    yield "alliance", _reason(explanation.alliance)
    for line in _rules(explanation.rules):
        yield "rules", line
    for line in _examples(explanation.neighbours):
        yield "examples", line


def _marks(explanation: Explanation) -> Iterator[tuple[int, int, Mark]]:
    candidate, found = explanation.prediction.candidate, explanation.attribution
    for mention in candidate.mentions:
        if candidate.is_judged(mention):
            yield mention.start, mention.end, "name"
    for part, weight in zip(found.parts, found.weights, strict=True):
        if part.kind != "context" and abs(weight) >= STRONG:
            yield part.start, part.end, "raises" if weight > 0 else "lowers"


def _head(explanation: Explanation, abstain_below: float | None) -> Text:
    prediction, found = explanation.prediction, explanation.attribution
    place = prediction.id or f"{prediction.candidate.document}, sentence {_number(explanation)}"
    is_unsure = abstain_below is not None and prediction.is_below(abstain_below)
    return Text.assemble(
        f"{printable(place)}: ",
        (f"{prediction.candidate.state} on {prediction.candidate.alliance} ", "bold"),
        (str(prediction.stance), f"bold {STANCE_COLOURS[prediction.stance]}"),
        f", {prediction.act}, probability {found.probability:.2f}"
        f" ({found.base:.2f} from the judged names alone)",
        ", abstained" if is_unsure else "",
    )


def _number(explanation: Explanation) -> int:
    return explanation.prediction.candidate.sentence + 1


def _sentence(explanation: Explanation) -> Text:
    # a line break of a scan would break the layout, and other signs Rich leaves out: one sign for
    # one sign keeps the marks in place
    signs = explanation.prediction.candidate.text
    text = Text(printable("".join(" " if sign.isspace() else sign for sign in signs)))
    colour = STANCE_COLOURS[explanation.attribution.stance]
    styles = {"name": "reverse", "raises": f"bold underline {colour}", "lowers": "strike"}
    for start, end, mark in _marks(explanation):
        text.stylize(styles[mark], start, end)
    return text


def _words(explanation: Explanation) -> Text:
    found = explanation.attribution
    text = explanation.prediction.candidate.text
    order = sorted(range(len(found.parts)), key=lambda i: -abs(found.weights[i]))
    told = [
        (
            "the sentence before"
            if found.parts[i].kind == "context"
            else " ".join(text[found.parts[i].start : found.parts[i].end].split()),
            float(found.weights[i]),
        )
        for i in order[:_WORDS]
        if abs(found.weights[i]) >= _FAINT
    ]
    if not told:
        return Text(_silence(found))
    return Text(", ").join(_weighed(word, weight) for word, weight in told)


def _silence(found: Attribution) -> str:
    if not found.parts:
        return "none beside the judged names"
    return f"none moves the probability by {_FAINT:g} or more"


def _features(features: tuple[FeatureWeight, ...]) -> Text:
    return Text(", ").join(_weighed(f"\u201c{f.feature}\u201d", f.weight) for f in features)


def _weighed(word: str, weight: float) -> Text:
    return Text.assemble(f"{printable(word)} ", (f"{weight:+.2f}", "bold" if weight > 0 else "dim"))


def _reason(reason: Reason) -> Text:
    step = "" if reason.step is None else f" (step {reason.step} of extraction)"
    words = f" by \u201c{' '.join(reason.words.split())}\u201d" if reason.words else ""
    return Text(printable(f"{reason.name}{words}: {reason.text}{step}"))


def _rules(rules: tuple[Rule, ...]) -> Iterator[Text]:
    if not rules:
        yield Text("none holds")
    for rule in rules:
        stance = STANCE_OF_ACT[rule.act]
        numbers = ", ".join(map(str, rule.codebook))
        yield Text.assemble(
            (f"{stance}, {rule.act}", STANCE_COLOURS[stance]),
            f": {claim_of(rule)} (codebook {numbers})",
        )


def _examples(neighbours: tuple[Neighbour, ...] | None) -> Iterator[Text]:
    if neighbours is None:
        return
    if not neighbours:
        yield Text("none shares a word")
    for neighbour in neighbours:
        candidate, label = neighbour.example.candidate, neighbour.example.label
        told = "" if label is None else f"{label.stance}, {label.act or 'act unknown'}"
        said = (
            f"{neighbour.similarity:.2f} {told}: \u201c{' '.join(candidate.text.split())}\u201d "
            f"({candidate.state} on {candidate.alliance}, {neighbour.example.id})"
        )
        yield Text(printable(said))
