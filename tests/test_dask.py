"""The passes over the events on the workers of a cluster: the same digits, also when a worker dies."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_scale import SESSIONS, market, run, some_events

from eventstudy.errors import EventStudyError, SpecError
from eventstudy.many import distributed as own
from eventstudy.many.distributed import store, stored
from eventstudy.many.ingest import ReturnPanel
from eventstudy.many.reading import Work
from eventstudy.models.market import MARKET
from eventstudy.objects.estimation import Layout, Window

dask = pytest.importorskip("distributed", reason="needs the extra dask")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    cluster = dask.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0")
    with dask.Client(cluster) as made:
        yield made
    cluster.close()


def alike(one: Any, other: Any) -> None:
    pd.testing.assert_frame_equal(one.frame(), other.frame(), check_exact=True)
    pd.testing.assert_frame_equal(one.tests(), other.tests(), check_exact=True)
    pd.testing.assert_frame_equal(one.skipped, other.skipped)


def test_two_workers_find_what_one_process_finds(client: Any) -> None:
    returns, events = market(holes=0.002), some_events(1100).drop(columns="group")
    options: dict[str, Any] = {"tests": "all", "chunk": 512, "windows": [(-1, 1)]}
    here = run(returns, events, **options)
    there = run(returns, events, backend=client, **options)
    alike(here, there)


def test_errors_are_the_same_on_a_worker(client: Any) -> None:
    with pytest.raises(EventStudyError, match="not one of the 3 events"):
        run(market(), some_events(3).assign(security="NOBODY"), backend=client)


def slow(work: Work, piece: tuple[int, int], folder: str) -> tuple[int, int, float]:
    """A piece that says where it runs, and takes its time the first time."""
    mark = Path(folder) / f"{piece[0]}"
    first = not mark.exists()
    mark.write_text(str(os.getpid()))
    time.sleep(1.0 if first and piece[0] == 0 else 0.05)
    return piece[0], os.getpid(), float(np.nansum(work.layout.returns[piece[0] : piece[1]]))


def work_of(returns: np.ndarray) -> Work:
    n = len(returns)
    rows = np.arange(n, dtype=np.int32)
    return Work(
        Layout(returns, rows, rows, Window(-60, -6), Window(-5, 5), 30), tuple(f"S{i}" for i in range(n)),
        pd.bdate_range("2020-01-01", periods=returns.shape[1]), {"market": returns[0]}, "simple", MARKET,
        (Window(0, 0),), np.ones((1, n), bool), (0,), np.full(n, -1, np.int32), 0, np.full(n, 2, np.int8),
    )  # fmt: skip


def test_a_worker_that_is_killed_loses_nothing(client: Any, tmp_path: Path) -> None:
    work = work_of(np.random.default_rng(2).normal(size=(12, 200)))
    killed: list[int] = []

    def kill() -> None:
        mark = tmp_path / "0"
        for _ in range(400):
            if mark.exists() and (text := mark.read_text()):
                killed.append(int(text))
                os.kill(killed[0], signal.SIGKILL)
                return
            time.sleep(0.02)

    pieces = [(i, i + 1) for i in range(12)]
    before = set(client.run(os.getpid).values())
    killer = threading.Thread(target=kill)
    killer.start()
    with own.runner(client) as there:
        found = list(there(slow, work, pieces, str(tmp_path)))
    killer.join()
    assert killed[0] in before
    assert [i for i, _, _ in found] == list(range(12))
    assert [total for _, _, total in found] == [float(np.nansum(row)) for row in work.layout.returns]
    assert found[0][1] != killed[0]


def test_a_run_outlives_a_worker_without_a_changed_digit(client: Any) -> None:
    returns, events = market(), some_events(1100).drop(columns="group")
    here = run(returns, events, tests=["corrado_rank_z", "adjusted_bmp_t"], chunk=512)
    stop = threading.Event()

    def kill() -> None:
        time.sleep(0.05)
        for pid in list(client.run(os.getpid).values())[:1]:
            if not stop.is_set():
                os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    there = run(returns, events, tests=["corrado_rank_z", "adjusted_bmp_t"], chunk=512, backend=client)
    stop.set()
    killer.join()
    alike(here, there)


def interrupted(client: Any, work: Work, folder: Path) -> None:
    with own.runner(client) as there:
        for _ in there(slow, work, [(1, 2), (2, 3)], str(folder)):
            raise KeyboardInterrupt


def fails(work: Work, piece: tuple[int, int]) -> None:
    raise KeyError(piece[0])


def test_nothing_is_left_behind_by_an_error_or_an_interrupt(
    client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    work = work_of(np.zeros((3, 200)))
    with pytest.raises(KeyError), own.runner(client) as there:
        list(there(fails, work, [(0, 1)]))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyboardInterrupt):
        interrupted(client, work, tmp_path)
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []


def test_a_cluster_whose_workers_are_gone_is_a_failure_in_words(
    client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(own, "_PATIENCE", 1)
    monkeypatch.setattr(own, "_LOOK", 0.3)
    client.cluster.scale(0)
    while client.nthreads():
        time.sleep(0.05)
    try:
        with own.runner(client) as there, pytest.raises(EventStudyError, match="the workers of the cluster are gone"):
            list(there(slow, work_of(np.zeros((3, 200))), [(1, 2)], str(tmp_path)))
    finally:
        client.cluster.scale(2)
        client.wait_for_workers(2, timeout=30)


# ------------------------------------------------------------------------------------------------ the way of the panel
def test_arrays_go_by_files_and_a_map_by_its_name(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(4, 30))
    np.save(tmp_path / "panel.npy", values)
    mapped = np.load(tmp_path / "panel.npy", mmap_mode="r")
    for name, returns in (("array", values), ("map", mapped), ("part", mapped[1:])):
        folder = tmp_path / name
        folder.mkdir()
        store(work_of(returns), folder)
        back = stored(str(folder))
        assert isinstance(back.layout.returns, np.memmap)
        assert not back.layout.returns.flags.writeable
        np.testing.assert_array_equal(back.layout.returns, returns)
        np.testing.assert_array_equal(back.layout.day, np.arange(len(returns)))
        assert (folder / "returns.npy").exists() == (name != "map")
        assert (folder / "work.pickle").stat().st_size < 6000


def test_a_panel_on_disk_gives_the_same_run(tmp_path: Path) -> None:
    returns, events = market(), some_events(40)
    np.save(tmp_path / "panel.npy", returns.to_numpy().T.copy())
    panel = ReturnPanel(np.load(tmp_path / "panel.npy", mmap_mode="r"), tuple(returns.columns), SESSIONS)
    alike(run(returns, events), run(panel, events))


def test_without_dask_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SpecError, match=r"pip install 'eventstudy-claims\[dask\]'"):
        run(market(), some_events(5), backend="dask")


@pytest.mark.slow
def test_the_backend_by_its_name_starts_and_stops_its_own_workers() -> None:
    returns, events = market(), some_events(200)
    alike(run(returns, events), run(returns, events, backend="dask"))
