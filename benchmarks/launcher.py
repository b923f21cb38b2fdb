"""Run a command; print its wall and CPU time (s), its peak resident memory (bytes) and its exit code as JSON.

A process of its own, small and started anew for each command: Linux counts the memory of the process that starts a
command towards the peak of the command.
"""

import json
import os
import subprocess
import sys
from time import perf_counter


def main() -> None:
    started = perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - started
    unit = 1 if sys.platform == "darwin" else 1024
    answer = {
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "bytes": usage.ru_maxrss * unit,
        "code": os.waitstatus_to_exitcode(status),
    }
    print(json.dumps(answer))
    # The command has been waited for already.
    process.returncode = answer["code"]


if __name__ == "__main__":
    main()
