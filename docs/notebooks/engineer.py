# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From labelled sentences to a promoted model
#
# For an engineer. Build the data, fit models, look at the runs in MLflow, compare, promote what passes the gate,
# open it by its name, score with it, and see where the time goes.
#
# Start Jupyter from the environment in which `alliance-stance` is installed, with the extras `train` and
# `notebooks` (`pip install '.[train,notebooks]'` in a checkout). All files go to a temporary folder. The
# models are cheap ones that fit in seconds; the encoder of `experiments/default` goes the same way, only slower.

# %%
import os
import tempfile
import warnings
from pathlib import Path

HERE = Path.cwd()
ROOT = next(folder for folder in (HERE, *HERE.parents) if (folder / "data" / "gold").is_dir())
os.chdir(tempfile.mkdtemp())
os.environ["ROOT"] = str(ROOT)
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
# Jupyter asks for colours, which not every reader of a notebook shows
os.environ.pop("FORCE_COLOR", None)
warnings.filterwarnings("ignore", message="IProgress not found")
# without it, runs go to mlflow.db at the root of the project
os.environ["MLFLOW_TRACKING_URI"] = "sqlite:///mlflow.db"

# %% [markdown]
# ## 1. Build the data
# Labelled documents are JSON lines, and a recipe is a YAML file that says how they become a data set. Every third
# document of the project's own will do here; the whole set is `configs/datasets/gold.yaml`.

# %%
import json

lines = (ROOT / "data/gold/documents.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
_ = Path("small.jsonl").write_text("".join(lines[::3]), encoding="utf-8")
_ = Path("small.yaml").write_text(
    """kind: gold
path: small.jsonl
split: {seed: 0, dev_share: 0.2, test_share: 0.15, duplicate_similarity: 0.5}
"""
)
first = json.loads(lines[0])
print(first["title"], first["date"], first["speaker_state"])
print(first["sentences"][1]["text"], first["sentences"][1]["triples"])

# %% [markdown]
# The result is Arrow on disk under the fingerprint of everything that it depends on: documents, labels, splits,
# knowledge tables and code. Building again takes what is there. No document is on two sides, nor are near-duplicates.

# %% language="bash"
# alliance-stance build small.yaml 2>&1

# %% [markdown]
# In Python a data set is a Hugging Face `DatasetDict`, and each row can be had as an `Example`:

# %%
from alliance_stance.datasets.table import build_dataset
from alliance_stance.knowledge.knowledge import load_knowledge

knowledge = load_knowledge()
dataset = build_dataset(Path("small.yaml"), knowledge, Path("data/processed"))
example = dataset.examples("train")[0]
print(dataset.fingerprint[:12], {name: len(dataset.examples(name)) for name in ("train", "dev")})
print(example.candidate.text)
print(example.candidate.state, example.candidate.alliance, example.label.stance, example.label.act)

# %% [markdown]
# ## 2. Describe an experiment, and fit
# An experiment names a data set, models and seeds. Every file is complete on its own, and a key that is misspelt is
# an error with a path. Settings can be changed on the command line with `--set`.

# %%
experiment = Path("experiment/experiment.yaml")
experiment.parent.mkdir()
models = ROOT / "configs/models"
_ = experiment.write_text(
    f"""question: Does counting words in their order beat knowing who speaks?
dataset: ../small.yaml
registered_model: notebook
models:
  - {{config: {models}/majority.yaml, seeds: [0]}}
  - {{config: {models}/state_prior.yaml, seeds: [0]}}
  - {{config: {models}/lexicon.yaml, seeds: [0]}}
  - {{config: {models}/linear.yaml, seeds: [0]}}
"""
)

# %% language="bash"
# alliance-stance train experiment --set linear.ngrams=2 2>&1

# %% [markdown]
# A second call would find the same settings, seed, data, code and libraries, and fit nothing.
#
# ## 3. The runs in MLflow
# Parameters, data fingerprint, commit, metrics with intervals, and the model folder itself. `make ui` shows them in
# a browser; here as a table.

# %%
from alliance_stance.tracking.store import open_store

mlflow = open_store(Path())
runs = mlflow.search_runs(experiment_names=["alliance-stance-experiment"])
shown = {
    "tags.mlflow.runName": "run",
    "metrics.dev/macro_f1": "macro-F1",
    "metrics.dev/macro_f1/low": "low",
    "metrics.dev/macro_f1/high": "high",
    "metrics.dev/log_loss": "log-loss",
}
runs[list(shown)].rename(columns=shown).sort_values("macro-F1").round(3)

# %% [markdown]
# ## 4. Compare
# On the same rows, paired, with documents resampled. The first models are what a model must beat to have read
# anything.

# %% language="bash"
# alliance-stance compare experiment --set linear.ngrams=2 --no-probes --output results.md 2>&1

# %% [markdown]
# `results.md` has the slices, costs and p values, `results.html` the same as a page, and both lie in MLflow.
#
# ## 5. Promote
# `promote` takes the best model on the development split and moves the alias `champion` to it, but only past a
# gate: here it has to beat every baseline, later the holder of the alias, with the whole interval of the
# difference above 0. Otherwise the exit status is 1, and nothing is changed.

# %% language="bash"
# alliance-stance promote experiment --set linear.ngrams=2 2>&1

# %% [markdown]
# ## 6. Open it by its name, and predict

# %%
from alliance_stance import load
from alliance_stance.inference.predictor import prediction_row
from alliance_stance.schema import Document

predictor = load("models:/notebook@champion")
document = Document("d1", "Yerevan froze its participation in the CSTO.", date="2024-02-22")
(prediction,) = predictor.predict(document)
for key, value in prediction_row(prediction).items():
    print(f"{key:16} {value}")

# %% [markdown]
# The model is a folder of plain files with checksums; opening it runs no code of it. `manifest.json` says what it
# was made from.

# %%
folder = predictor.artifact.folder
print(*sorted(path.name for path in folder.iterdir()))
manifest = predictor.artifact.manifest
for key in ("format", "dataset", "dataset_fingerprint", "run_key"):
    print(f"{key:20} {str(manifest[key])[:24]}")

# %% [markdown]
# Why did it say so? The number beside a word is what the probability loses without it. A model that has seen so few
# sentences can be right for the wrong words; `compare --data` on real sentences and its probes are there to tell.

# %%
(explanation,) = predictor.explain(document)
text = explanation.prediction.candidate.text
for part, weight in zip(
    explanation.attribution.parts, explanation.attribution.weights, strict=True
):
    if part.kind == "words":
        print(f"{text[part.start : part.end]:15} {weight:+.2f}")

# %% [markdown]
# ## 7. Score in bulk
# The same from the command line, into Parquet: it can be killed at any moment and goes on with `--resume`; what cannot
# be read is set aside. The sample that the project ships is one document; a corpus goes the same way.

# %% language="bash"
# alliance-stance score $ROOT/data/sample --model models:/notebook@champion --output scores --workers 1 2>&1

# %%
import pandas as pd

columns = ["sentence", "state", "alliance", "stance", "act", "score"]
pd.read_parquet("scores/scores")[columns].round(2)

# %% [markdown]
# ## 8. Where the time goes
# Two stages: extraction finds the pairs, the model judges them. Measure both on all documents of the project, by
# processor time. The numbers are those of the machine that ran this notebook; their ratio is the point.

# %%
import time

from alliance_stance.extraction.candidates import CandidateFinder

texts = []
for line in lines:
    gold = json.loads(line)
    text = " ".join(sentence["text"] for sentence in gold["sentences"])
    texts.append(Document(gold["id"], text, date=gold["date"]))

start = time.process_time()
finder = CandidateFinder(knowledge)
opened = time.process_time()
candidates = [candidate for text in texts for candidate in finder.find_candidates(text)]
found = time.process_time()
predictor.artifact.model.predict_act_proba(candidates)
judged = time.process_time()
megabytes = sum(len(text.text) for text in texts) / 1e6
pd.DataFrame(
    {
        "stage": ["open the name tables", "find pairs", "judge them"],
        "seconds": [opened - start, found - opened, judged - found],
        "rate": [
            "once",
            f"{megabytes / (found - opened):.1f} MB/s",
            f"{len(candidates) / (judged - found):,.0f} triples/s",
        ],
    }
).round(2)

# %% [markdown]
# With a fine-tuned encoder in place of the linear model, judging takes nearly all of the time
# ([what a billion sentences cost](../scoring.md#what-a-billion-sentences-cost)). `cProfile` says where a stage
# spends it:

# %%
import cProfile
import io
import pstats
import re

profile = cProfile.Profile()
profile.runcall(predictor.predict_batch, texts[:300])
written = io.StringIO()
pstats.Stats(profile, stream=written).sort_stats("tottime").print_stats(8)
lines = [line for line in written.getvalue().splitlines() if line.strip()]
# files without the folders that they lie in
print(*(re.sub(r"\S*/", "", line)[:96] for line in lines), sep="\n")

# %% [markdown]
# ## Where to go on
# - Another model: one file in `models/`, one YAML ([contributing](../../CONTRIBUTING.md#add-a-model)).
# - Better settings: `alliance-stance search` ([search](../search.md)).
# - Real sentences decide: `compare --data labelled.jsonl` ([evaluation](../evaluation.md)).
# - In production: [serving](../serving.md), [Spark](../scoring.md#on-a-cluster), [the saved model](../saved-model.md).
