"""Write `results.md` and `curve.png` from the rows that `curve.py` has gathered."""

import csv
from pathlib import Path
from statistics import mean

import matplotlib.pyplot as plt

from alliance_stance.evaluation.bootstrap import Interval
from alliance_stance.files import write_text

HERE = Path(__file__).resolve().parent
SOURCES = ("own", "stand-off", "both", "real")
COLOURS = dict(zip(SOURCES, ("#0072B2", "#E69F00", "#009E73", "#555555"), strict=True))
MARKERS = dict(zip(SOURCES, "osD^", strict=True))
Key = tuple[str, str, float, int]


def read_points(name: str) -> dict[Key, list[dict[str, str]]]:
    """Read the rows of one evaluation set, keyed by model, source, share and triples.

    Rows of two versions of the data are two points.
    """
    points: dict[Key, list[dict[str, str]]] = {}
    with (HERE / "results.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["set"] == name:
                share, triples = float(row["share"]), int(row["train_triples"])
                key = row["model"], row["source"], share, triples
                points.setdefault(key, []).append(row)
    return {
        key: points[key]
        for key in sorted(points, key=lambda k: (k[0], SOURCES.index(k[1]), *k[2:]))
    }


def value(rows: list[dict[str, str]], column: str) -> float:
    """Give a column's mean over the seeds."""
    return mean(float(row[column]) for row in rows)


def interval(row: dict[str, str]) -> Interval:
    """Give the score of one fit with its interval."""
    return Interval(*(float(row[column]) for column in ("macro_f1", "low", "high")))


def table(real: dict[Key, list[dict[str, str]]], own: dict[Key, list[dict[str, str]]]) -> str:
    """Write one line a point; the interval stands behind the score of the fit that it is of."""
    lines = [
        "| model | trained on | share | triples | seeds | macro-F1, real | range over seeds | "
        "middle fit [95 % by document] | against | favor | neutral | macro-F1, own dev | "
        "against | favor | neutral | fit seconds |",
        "|" + " --- |" * 16,
    ]
    for key, rows in real.items():
        middle = sorted(rows, key=lambda row: float(row["macro_f1"]))[(len(rows) - 1) // 2]
        scores = [float(row["macro_f1"]) for row in rows]
        stances, own_stances = (
            " | ".join(f"{value(some, s):.3f}" for s in ("against", "favor", "neutral"))
            for some in (rows, own[key])
        )
        lines.append(
            f"| {key[0]} | {key[1]} | {key[2]:g} | {value(rows, 'train_triples'):.0f} | "
            f"{len(rows)} | {mean(scores):.3f} | {min(scores):.3f}-{max(scores):.3f} | "
            f"{interval(middle)} | {stances} | "
            f"{value(own[key], 'macro_f1'):.3f} | {own_stances} | "
            f"{value(rows, 'fit_seconds'):.0f} |"
        )
    return "\n".join(lines)


def draw(real: dict[Key, list[dict[str, str]]]) -> None:
    """Draw macro-F1 on real sentences over the number of training triples, a panel a model."""
    models = sorted({key[0] for key in real})
    figure, _ = plt.subplots(1, len(models), figsize=(5 * len(models), 4), sharey=True)
    for axis, model in zip(figure.axes, models, strict=True):
        for source in SOURCES:
            own = [(k, rows) for k, rows in real.items() if k[:2] == (model, source)]
            sizes = [value(rows, "train_triples") for _, rows in own]
            scores = [[float(row["macro_f1"]) for row in rows] for _, rows in own]
            means = [mean(s) for s in scores]
            axis.plot(sizes, means, marker=MARKERS[source], color=COLOURS[source], label=source)
            axis.fill_between(
                sizes, list(map(min, scores)), list(map(max, scores)),
                color=COLOURS[source], alpha=0.15,
            )  # fmt: skip
        axis.set(title=model, xscale="log", xlabel="training triples (log scale)")
        axis.grid(alpha=0.3)
    figure.axes[0].set_ylabel("macro-F1 on real sentences")
    figure.axes[-1].legend(title="trained on", frameon=False)
    figure.tight_layout()
    figure.savefig(HERE / "curve.png", dpi=120)


def main() -> None:
    """Write both."""
    real, own = read_points("real"), read_points("own dev")
    commits = sorted({row["commit"] for rows in real.values() for row in rows})
    count = next(iter(real.values()))[0]["triples"]
    write_text(
        HERE / "results.md",
        f"Scored on {count} real triples (dev.jsonl) and on the gold data's development split. "
        "Mean over the seeds; bands and ranges are over the seeds. The middle fit is the seed of "
        "median score (the lower of two), with its own score and interval by resampled documents; "
        f"the mean has no interval here. Commits: {', '.join(commits)}.\n\n"
        f"{table(real, own)}\n\n![Macro-F1 over training triples](curve.png)\n",
    )
    draw(real)


if __name__ == "__main__":
    main()
