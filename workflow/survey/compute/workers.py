"""Who computes the chunks of a tile and the parts of an answer: threads of this process, or the workers of a
dask.distributed scheduler.

Either is a function `each(function, items, take, name)`. It calls function(item) for every item somewhere, and
take(item, result) in this process, for one item at a time and in the order in which they are done; name(item) is what
an error calls an item.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import NamedTuple

from physics import QUANTITIES
from survey.errors import SurveyError

# Of each thread of a worker so many items are computed, wait for it, or wait to be fetched.
AHEAD = 3
# Seconds: for the answer of a scheduler; without any worker; the same where Slurm starts them.
CONNECT, ALONE, QUEUED = 10, 60, 600
# Seconds until it is asked whether there still are workers: while nothing is done, and while a result is fetched.
LOOK, FETCH = 1.0, 30.0

Each = Callable[[Callable, Iterable, Callable, Callable], None]


class Code(NamedTuple):
    """What must be the same on a worker as here: the version of the package, and the fingerprint of a quantity, None
    if no kernel is called."""

    package: str
    quantity: str | None
    fingerprint: str | None


class Crew(NamedTuple):
    """Workers: the client of their scheduler, its address, for how many seconds there may be none, and their code."""

    client: object
    address: str
    patience: float
    code: Code


@cache
def code_here(quantity: str | None) -> Code:
    """The code of this process."""
    return Code(version("tls-atlas"), quantity, QUANTITIES[quantity].fingerprint() if quantity else None)


@contextmanager
def workers(
    scheduler: str | None, threads: int, quantity: str | None = None, seconds: Callable[[], float] = lambda: 0.0
) -> Iterator[Each]:
    """So many threads of this process; or, with `scheduler`, the workers of the dask.distributed scheduler with this
    address or scheduler file, or those that Slurm starts for it (`slurm`): enough for so many seconds on one core.

    SurveyError if there is no such scheduler, if it has no workers, or if a worker has other code of this package, or
    of `quantity`, than this process.
    """
    if scheduler is None:
        yield partial(_on_threads, threads)
        return
    try:
        import distributed
    except ModuleNotFoundError:
        raise SurveyError(
            f"scheduler {scheduler!r} needs the package distributed, which is not installed; allowed: `uv pip install "
            "tls-atlas[cluster]`, or no --scheduler, which computes on threads of this machine"
        ) from None
    with ExitStack() as stack:
        address, patience = _address_in(scheduler), ALONE
        if scheduler == "slurm":
            from survey.compute.slurm_workers import slurm_workers

            address, patience = stack.enter_context(slurm_workers(seconds(), QUEUED)), QUEUED
        try:
            client = stack.enter_context(distributed.Client(address, timeout=CONNECT, set_as_default=False))
        except (OSError, ValueError, TypeError) as error:
            raise SurveyError(
                f"found no scheduler at {address} within {CONNECT} s ({error}); allowed: the address that `dask "
                "scheduler` prints, as tcp://host:port, its --scheduler-file, or slurm"
            ) from None
        crew = Crew(client, address, patience, code_here(quantity))
        try:
            client.wait_for_workers(1, timeout=patience)
        except TimeoutError:
            raise SurveyError(_no_workers(crew)) from None
        _check(client.run(code_here, quantity, on_error="return"), crew.code)
        yield partial(_on_workers, crew)


def _address_in(scheduler: str) -> str:
    """The address that is meant: itself, or that in a scheduler file."""
    if not Path(scheduler).is_file():
        if "://" not in scheduler and scheduler != "slurm":
            raise SurveyError(
                f"found the scheduler {scheduler!r}; allowed: an address as tcp://host:port, a scheduler file, or slurm"
            )
        return scheduler
    try:
        return json.loads(Path(scheduler).read_text(encoding="utf-8"))["address"]
    except (ValueError, KeyError, TypeError):
        raise SurveyError(f"{scheduler}: not a scheduler file; allowed: what `dask scheduler` wrote") from None


def _no_workers(crew: Crew) -> str:
    return (
        f"the scheduler at {crew.address} has had no workers for {crew.patience:g} s; allowed: at least one, as "
        f"`dask worker --nthreads 1 {crew.address}` starts it"
    )


def _check(found: dict, code: Code) -> None:
    """SurveyError if a worker, by its address, has found other code than this, or none."""
    for worker, other in found.items():
        if isinstance(other, BaseException):
            raise SurveyError(
                f"worker {worker} cannot use this package ({other}); allowed: a worker in an "
                f"environment with tls-atlas {code.package}"
            )
        for name in ("package", "fingerprint"):
            mine, theirs = getattr(code, name), getattr(other, name)
            if mine != theirs:
                what = "tls-atlas" if name == "package" else f"code of {code.quantity} with the fingerprint"
                raise SurveyError(
                    f"worker {worker}: found {what} {theirs}; allowed: {mine}, which is here; start the workers anew "
                    "from the same installation"
                )


def _on_threads(threads: int, function: Callable, items: Iterable, take: Callable, name: Callable) -> None:
    import dask
    import dask.threaded

    lock = Lock()

    def task(item):
        result = function(item)
        with lock:
            take(item, result)

    # If one fails, dask raises while others still run: leaving the pool waits for them before a file is closed.
    with ThreadPoolExecutor(threads) as pool:
        # By the name of the scheduler dask would import all of dask.distributed, to look for one of its clients.
        dask.compute(*map(dask.delayed(task), items), scheduler=dask.threaded.get, pool=pool)


def _on_workers(crew: Crew, function: Callable, items: Iterable, take: Callable, name: Callable) -> None:
    """A result stays with its worker until it is its turn, so that this process holds one of them at a time."""
    left, waiting, done = iter(items), {}, SimpleQueue()
    threads, looked = 1, -LOOK
    while True:
        if time.monotonic() - looked > LOOK:
            threads, looked = max(1, sum(crew.client.nthreads().values())), time.monotonic()
        for item in islice(left, max(0, AHEAD * threads - len(waiting))):
            future = crew.client.submit(_on_worker, crew.code, function, item, pure=False)
            waiting[future.key] = item
            future.add_done_callback(done.put)
            del future
        if not waiting:
            return
        future = _patiently(crew, lambda: done.get(timeout=LOOK))
        item = waiting.pop(future.key)
        take(item, _patiently(crew, partial(_result, crew, future, name(item))))
        del future


def _patiently(crew: Crew, answer: Callable):
    """What answer() returns, asked again as long as it raises Empty; SurveyError if there are no workers any more."""
    seen = time.monotonic()
    while True:
        try:
            return answer()
        except Empty:
            if crew.client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > crew.patience:
                raise SurveyError(_no_workers(crew)) from None


def _result(crew: Crew, future, name: str):
    """The result of a future that is done. If its worker dies before it is here it is computed again, which may take
    long, or for ever: Empty says that it was not there in time."""
    from distributed import CancelledError, KilledWorker

    try:
        return future.result(timeout=FETCH)
    except TimeoutError:
        if future.status == "error":
            raise
        raise Empty from None
    except KilledWorker as error:
        raise SurveyError(
            f"{name}: {error.allowed_failures + 1} workers died while they computed it, the last at "
            f"{error.last_worker.address}; allowed: workers with memory and time enough, see their logs"
        ) from None
    except CancelledError:
        said = f"the connection to the scheduler at {crew.address} was lost; run the same command again"
        raise SurveyError(said) from None


def _on_worker(code: Code, function: Callable, item):
    """Runs on a worker, which may have come after the others were looked at."""
    from distributed import get_worker

    _check({get_worker().address: code_here(code.quantity)}, code)
    return function(item)
