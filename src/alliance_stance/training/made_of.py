"""What identifies a saved model that a fit begins with or learns from."""

from pathlib import Path

from alliance_stance.evaluation.overlap import TRAINING_SENTENCES
from alliance_stance.fingerprints import fingerprint
from alliance_stance.inference.artifact import read_manifest

_TAKEN = ("weights/", "config.json", "labels.json", TRAINING_SENTENCES)


def weights_identity(folder: Path) -> str:
    """Give the fingerprint of what a fit takes of a saved model.

    These are its weights, labels and settings, and the sentences that it was fitted on. Its card,
    its figures and its tables of names are not among them: what was fitted is not out of date
    where those are written anew.

    Raises
    ------
    ArtifactError
        As `inference.artifact.read_manifest`.
    """
    files = read_manifest(folder)["files"]
    return fingerprint({name: told for name, told in files.items() if name.startswith(_TAKEN)})
