"""What a job costs: seconds, bytes, and the limits that it is given on a cluster. Nothing here imports what is slow."""

from math import ceil

# Cells per second on one core, assumed as long as the store holds no tile that was measured.
DEFAULT_RATE = 8e5
# Start of Python, imports and compiled code of one job; and of Snakemake, which reads the rules.
SECONDS_PER_JOB, SECONDS_OF_SNAKEMAKE = 2.5, 2.0
# Gathering tiles into a cube, and known cells into a tile.
BYTES_PER_SECOND = 2e8
# Of a virtual cube, for each tile and variable; and for each tile.
BYTES_PER_REFERENCE, SECONDS_PER_REFERENCE = 200, 4e-3
# Of a job, assumed as long as Snakemake measured none: Python with its libraries, and the chunks of each thread.
BYTES_PER_JOB, BYTES_PER_THREAD = 3e8, 1e8
# What a limit leaves for slower nodes, a busy file system and the start of a job (minutes).
MARGIN, START = 3.0, 2
# Snakemake's own processes beside the step, in bytes.
BYTES_OF_SNAKEMAKE = 4e8


def minutes(seconds: float, attempt: int) -> int:
    """The time limit, in minutes, of a job that should take so long; twice as much with each attempt."""
    return 2 ** (attempt - 1) * (START + ceil(MARGIN * seconds / 60))


def megabytes(needed: float, attempt: int, most: float = 1e12) -> int:
    """The memory limit, in MB, of a job that should need so many bytes; twice as much with each attempt."""
    return 2 ** (attempt - 1) * ceil((BYTES_OF_SNAKEMAKE + min(needed, most)) / 1e6)
