"""One document as a page: its text with every triple marked, the triples below, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from alliance_stance.inference.explanation import Explanation
from alliance_stance.knowledge.knowledge import Knowledge
from alliance_stance.reporting.explanations import explanation_lines, explanation_pieces
from alliance_stance.reporting.pages import write_page
from alliance_stance.reporting.report_block import alliance_name, state_name
from alliance_stance.reporting.report_lists import write_number
from alliance_stance.schema import Document, Mention, Prediction


@dataclass(frozen=True)
class PageOptions:
    """What a page of one document tells besides.

    Parameters
    ----------
    model
        Its name.
    abstain_below
        A probability in [0, 1]: triples whose stance is less probable are marked; None for none.
    left_out
        How many neutral triples are not shown.
    """

    model: str
    abstain_below: float | None = None
    left_out: int = 0


def document_page(
    document: Document,
    predictions: Sequence[Prediction],
    knowledge: Knowledge,
    options: PageOptions,
    *,
    explanations: Sequence[Explanation] = (),
) -> str:
    """Write a document with what a model says of it as an HTML page, which needs no script.

    Parameters
    ----------
    document
        Whose text is shown whole.
    predictions
        Of this document, in text order.
    knowledge
        For the names of states.
    options
        What it tells besides.
    explanations
        Of all predictions, in their order, or none.
    """
    triples = [
        _triple(number, prediction, knowledge, options.abstain_below)
        for number, prediction in enumerate(predictions, 1)
    ]
    parts = list(_parts(document.text, predictions, triples))
    facts = {
        "Document": document.id,
        "Date": document.date,
        "Speaker": document.speaker_state or "",
        "Model": options.model,
    }
    return write_page(
        "document.html",
        {
            "title": document.title or document.id,
            "counted": _counted(len(triples), options.left_out),
            "facts": {name: value for name, value in facts.items() if value},
            "parts": parts,
            "triples": triples,
            "whys": [
                _why(explanation, triple)
                for explanation, triple in zip(explanations, triples, strict=bool(explanations))
            ],
            "has_membership": any(triple["membership"] for triple in triples),
        },
        styles=["page.css", "document.css"],
        rules=_framing(max((len(part["triples"]) for part in parts), default=0)),
    )


def _counted(count: int, left_out: int) -> str:
    if not count + left_out:
        return "No sentence pairs a state with an alliance."
    told = f"{count} triple{'' if count == 1 else 's'} of a state, an alliance and a stance"
    return f"{told}; {left_out} neutral left out." if left_out else f"{told}."


def _framing(most: int) -> str:
    """Frame the names of the triple that is pointed at, by its place in the sentence."""
    if not most:
        return ""
    names = (f".s:has(.k{n}:is(:hover, :focus)) mark.k{n}" for n in range(1, most + 1))
    return ",\n".join(names) + " { outline: 2px solid var(--ink); }"


def _triple(
    number: int, prediction: Prediction, knowledge: Knowledge, abstain_below: float | None
) -> dict[str, Any]:
    candidate = prediction.candidate
    probability = f"{prediction.probabilities[prediction.stance]:.2f}"
    state, alliance = state_name(candidate.state, knowledge), alliance_name(candidate.alliance)
    is_unsure = abstain_below is not None and prediction.is_below(abstain_below)
    return {
        "number": number,
        "state": state,
        "alliance": alliance,
        "stance": str(prediction.stance),
        "act": str(prediction.act),
        "probability": probability,
        "score": write_number(prediction.score),
        "how": f"{candidate.state_how or '-'}, {candidate.alliance_how or '-'}",
        "membership": candidate.membership,
        "unsure": " unsure" if is_unsure else "",
        "said": f"{state}, {alliance}: {prediction.stance}, {prediction.act} "
        f"({probability}{', abstained' if is_unsure else ''})",
    }


def _why(explanation: Explanation, triple: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": triple["number"],
        "head": triple["said"],
        "stance": triple["stance"],
        "alone": f"{explanation.attribution.base:.2f}",
        "pieces": list(explanation_pieces(explanation)),
        "lines": explanation_lines(explanation),
    }


def _parts(
    text: str, predictions: Sequence[Prediction], triples: Sequence[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Cut a text into sentences with triples and what lies between them."""
    done = 0
    numbered = zip(predictions, triples, strict=True)
    for (start, end), group in groupby(numbered, lambda own: _place(own[0])):
        own, its_triples = zip(*group, strict=True)
        for triple in its_triples:
            triple["first"] = its_triples[0]["number"]
        yield {"text": text[done:start], "triples": ()}
        yield {"pieces": list(_pieces(text[start:end], own)), "triples": its_triples}
        done = end
    yield {"text": text[done:], "triples": ()}


def _place(prediction: Prediction) -> tuple[int, int]:
    return prediction.candidate.start, prediction.candidate.end


@dataclass(frozen=True)
class _Piece:
    text: str
    classes: str = ""


def _pieces(sentence: str, predictions: Sequence[Prediction]) -> Iterator[_Piece]:
    """Cut a sentence at the names that are judged in it."""
    done = 0
    for mention in predictions[0].candidate.mentions:
        places = [
            place
            for place, prediction in enumerate(predictions, 1)
            if mention.id == _judged(mention, prediction)
        ]
        if not places or mention.start < done:
            continue
        yield _Piece(sentence[done : mention.start])
        stances = {predictions[place - 1].stance for place in places}
        colour = str(stances.pop()) if len(stances) == 1 else "mixed"
        classes = " ".join([mention.kind, colour, *(f"k{place}" for place in places)])
        yield _Piece(sentence[mention.start : mention.end], classes)
        done = mention.end
    yield _Piece(sentence[done:])


def _judged(mention: Mention, prediction: Prediction) -> str:
    candidate = prediction.candidate
    return candidate.state if mention.kind == "state" else candidate.alliance
