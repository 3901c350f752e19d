"""A snapshot is the old or the new one, whole, whatever ends the fetch: interrupts, full disks, kills."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from pinned_studies import SESSIONS, closes, pinned, raw_of

from eventstudy.errors import SnapshotError
from eventstudy.prices import load_panel
from eventstudy.prices.pinning import in_force, versions
from eventstudy.prices.snapshot import verify, write_snapshot


# ------------------------------------------------------------------------------------------------------ interruptions
def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("call", ["mkdir", "replace", "fsync"])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_an_interrupt_or_a_full_disk_at_any_call_leaves_the_old_or_the_new(study, monkeypatch, call, error):
    before, raw = everything(study), raw_of({"NVDA": [5.0, 6.0, 7.0]})
    panel, _ = load_panel(raw, {}, SESSIONS)
    was, real = in_force(study), getattr(os, call)
    for point in range(20):
        made = 0

        def failing(*args, at=point, **options):
            nonlocal made
            made += 1
            if made == at + 1:
                raise error
            return real(*args, **options)

        monkeypatch.setattr(os, call, failing)
        with contextlib.suppress(KeyboardInterrupt, SnapshotError):
            write_snapshot(raw, study, calendars=panel.calendars, replaces=was)
        monkeypatch.setattr(os, call, real)
        verify(study)
        if in_force(study) != was:
            break
        assert everything(study) == before
    assert closes(study, "NVDA") == [5.0, 6.0, 7.0]
    assert {p.name for p in (study / "prices").iterdir()} == {p.name for p in versions(study)}


def test_a_limit_to_the_size_of_files(study):
    before, raw = everything(study), raw_of({f"A{i}": [5.0, 6.0, 7.0] for i in range(200)})
    panel, _ = load_panel(raw, {}, SESSIONS)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(SnapshotError, match="What was there is unchanged"):
            write_snapshot(raw, study, calendars=panel.calendars, replaces=in_force(study))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert everything(study) == before


def as_somebody(run) -> int:
    """Run a function in a process without the rights of the superuser, whom no read-only folder stops; its status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            run()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the other user is a fork")
def test_a_read_only_folder(study):
    with tempfile.TemporaryDirectory(prefix="eventstudy-") as room:  # pytest's own folders are closed to others
        place = Path(room) / "small"
        shutil.copytree(study, place)
        for path in (place, *place.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        Path(room).chmod(0o755)
        before = everything(place)

        def refused():
            with pytest.raises(SnapshotError, match=r"cannot be written.*What was there is unchanged"):
                pinned(place, raw_of({"NVDA": [5.0, 6.0, 7.0]}))

        assert as_somebody(refused) == 0
        assert everything(place) == before
        for path in (place, *(p for p in place.rglob("*") if p.is_dir())):
            path.chmod(0o755)


def test_a_full_disk(study, tmp_path):
    """A disk of memory of 64 KiB, where one may be mounted: the old snapshot stays, and nothing of the new one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of memory can be mounted by the superuser alone")
    try:
        place = disk / "small"
        shutil.copytree(study, place)
        before, raw = everything(place), raw_of({f"A{i}": [5.0, 6.0, 7.0] for i in range(1000)})
        panel, _ = load_panel(raw, {}, SESSIONS)
        with pytest.raises(SnapshotError, match=r"No space left on device.*What was there is unchanged"):
            write_snapshot(raw, place, calendars=panel.calendars, replaces=in_force(place))
        assert everything(place) == before
        verify(place)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_two_processes_at_once(study, tmp_path):
    """Each is a fetch of its own; one is in force at the end, whole, and whoever lost says so."""
    days = [str(day.date()) for day in SESSIONS.loc[SESSIONS["exchange"] == "XNYS", "date"][:400]]
    commands = []
    for name, price in (("one", 100.0), ("two", 200.0)):
        rows = [f"{day},{price + i % 7},{price + i % 5},{price + i % 3}" for i, day in enumerate(days)]
        (tmp_path / f"{name}.csv").write_text("date,NVDA,AVGO,^IXIC\n" + "\n".join(rows) + "\n")
        words = ["fetch", str(study), "--provider", f"files:{tmp_path / name}.csv", "--replace"]
        commands.append([sys.executable, "-m", "eventstudy", *words])
    running = [subprocess.Popen(c, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for c in commands]
    said = [process.communicate(timeout=120)[1] for process in running]
    codes = [process.returncode for process in running]
    assert 0 in codes, said
    for code, text in zip(codes, said, strict=True):
        assert code == 0 or "another fetch has pinned a snapshot there meanwhile" in text
    verify(study)
    assert closes(study, "NVDA")[:2] in ([100.0, 101.0], [200.0, 201.0])
    assert {p.name for p in (study / "prices").iterdir()} == {p.name for p in versions(study)}
    for version in versions(study):
        verify(version)


def test_a_folder_that_cannot_be_made_leaves_no_other(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(SnapshotError, match="Read-only file system"):
        pinned(tmp_path / "a" / "b", raw_of({"NVDA": [5.0, 6.0, 7.0]}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork")
@pytest.mark.parametrize(
    ("by", "loose", "points"),
    [
        ("SIGKILL", True, ("0.7", "0.9", "0.97")),
        ("SIGINT", False, ("0.8", "0.95")),
        pytest.param("SIGKILL", False, ("all",), marks=pytest.mark.slow),
        pytest.param("SIGKILL", True, ("all",), marks=pytest.mark.slow),
        pytest.param("SIGINT", False, ("all",), marks=pytest.mark.slow),
    ],
)
def test_killed_at_any_call(study, loopback, tmp_path, by, points, loose):
    """Before every call that opens, renames, removes, makes or syncs; the next fetch leaves nothing of it behind."""
    if loose:  # a snapshot of before, whose tables lie beside its description
        described = json.loads((study / "datapackage.json").read_bytes())
        for table in described["resources"]:
            shutil.copy(study / table["path"], study)
            table["path"] = f"{table['name']}.csv"
        (study / "datapackage.json").write_text(json.dumps(described))
        shutil.rmtree(study / "prices")
    old, mine = in_force(study), {name: (study / name).read_bytes() for name in ("prices.csv", "notes.txt")}
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), by, loopback.address, str(study), *points]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["calls"] >= 40  # the two studies together have over 90
    assert getattr(signal, by) in report["ended"].values()
    for point, ended in report["ended"].items():
        folder = Path(f"{study}-{point}")
        verify(folder)
        new = in_force(folder) != old
        np.testing.assert_array_equal(closes(folder, "NVDA"), [142.62, 118.42, 128.99] if new else [1.0, 2.0, 3.0])
        assert new or ended == getattr(signal, by)
        assert {name: (folder / name).read_bytes() for name in mine} == mine
        pinned(folder, raw_of({"NVDA": [5.0, 6.0, 7.0]}))
        found = {path.name for path in (folder / "prices").iterdir()}
        assert found == {path.name for path in versions(folder)}
        assert not [path for path in folder.iterdir() if path.name.startswith(".")]
        for version in versions(folder):
            verify(version)
