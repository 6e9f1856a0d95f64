"""The rules and the label models with their figures, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence

from alliance_stance.evaluation.label_scores import LabelScores
from alliance_stance.fingerprints import SHORT
from alliance_stance.labeling.label_model import Status
from alliance_stance.labeling.rule_figures import VoterFigures
from alliance_stance.labeling.rules.table import RULES
from alliance_stance.labeling.votes import VoteMatrix
from alliance_stance.schema import STANCES

_RULE_HEADER = (
    "rule", "votes for", "codebook", "votes", "coverage", "overlap", "conflict",
    "right stance [95 %]", "right act [95 %]",
)  # fmt: skip
_MODEL_HEADER = (
    "label model", "labelled", "macro-F1 [95 %]", "coverage", "of favor and against",
    *(f"{stance}: P, R (count)" for stance in STANCES), "right act", "unfired", "tie",
)  # fmt: skip


_NOT_JUDGED = (
    " Where a row holds dashes, there is nothing to learn from in the other documents of a part."
)


def facts_line(matrix: VoteMatrix, source: str) -> str:
    """Tell what was measured."""
    documents = len(set(matrix.documents))
    return (
        f"{len(matrix.ids)} candidates in {documents} documents of {source}; "
        f"{len(matrix.names)} columns of votes; rules {matrix.fingerprint[:SHORT] or 'none'}."
    )


def rule_table(figures: Sequence[VoterFigures]) -> str:
    """Write the table of rules; further columns, as annotators, are shown without codebook."""
    codebook = {rule.name: ", ".join(map(str, rule.codebook)) for rule in RULES}
    rows = [
        (
            f"`{own.name}`",
            ", ".join(own.acts) or "-",
            codebook.get(own.name, "-"),
            str(own.count),
            f"{own.coverage:.3f}",
            f"{own.overlap:.3f}",
            f"{own.conflict:.3f}",
            str(own.stance_accuracy),
            str(own.act_accuracy),
        )
        for own in figures
    ]
    return _table(_RULE_HEADER, rows)


def label_model_table(scores: Mapping[str, LabelScores | None]) -> str:
    """Write the table of label models; precision and recall count labelled candidates only.

    Of a model that could not be judged there are no scores, and its row holds dashes.
    """
    rows = [
        (name, *["-"] * (len(_MODEL_HEADER) - 1))
        if own is None
        else (
            name,
            f"{own.labelled} of {own.count}",
            "-" if own.macro_f1 is None else str(own.macro_f1),
            f"{own.coverage:.3f}",
            f"{own.polar_coverage:.3f}",
            *(
                f"{part.precision:.2f}, {part.recall:.2f} ({part.count})"
                for part in own.stances.values()
            ),
            f"{own.act_accuracy:.3f}",
            str(own.statuses[Status.UNFIRED]),
            str(own.statuses[Status.TIE]),
        )
        for name, own in scores.items()
    ]
    return _table(_MODEL_HEADER, rows)


def rules_markdown(
    matrix: VoteMatrix,
    source: str,
    scores: Mapping[str, LabelScores | None],
    figures: Sequence[VoterFigures],
    warnings: Sequence[str],
) -> str:
    """Write the whole page: label models, rules, and the rules that are worse than chance."""
    return "\n".join(
        [
            facts_line(matrix, source),
            "",
            "## Label models",
            "Each candidate is judged by a model fitted on other documents. Scores count labelled "
            "candidates only." + (_NOT_JUDGED if None in scores.values() else ""),
            "",
            label_model_table(scores),
            "",
            "## Rules",
            rule_table(figures),
            "",
            *_warning_lines(warnings),
        ]
    )


def _warning_lines(warnings: Sequence[str]) -> Iterator[str]:
    if warnings:
        yield "## Worse than chance"
        yield from (f"- {line}" for line in warnings)
        yield ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
