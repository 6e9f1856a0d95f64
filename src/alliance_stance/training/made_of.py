"""What identifies a saved model that a fit begins with or learns from."""

from pathlib import Path

from alliance_stance.evaluation.overlap import TRAINING_SENTENCES
from alliance_stance.fingerprints import fingerprint
from alliance_stance.inference.artifact import read_config, read_manifest

_TAKEN = ("weights/", "labels.json", TRAINING_SENTENCES)


def weights_identity(folder: Path) -> str:
    """Give the fingerprint of what a fit takes of a saved model.

    These are its weights, labels and settings, and the sentences that it was fitted on. Its card,
    its figures, its tables of names, and the paths of what it came from are not among them: what
    was fitted is not out of date where those are written anew.

    Raises
    ------
    ArtifactError
        As `inference.artifact.read_manifest`.
    """
    files = read_manifest(folder)["files"]
    taken = sorted(name for name in files if name.startswith(_TAKEN))
    sums = [(name, files[name].get("sha256")) for name in taken]
    config = read_config(folder)
    # where the encoder's own weights lay does not matter to what was made of them
    settings = {**(config.get("settings") or {}), "encoder": None}
    return fingerprint(config.get("kind"), settings, sums)
