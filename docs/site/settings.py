"""The page of configuration keys, from the closed sections that every YAML file is checked by."""

from collections.abc import Iterator, Mapping
from typing import Any

from alliance_stance.config import Section
from alliance_stance.datasets.table import DATASETS
from alliance_stance.models.table import MODELS
from alliance_stance.training.experiment import ExperimentSettings
from alliance_stance.training.search_space import SearchSettings

_LIMITS = {
    "minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most",
    "exclusiveMaximum": "below", "minItems": "entries at least", "minLength": "characters at least",
}  # fmt: skip
Schema = Mapping[str, Any]


def settings_page() -> str:
    """Write every key of every kind of configuration file."""
    shared: dict[str, Schema] = {}
    parts = [
        "# Configuration keys\n",
        "Written from the program's own checks when the site is built. A YAML file is complete on "
        "its own: nothing is inherited. A key that is not listed here is an error, which names the "
        "path to it, and so is a value out of its range. `--set key=value` changes a key before "
        "the check. Sections that several kinds share stand [below](#sections).\n",
        "## Models\n",
        "A file of `configs/models/`: `kind`, and the keys of that kind.\n",
    ]
    for kind, (_, section) in MODELS.items():
        parts += [f"### kind: {kind}\n", *_section(section, shared)]
    parts += ["## Data sets\n", "A file of `configs/datasets/`: `kind`, and its keys.\n"]
    for kind, entry in DATASETS.items():
        parts += [f"### data set kind: {kind}\n", *_section(entry.section, shared)]
    parts += ["## Experiments and searches\n", "### experiment.yaml\n"]
    parts += [*_section(ExperimentSettings, shared), "### search.yaml\n"]
    parts += [*_section(SearchSettings, shared), "## Sections\n"]
    for name, schema in sorted(shared.items()):
        parts += [f"### {name}\n", f"{_plain_text(schema)}\n", _table(schema)]
    return "\n".join(parts)


def _section(section: type[Section], shared: dict[str, Schema]) -> Iterator[str]:
    """Write the keys of one section, and remember the sections inside it."""
    schema = section.model_json_schema()
    shared |= {k: own for k, own in schema.get("$defs", {}).items() if "properties" in own}
    yield _plain_text(schema) + "\n"
    yield _table(schema)


def _plain_text(schema: Schema) -> str:
    return " ".join(str(schema.get("description", "")).split())


def _table(schema: Schema) -> str:
    properties = schema.get("properties", {})
    if not properties:
        return "No keys.\n"
    required = set(schema.get("required", ()))
    rows = ["| key | value | if left out | meaning |", "| --- | --- | --- | --- |"]
    for name, own in properties.items():
        absent = "error" if name in required else f"`{_plain(own.get('default'))}`"
        meaning = _plain_text(own).replace("|", r"\|")
        rows.append(f"| `{name}` | {_value(own)} | {absent} | {meaning} |")
    return "\n".join(rows) + "\n"


def _value(schema: Schema) -> str:
    """Say in words what a key takes."""
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_value(part) for part in schema[key]))
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{_plain(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{_plain(value)}`" for value in schema["enum"])
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        kind = f"list of {_value(schema.get('items', {}))}"
    limits = [f"{words} {schema[key]}" for key, words in _LIMITS.items() if key in schema]
    return ", ".join([schema.get("format", kind) if kind == "string" else kind, *limits])


def _plain(value: object) -> str:
    """Write a value as YAML would."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
