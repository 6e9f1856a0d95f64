# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From a folder of speeches to a curve you can defend
#
# For a political scientist. You have texts, and want to know whether a government's stance toward an
# alliance has moved, how sure you may be of it, and which sentences say so.
#
# The speeches here are invented, so that it is known what the curve should show: Armenia turns away from
# the CSTO in 2020, Kazakhstan does not move. Nothing in them was said by anybody. **With texts of your
# own, start at step 2.**
#
# Start Jupyter from the environment in which `alliance-stance` is installed, with the extra `notebooks`
# (`pip install '.[notebooks]'` in a checkout). All files go to a temporary folder.

# %%
# %matplotlib inline
import os
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path.cwd()
ROOT = next(folder for folder in (HERE, *HERE.parents) if (folder / "data" / "gold").is_dir())
os.chdir(tempfile.mkdtemp())
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
# Jupyter asks for colours, which not every reader of a notebook shows
os.environ.pop("FORCE_COLOR", None)
warnings.filterwarnings("ignore", message="IProgress not found")
sys.path.insert(0, str(ROOT / "docs" / "notebooks"))

# %% [markdown]
# ## 1. A model and texts
# A cheap model, fitted on the project's own labelled sentences in less than a minute. It is a weak one: that is
# what makes the corrections below worth seeing. With a better one (`make run`) the intervals are narrower.

# %%
from alliance_stance.datasets.table import build_dataset
from alliance_stance.knowledge.knowledge import load_knowledge
from alliance_stance.training.experiment import read_model
from alliance_stance.training.fit import fit_model

knowledge = load_knowledge()
dataset = build_dataset(ROOT / "configs/datasets/gold.yaml", knowledge, Path("processed"))
config = read_model(ROOT / "configs/models/linear.yaml", ["linear.ngrams=2"])
run = fit_model(config, 0, dataset, knowledge, Path("model"), is_verbose=False)
macro_f1 = run.metrics["macro_f1"]
print(f"macro-F1 {macro_f1['value']:.2f} [{macro_f1['low']:.2f}, {macro_f1['high']:.2f}]")

# %% [markdown]
# The texts: a folder of files, and a table that tells of each file the date and who speaks. This is the form
# in which you would bring your own; PDF, HTML, Word, tables and more can be read as well
# ([readers](../readers.md)).

# %%
from invented import write_speeches

write_speeches(Path("speeches"))
print(len(list(Path("speeches").iterdir())), "files")
print(Path("speeches/arm-2021-10.txt").read_text())
print(*Path("speeches.csv").read_text().splitlines()[:3], sep="\n")

# %% [markdown]
# ## 2. Look at the pairs before any model judges them
# If the pair is wrong, no stance of it can be right. `found by` tells how state and alliance were found: the first sentence
# names no state, so that it is the speaker's.

# %% language="bash"
# alliance-stance extract speeches/arm-2021-10.txt --speaker-state ARM --date 2021 2>&1

# %% [markdown]
# ## 3. Score
# One row for each sentence, state and alliance. `--explain` also writes which words decided. It asks the model once
# more for every word, which is little with this model and this folder ([what it costs](../scoring.md#words-that-decided)).

# %% language="bash"
# alliance-stance score speeches --metadata speeches.csv --model model --output scores --explain 2>&1

# %%
import pandas as pd

from alliance_stance.inference.scores import open_scores

pd.set_option("display.max_colwidth", None)
scores = open_scores(Path("scores"))
triples = scores.rows().to_pandas()
shown = ["date", "state", "alliance", "stance", "act", "score", "text"]
triples[shown].sample(5, random_state=1).round(2)

# %% [markdown]
# ## 4. What the model says, and why that is not yet a result
# A panel has a row for each state, alliance and year. Without labels its interval holds the drawing of the
# documents **alone**: not the model's errors.

# %%
from alliance_stance.panels.panel import PanelOptions, make_panel

raw = make_panel(scores, PanelOptions())
frame = raw.table.to_pandas()
columns = ["state", "period", "documents", "triples", "score", "score_low", "score_high"]
frame.loc[frame.period.between("2018", "2021"), [*columns, "interval"]].round(2)

# %% [markdown]
# ## 5. Label a part, and count the model's errors in
# Draw triples at random, label them by the [codebook](../codebook.md), hand the lines to the panel. Here the
# plan of the invented speeches answers in place of two annotators. `annotate export` and `annotate import`
# make such a file from people's work ([annotating](../annotating.md)).

# %%
import json

truth = pd.read_csv("speeches-truth.csv").set_index(["document", "text"])["stance"]
truth = truth[~truth.index.duplicated()]
drawn = triples.sample(200, random_state=1)
with Path("labels.jsonl").open("w") as file:
    for row in drawn.itertuples():
        id_ = f"{row.document}:{row.start}-{row.end}#{row.state}-{row.alliance}"
        label = {"id": id_, "text": row.text, "state": row.state, "alliance": row.alliance}
        file.write(json.dumps(label | {"stance": truth[row.document, row.text]}) + "\n")

right = [truth[row.document, row.text] for row in drawn.itertuples()]
pd.crosstab(
    pd.Series(right, name="right"),
    pd.Series(list(drawn.stance), name="the model says"),
    margins=True,
    margins_name="all",
)

# %% [markdown]
# Read the table by rows. Whatever is wrong here is wrong in the whole corpus, most of it in one direction, and
# more documents do not mend it. The corrected panel turns this around: given how often the model says what of
# sentences whose stance is known, which shares could have given what it says of a year?

# %%
panel = make_panel(scores, PanelOptions(labelled=Path("labels.jsonl")))
frame = panel.table.to_pandas()
frame.loc[frame.period.between("2018", "2021"), [*columns, "interval"]].round(2)

# %% [markdown]
# The intervals are wide: ten speeches a year, 200 labels and a weak model allow no more. `refuted` would
# mean that no shares could have given what the model says; report how many such cells there are.

# %%
frame["interval"].value_counts()

# %% [markdown]
# ## 6. Curves and change points
# `find_changes` says when the level of a curve moved; `p_holm` holds for all pairs of the panel together. The
# figure is Matplotlib's own, so that you can change whatever you like, or save it.

# %%
from alliance_stance.panels.changes import find_changes
from alliance_stance.panels.panel import SEED
from alliance_stance.reporting.panel_figures import pairs_figure

changes = find_changes(panel.table, seed=SEED)
changes.to_pandas().round(4)

# %%
figure = pairs_figure(panel.table, [("ARM", "CSTO"), ("KAZ", "CSTO")], changes)
figure.savefig("curves.pdf")
figure

# %% [markdown]
# Points that lie at the edge of the scale are cut there; the interval says how little that means. That the change is
# found takes luck with so few labels: the same speeches, judged by the same model with `linear.ngrams=3`, showed none.
# Of invented texts one can check what of real ones one cannot: whether the intervals hold the truth.

# %%
import matplotlib.pyplot as plt
from invented import PLAN

from alliance_stance.reporting.panel_figures import draw_pair


def true_score(state: str, year: int) -> float:
    """Give the share of favor minus that of against in the plan of the speeches."""
    favor, against = PLAN[state][max(since for since in PLAN[state] if since <= year)]
    return favor - against


frame["truth"] = [true_score(s, int(p)) for s, p in zip(frame.state, frame.period, strict=True)]
known = frame[frame.score.notna()]
is_held = known.truth.between(known.score_low, known.score_high)
uncorrected = raw.table.to_pandas()
is_held_raw = frame.truth.between(uncorrected.score_low, uncorrected.score_high)
print(f"sampling alone: {is_held_raw.sum()} of {len(is_held_raw)} intervals hold the truth")
print(f"corrected: {is_held.sum()} of {len(is_held)} intervals hold the truth")

figure, axes = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
draw_pair(axes, panel.table, ("ARM", "CSTO"), changes)
armenia = frame[frame.state == "ARM"]
axes.step(pd.to_datetime(armenia.period), armenia.truth, where="mid", color="black", label="truth")
_ = axes.legend(loc="lower left", fontsize=7, frameon=False)
# %% [markdown]
# ## 7. The sentences behind a point
# Never cite a point that you have not read. These are the sentences of one cell, the furthest from neutral first,
# with the words that decided.

# %%
from alliance_stance.panels.behind import rows_behind
from alliance_stance.panels.triples import Cell

behind = rows_behind(scores, Cell("ARM", "CSTO", "2020")).to_pandas()
behind["decided"] = [
    ", ".join(row.text[start - row.start : end - row.start] for start, end in row.deciding)
    for row in behind.itertuples()
]
behind.loc[:7, ["date", "stance", "act", "score", "text", "decided"]].round(2)

# %% [markdown]
# Some of them are read wrongly, and one sees it at once: this is why step 5 is there.
#
# ## 8. A page to look around in and to send on
# One HTML file with a matrix, curves, movers and sentences, that needs no network. The words of `--explain` are
# shaded in it. It holds sentences of your documents: see that you may pass them on ([reports](../reports.md)).

# %% language="bash"
# alliance-stance report scores --title "Two states on the CSTO, 2008-2024" --output report.html 2>&1

# %% [markdown]
# ## What to write in the paper
# The model and its version, the corpus, how many triples were labelled and how they were drawn, the method
# (`adjusted`), how many cells were refuted, and that the correction assumes that the model errs alike in all cells.
# Here that holds by construction; in real texts check it where you have labelled well ([panels](../panels.md),
# [footguns](../footguns.md)).
#
# What a curve cannot tell: a state that falls silent has no rows, and a corpus that changes its sources moves by itself.
# On real texts, with one speech a year, most curves say little: see
# [does history show](../../experiments/history/README.md).
