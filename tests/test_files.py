"""Files and folders that are written whole or not at all: who may read them, and where there is
no room."""

import errno
import os
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from alliance_stance.cli import main
from alliance_stance.datasets.shards import Shards
from alliance_stance.errors import InputError
from alliance_stance.files import (
    new_file,
    new_folder,
    remove_half_written,
    write_bytes,
    write_json,
    write_text,
)
from alliance_stance.inference.score_folder import Part, write_part

TABLE = pa.table({"a": [1, 2, 3]})


@pytest.fixture(params=[0o077, 0o027, 0o022, 0o002], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write_scores(folder: Path) -> None:
    write_part(folder, 0, Part(TABLE, TABLE, {}), {})


def write_shard(folder: Path) -> None:
    Shards(folder).write("abcd", TABLE)


def write_plain(folder: Path) -> None:
    write_text(folder / "deep" / "a.txt", "a")
    write_text(folder / "deep" / "a.txt", "another")
    write_json(folder / "deep" / "a.json", {})


def write_folder(folder: Path) -> None:
    with new_folder(folder / "model") as beside:
        write_text(beside / "config.json", "{}")
        (beside / "weights").mkdir(mode=0o700)
        kept = beside / "weights" / "model.safetensors"
        kept.touch(mode=0o600)


@pytest.mark.skipif(os.name != "posix", reason="no umask here")
@pytest.mark.parametrize("write", [write_plain, write_folder, write_scores, write_shard])
def test_results_are_as_readable_as_any_file_of_the_user(umask, write, tmp_path):
    folder = tmp_path / "new"
    write(folder)
    found = [folder, *folder.rglob("*")]
    assert [path for path in found if path.is_file()]
    for path in found:
        assert rights(path) == (0o777 if path.is_dir() else 0o666) & ~umask, path


@pytest.mark.skipif(os.name != "posix", reason="no groups here")
def test_a_folder_of_a_group_stays_one(tmp_path):
    tmp_path.chmod(0o2770)
    if not rights(tmp_path) & stat.S_ISGID:
        pytest.skip("no such folders here")
    write_folder(tmp_path)
    assert rights(tmp_path / "model") & stat.S_ISGID
    assert rights(tmp_path / "model" / "weights") & stat.S_ISGID


@pytest.mark.parametrize("new", [new_file, new_folder])
def test_nothing_is_left_of_what_failed(new, tmp_path):
    write_text(tmp_path / "a", "before")
    with pytest.raises(ValueError, match="no"), new(tmp_path / "a"):
        raise ValueError("no")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "before"


def test_what_a_killed_process_left_is_known(tmp_path):
    writing = new_folder(tmp_path / "model")
    beside = writing.__enter__()
    (tmp_path / ".model.kept").mkdir()
    remove_half_written(tmp_path / "model")
    assert not beside.exists()
    assert [path.name for path in tmp_path.iterdir()] == [".model.kept"]


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    write_text(tmp_path / "there" / "real.txt", "before")
    for name, target in (("link.txt", "there/real.txt"), ("new.txt", "there/none_yet.txt")):
        (tmp_path / name).symlink_to(target)
        write_text(tmp_path / name, "after")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / target).read_text(encoding="utf-8") == "after"
    assert len(list((tmp_path / "there").iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_stays_and_is_given_the_whole(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        write_bytes(pipe, b"x" * 100_000)
        assert len(read.result(timeout=30)) == 100_000
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_given_nothing_of_what_failed(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    # else it would wait for a reader here
    with pytest.raises(ValueError, match="no"), new_file(tmp_path / "pipe"):
        raise ValueError("no")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets here")
def test_a_folder_or_a_socket_gives_way_to_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with socket.socket(socket.AF_UNIX) as place:
        place.bind("socket")
        for name, found in (("folder", "a folder"), ("socket", "a device or a socket")):
            with pytest.raises(InputError, match=f"^{name}: found {found}"):
                write_text(Path(name), "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "socket"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_without_room_is_told_with_the_name_of_the_file(number, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(OSError, match=r"a\.txt") as raised:
        write_bytes(tmp_path / "a.txt", b"a")
    assert (raised.value.errno, raised.value.filename) == (number, str(tmp_path / "a.txt"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.ENOSPC, "No space left on device", "a file inside"),
        Exception("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
    ids=["plain", "named", "safetensors"],
)
def test_a_folder_without_room_is_told_by_its_own_name(error, tmp_path):
    with pytest.raises(OSError, match="model") as raised, new_folder(tmp_path / "model"):
        raise error
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(tmp_path / "model"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError("a bug"), Exception("(os error 2)"), ValueError("x")])
def test_any_other_error_stays_as_it_is(error, tmp_path):
    with pytest.raises(type(error)) as raised, new_file(tmp_path / "a"):
        raise error
    assert raised.value is error


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("Qatar left OPEC.", encoding="utf-8")
    return path


def test_a_full_disk_is_one_line(text_file, linear_artifact, tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("alliance_stance.inference.score_folder.pq.write_table", refuse)
    folder = tmp_path / "out"
    arguments = ["--model", str(linear_artifact), "-o", str(folder), "--workers", "1"]
    assert main(["score", str(text_file), *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"alliance-stance: {folder / 'scores' / 'part-000000.parquet'}: found no"
    )
    assert "make room" in line
    assert "--resume" in line
    monkeypatch.undo()
    assert main(["score", str(text_file), *arguments, "--resume"]) == 0


def test_a_full_disk_behind_the_output_is_one_line(text_file, linear_artifact, monkeypatch, capsys):
    def refuse(*_):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr("alliance_stance.cli.console.show_json", refuse)
    assert main(["predict", str(text_file), "--json", "--model", str(linear_artifact)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("alliance-stance: the output: found disk quota exceeded; expected room")


def test_output_that_waits_to_be_written_is_told_too(
    text_file, linear_artifact, tmp_path, monkeypatch, capsys
):
    class Full:
        closed = False

        def write(self, text):
            return len(text)

        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            self.closed = True
            self.flush()

    full = Full()
    monkeypatch.setattr("sys.stdout", full)
    assert main(["predict", str(text_file), "--json", "--model", str(linear_artifact)]) == 2
    # else the interpreter would try once more
    assert full.closed
    assert "the output: found no space left on device" in capsys.readouterr().err


def test_an_error_without_a_file_is_a_bug_otherwise(text_file, linear_artifact, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("alliance_stance.cli.console.show_json", refuse)
    with pytest.raises(OSError, match="Input/output"):
        main(["predict", str(text_file), "--json", "--model", str(linear_artifact)])


def test_ctrl_c_between_the_two_renames_keeps_the_old_folder(tmp_path, monkeypatch):
    model = tmp_path / "model"
    write_text(model / "a.txt", "before")
    rename = Path.rename

    def interrupt(self: Path, target: Path) -> Path:
        if target == model and self.name != "folder":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt), new_folder(model) as beside:
        write_text(beside / "a.txt", "after")
    assert (model / "a.txt").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_nothing_is_left_beside_a_folder_that_cannot_be_moved(tmp_path, monkeypatch):
    model = tmp_path / "model"
    write_text(model / "a.txt", "before")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self == model:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="busy"), new_folder(model) as beside:
        write_text(beside / "a.txt", "after")
    assert (model / "a.txt").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_was_aside_when_the_process_was_killed_comes_back(tmp_path):
    aside = tmp_path / ".model.old.abcd1234" / "folder"
    write_text(aside / "a.txt", "before")
    write_text(tmp_path / ".model.0123abcd" / "a.txt", "after")
    remove_half_written(tmp_path / "model")
    assert (tmp_path / "model" / "a.txt").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
