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
    sums = [(name, _sum_of(files[name])) for name in taken]
    config = read_config(folder)
    settings = config.get("settings")
    if isinstance(settings, dict):
        # where the encoder's own weights lay does not matter to what was made of them
        settings = {key: value for key, value in settings.items() if key != "encoder"}
    return fingerprint(config.get("kind"), settings, sums)


def _sum_of(told: object) -> object:
    """Give a file's checksum; all that is told where it is not told as it should be.

    What is wrong with a folder is said where it is opened.
    """
    return told.get("sha256") if isinstance(told, dict) else told
