"""Where the passes over the events run: in this process, or on the workers of a Dask cluster."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from eventstudy.errors import EstimationError, SpecError
from eventstudy.many.reading import Work
from eventstudy.objects.estimation import Layout

Pass = Callable[..., Any]  # of (Work, piece, ...): what it returns is small
Runner = Callable[..., Iterator[Any]]  # of (pass, Work, pieces, ...): one result per piece, in their order

_LOOK = 2.0  # seconds after which the workers are looked for while a piece is waited for
_PATIENCE = 15  # seconds that a cluster without a worker is given to bring one back
_GONE = "the workers of the cluster are gone, so the run has no result: start it again, perhaps with backend=None"
_RETRIES = 3  # a piece that fails with an error is tried again; one whose worker died is moved by the scheduler


@contextmanager
def runner(backend: Any) -> Iterator[Runner]:
    """What runs the passes: None this process, ``dask`` two local workers, or a `distributed.Client` of your own.

    Raises
    ------
    SpecError : another backend, or Dask is not installed.
    """
    if backend is None:
        yield _here
        return
    client, own = _client(backend)
    try:
        with TemporaryDirectory(prefix="eventstudy-") as folder:
            yield _there(client, Path(folder))
    finally:
        if own:
            cluster = client.cluster
            client.close()
            cluster.close()


def _here(step: Pass, work: Work, pieces: Sequence[tuple[int, int]], *more: Any) -> Iterator[Any]:
    for piece in pieces:
        yield step(work, piece, *more)


def _client(backend: Any) -> tuple[Any, bool]:
    """A client, and whether it was made here."""
    try:
        import distributed
    except ImportError:
        raise SpecError(
            "the backend dask needs Dask: pip install 'eventstudy-claims[dask]', or leave out backend"
        ) from None
    dask: Any = distributed
    if isinstance(backend, dask.Client):
        return backend, False
    if not isinstance(backend, str) or backend != "dask":
        raise SpecError(f"backend is None, 'dask' or a distributed.Client, got {backend!r}")
    cluster = dask.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0")
    return dask.Client(cluster), True


def _there(client: Any, folder: Path) -> Runner:
    """Run each piece on some worker. The arrays go by files that the workers map, not through the scheduler."""

    def run(step: Pass, work: Work, pieces: Sequence[tuple[int, int]], *more: Any) -> Iterator[Any]:
        place = TemporaryDirectory(dir=folder)
        waiting: list[Any] = []
        try:
            store(work, Path(place.name))
            waiting += [client.submit(_piece, place.name, step, p, more, pure=False, retries=_RETRIES) for p in pieces]
            while waiting:  # in their order, each let go of once it is here
                yield _awaited(client, waiting[0])
                waiting.pop(0)
        finally:
            client.cancel(waiting)  # after an interrupt nothing runs on
            place.cleanup()

    return run


def _awaited(client: Any, future: Any) -> Any:
    """The result of a piece; EstimationError where the workers are gone and none comes back."""
    from distributed import KilledWorker
    from distributed import TimeoutError as Late

    gone = None
    while True:
        try:
            return future.result(timeout=_LOOK)
        except KilledWorker as error:
            raise EstimationError(f"{_GONE}; one piece ended several, perhaps for want of memory ({error})") from None
        except Late:
            if future.done():
                raise  # an error of the piece itself
        if client.status != "running":
            raise EstimationError(f"{_GONE}; the client of the cluster is {client.status}")
        if client.nthreads():
            gone = None
        elif gone is None:
            gone = time.monotonic()
        elif time.monotonic() - gone > _PATIENCE:
            raise EstimationError(f"{_GONE}, and none came back in {_PATIENCE} s")


def _piece(folder: str, step: Pass, piece: tuple[int, int], more: tuple[Any, ...]) -> Any:
    return step(stored(folder), piece, *more)


def store(work: Work, folder: Path) -> None:
    """Write `work` into `folder`: an array a file, one that is a file already by its name alone."""
    rest: dict[str, Any] = {}
    for holder in (work, work.layout):
        for field in fields(holder):
            if field.name != "layout":
                rest[field.name] = _filed(getattr(holder, field.name), folder / f"{field.name}.npy")
    (folder / "work.pickle").write_bytes(pickle.dumps(rest))


def _filed(value: Any, path: Path) -> Any:
    """The file that holds an array, `path` where it is not in one yet; anything but an array as it is."""
    if isinstance(value, np.memmap) and value.filename is not None and value.flags.c_contiguous and _whole(value):
        return Path(str(value.filename))
    if not isinstance(value, np.ndarray):
        return value
    np.save(path, value)
    return path


def _whole(value: np.memmap[Any, Any]) -> bool:
    """Whether the array is all of a ``.npy`` file, not a view of a part of it."""
    try:
        there = np.load(str(value.filename), mmap_mode="r")
    except (ValueError, OSError):
        return False
    return bool(there.shape == value.shape and there.dtype == value.dtype and there.offset == value.offset)


@lru_cache(maxsize=2)
def stored(folder: str) -> Work:
    """The work that `store` wrote, its arrays mapped and read as they are needed."""
    rest: dict[str, Any] = pickle.loads((Path(folder) / "work.pickle").read_bytes())
    held = {name: np.load(value, mmap_mode="r") if isinstance(value, Path) else value for name, value in rest.items()}
    layout = Layout(**{field.name: held.pop(field.name) for field in fields(Layout)})
    return Work(**(held | {"layout": layout}))
