"""Pictures, drawn with Matplotlib."""

from collections.abc import Sequence
from pathlib import Path

from alliance_stance.schema import STANCES


def save_confusion(counts: Sequence[Sequence[int]], path: Path, *, title: str) -> None:
    """Draw a confusion matrix: counts written out, shade by share of the right stance.

    Parameters
    ----------
    counts
        Right stance in rows, predicted in columns, in the order of `schema.STANCES`.
    path
        A file name that ends in ``.png`` or ``.svg``.
    title
        Above the picture.
    """
    from matplotlib.figure import Figure

    names = [str(stance) for stance in STANCES]
    shares = [[cell / max(1, sum(row)) for cell in row] for row in counts]
    figure = Figure(figsize=(4.6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("right")
    axes.set_title(title, fontsize=11)
    for row, cells in enumerate(counts):
        for column, cell in enumerate(cells):
            share = shares[row][column]
            axes.text(
                column,
                row,
                f"{cell}\n{share:.0%}",
                ha="center",
                va="center",
                color="white" if share > 0.55 else "black",
            )
    figure.savefig(path, dpi=150)
