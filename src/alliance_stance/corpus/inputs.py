"""From what a user names to a list of units: files, folders, patterns, standard input."""

import glob
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from alliance_stance.corpus.facts import Facts
from alliance_stance.corpus.metadata import Metadata, place_of, read_metadata
from alliance_stance.corpus.readers.columns import Columns
from alliance_stance.corpus.readers.decoding import STDIN, written_name
from alliance_stance.corpus.readers.table import (
    ENDINGS,
    bare_name,
    check_file,
    check_format,
    format_of,
    unknown_ending,
)
from alliance_stance.corpus.readers.unit import Skipped, Unit
from alliance_stance.errors import InputError

OnSkip = Callable[[Skipped], None]
ON_UNREADABLE = ("skip", "fail")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read; it can be pickled.

    Parameters
    ----------
    format
        A name of `table.FORMATS`; None goes by each file's name.
    columns
        For tables.
    metadata
        A table with facts of files or of documents.
    facts
        Of documents that have none otherwise.
    on_unreadable
        ``skip`` or ``fail``; None fails where one file is named, and skips otherwise.
    """

    format: str | None = None
    columns: Columns = field(default_factory=Columns)
    metadata: Path | None = None
    facts: Facts = field(default_factory=Facts)
    on_unreadable: str | None = None

    def fails(self, unit: Unit) -> bool:
        """Say whether a unit that cannot be read is an error."""
        return self.on_unreadable == "fail" or (self.on_unreadable is None and unit.is_alone)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, and its path inside what was named, as it can be written."""

    path: Path
    name: str


def list_units(
    inputs: Sequence[Path | str],
    options: ReadOptions = ReadOptions(),
    *,
    on_skip: OnSkip | None = None,
) -> list[Unit]:
    """List the files to be read, each with its format, its id and what the metadata tell of it.

    A folder is read with the folders in it, by name, without hidden files and links to folders.
    The id is the path inside the folder without the ending; files that differ by their ending
    alone keep it.

    Parameters
    ----------
    inputs
        Files, folders, patterns with ``*``, or ``-``.
    options
        How they are read.
    on_skip
        Is told the files that no reader reads.

    Raises
    ------
    InputError
        If there is no such file, a folder holds no file to read, or two inputs give one id.
    """
    check_format(options.format)
    if options.on_unreadable not in (None, *ON_UNREADABLE):
        raise InputError(
            "--on-unreadable", repr(options.on_unreadable), " or ".join(ON_UNREADABLE), "correct it"
        )
    paths = list(dict.fromkeys(Path(one) for one in inputs))
    is_alone = len(paths) == 1 and _is_named(paths[0])
    units: dict[str, Unit] = {}
    seen: set[str] = set()
    for path in paths:
        for unit in _units_of(path, options, seen, is_alone=is_alone, on_skip=on_skip):
            other = units.setdefault(unit.id, unit)
            if other is not unit:
                raise InputError(
                    f"{unit.where}, id {unit.id}",
                    f"an id that {other.where} has too",
                    "each document and example named once",
                    "rename one, or name the folder that holds both",
                )
    table = None if options.metadata is None else read_metadata(options.metadata)
    if table is not None:
        _check_told_once(units.values(), table)
    return list(units.values())


def _check_told_once(units: Collection[Unit], table: Metadata) -> None:
    """Refuse a bare name in the table of metadata that fits files of several folders."""
    told: dict[str, Unit] = {}
    for unit in units:
        other = told.setdefault(unit.told_by, unit)
        if unit.told_by and other is not unit:
            raise InputError(
                table.rows[unit.told_by].where,
                f"a name that fits both {other.where} and {unit.where}",
                "a path from the table's folder",
                "write the folder in front of the name",
            )


def _units_of(
    path: Path, options: ReadOptions, seen: set[str], *, is_alone: bool, on_skip: OnSkip | None
) -> Iterator[Unit]:
    readable: list[tuple[_Found, str]] = []
    for found in _files(path, options, on_skip):
        place = place_of(found.path)
        name = options.format or ("text" if path == STDIN else format_of(found.path))
        if place in seen:
            continue
        seen.add(place)
        if name is not None:
            readable.append((found, name))
        elif options.on_unreadable == "fail" or is_alone:
            raise unknown_ending(found.path)
        elif on_skip is not None:
            on_skip(Skipped(written_name(found.path), _no_reader(found.path)))
    table = None if options.metadata is None else read_metadata(options.metadata)
    for (found, name), unit_id in zip(readable, _ids(readable), strict=True):
        row = None
        if table is not None:
            row = table.of_file(found.path, found.name) or table.of_document(unit_id)
        unit = Unit(found.path, name, unit_id, is_alone, options.columns)
        unit = replace(unit, is_patient=not options.fails(unit))
        yield unit if row is None else replace(unit, facts=row.facts, told_by=row.name)


def _no_reader(path: Path) -> str:
    return f"no reader for {path.suffix[:20] or 'a name without ending'}"


def _files(path: Path, options: ReadOptions, on_skip: OnSkip | None) -> Iterator[_Found]:
    """Yield the files of one input in order, without the table of metadata itself."""
    if path == STDIN:
        yield _Found(path, "stdin")
        return
    if _is_named(path):
        check_file(path)
        yield _Found(path, written_name(path.name))
        return
    own = place_of(options.metadata) if options.metadata is not None else None
    is_folder = _is_folder(path)
    root = path if is_folder else fixed_part(path)
    count = 0
    for file in _walk(path, on_skip) if is_folder else _matches(path):
        if place_of(file) == own:
            continue
        count += 1
        if file.is_file():
            yield _Found(file, written_name(file.relative_to(root).as_posix()))
        elif on_skip is not None:
            # a broken link, or a pipe for which one would wait for ever
            on_skip(Skipped(written_name(file), "no plain file"))
    if not count:
        raise InputError(
            str(path), "no file to read", f"files that end in {', '.join(ENDINGS)}", "add some"
        )


def _is_named(path: Path) -> bool:
    """Say whether an input is one file, and neither a folder nor a pattern."""
    if _is_folder(path):
        return False
    return not glob.has_magic(str(path)) or os.path.lexists(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _walk(folder: Path, on_skip: OnSkip | None) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        if on_skip is not None:
            on_skip(
                Skipped(
                    written_name(error.filename), f"a folder that cannot be read ({error.strerror})"
                )
            )

    for place, folders, names in os.walk(folder, onerror=tell):
        folders[:] = sorted(_visible(folders))
        for name in sorted(_visible(names)):
            yield Path(place) / name


def _visible(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith(".")]


def _matches(pattern: Path) -> Iterator[Path]:
    """Yield the files that fit a pattern, by name; like `_walk`, it follows no link to a folder.

    One that the pattern writes out is followed, and so is a hidden folder. `glob` follows all, so
    that a link to a folder above gives each file forty times, and two such links never end.
    """
    root = fixed_part(pattern)
    parts = pattern.parts[len(root.parts) :]
    places = {root}
    for part in (*parts, "*") if parts[-1] == "**" else parts:
        places = {
            found
            for place in places
            for found in (_folders(place) if part == "**" else _fitting(place, part))
        }
    yield from sorted((path for path in places if not path.is_dir()), key=str)


def _fitting(folder: Path, part: str) -> Iterator[Path]:
    for name in glob.iglob(part, root_dir=folder):  # noqa: PTH207 - Path.glob shows hidden ones
        path = folder / name
        if name == part or not (path.is_symlink() and path.is_dir()):
            yield path


def _folders(folder: Path) -> Iterator[Path]:
    """Yield a folder and the folders in it."""
    for place, folders, _ in os.walk(folder):
        folders[:] = _visible(folders)
        yield Path(place)


def fixed_part(pattern: Path) -> Path:
    """Give the folder before the first part with a wildcard."""
    parts = []
    for part in pattern.parts:
        if glob.has_magic(part):
            break
        parts.append(part)
    return Path(*parts)


def _ids(readable: Sequence[tuple[_Found, str]]) -> list[str]:
    """Name the files of one input, each once."""
    ways = [list(_names(found, format_)) for found, format_ in readable]
    chosen = [0] * len(ways)
    while True:
        ids = [names[at] for names, at in zip(ways, chosen, strict=True)]
        counts = Counter(ids)
        # a longer name may be the short one of another file, so this goes on until all differ
        again = [
            number
            for number, name in enumerate(ids)
            if counts[name] > 1 and chosen[number] + 1 < len(ways[number])
        ]
        if not again:
            return ids
        for number in again:
            chosen[number] += 1


def _names(found: _Found, format_: str) -> Iterator[str]:
    """Yield the names that a file may have, the best first; the last is unique in its folder."""
    bare = bare_name(Path(found.name).name)
    if format_ == "un-debates":
        # the corpus names its statements so, wherever they lie
        yield bare
    yield (Path(found.name).parent / bare).as_posix()
    yield found.name
