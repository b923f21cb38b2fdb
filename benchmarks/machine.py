"""The machine that numbers are measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("numpy", "scipy", "numba", "dask", "netCDF4", "xarray", "snakemake")


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> str:
    """CPU, cores, memory and versions in two lines."""
    libraries = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Machine: {_cpu()}, {cores()} cores, {_memory()} of memory, {platform.system()}.\n"
        f"Python {platform.python_version()}, {libraries}."
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (AttributeError, ValueError, OSError):
        return "an unknown amount"
