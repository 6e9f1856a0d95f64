"""Tables of candidates and predictions: each sentence once, above its pairs."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from alliance_stance.reporting.terminal import printable
from alliance_stance.schema import Candidate, Prediction, Stance

STANCE_COLOURS = {Stance.FAVOR: "green", Stance.AGAINST: "red", Stance.NEUTRAL: "bright_black"}


def candidate_table(candidates: Sequence[Candidate], *, title: str) -> Table:
    """Lay candidates out, with how each was found; `membership` where a date is known."""
    has_dates = any(candidate.membership for candidate in candidates)
    names = ["state", "found by", "alliance", "found by"] + ["membership"] * has_dates
    table = _table(names, title=title)
    previous = None
    for candidate in candidates:
        place = (candidate.document, candidate.sentence)
        if previous not in (None, place):
            table.add_section()
        table.add_row(
            _text(candidate, is_new=place != previous),
            candidate.state,
            candidate.state_how or "-",
            candidate.alliance,
            candidate.alliance_how or "-",
            *([candidate.membership] if has_dates else []),
        )
        previous = place
    return table


def prediction_table(
    predictions: Sequence[Prediction], *, title: str, abstain_below: float | None = None
) -> Table:
    """Lay predictions out; `membership` where a date is known, `abstained` where asked for."""
    has_dates = any(prediction.candidate.membership for prediction in predictions)
    names = ["state", "alliance"] + ["membership"] * has_dates + ["stance", "act"]
    table = _table(names, title=title)
    table.add_column("score", justify="right", no_wrap=True)
    if abstain_below is not None:
        table.add_column("abstained", no_wrap=True)
    previous: tuple[str, int] | None = None
    for prediction in predictions:
        candidate = prediction.candidate
        place = (prediction.id or candidate.document, candidate.sentence)
        if previous not in (None, place):
            table.add_section()
        table.add_row(
            _text(candidate, is_new=place != previous),
            candidate.state,
            candidate.alliance,
            *([candidate.membership] if has_dates else []),
            Text(prediction.stance, style=STANCE_COLOURS[prediction.stance]),
            prediction.act,
            f"{prediction.score:+.2f}",
            *_abstained(prediction, abstain_below),
        )
        previous = place
    return table


def _abstained(prediction: Prediction, below: float | None) -> list[str]:
    if below is None:
        return []
    return ["yes" if prediction.is_below(below) else ""]


def _table(names: Sequence[str], *, title: str) -> Table:
    table = Table(title=Text(printable(title)), title_justify="left", pad_edge=False)
    table.add_column("sentence", ratio=3, overflow="fold")
    for name in names:
        table.add_column(name, no_wrap=True)
    return table


def _text(candidate: Candidate, *, is_new: bool) -> Text:
    return Text(printable(" ".join(candidate.text.split())) if is_new else "")
