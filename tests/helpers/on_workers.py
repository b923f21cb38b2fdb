"""What goes wrong on a worker, in a module that is quick to import there."""

import os

from survey.errors import Damaged


def raising(number):
    if number == 3:
        error = ZeroDivisionError("the kernel's own words")
        error.add_note("where it was")
        raise error
    return number


def damaged(number):
    raise Damaged("cube.nc", "a bit")


def dying(folder, number):
    """Ends its worker: number 3 always, others the first time."""
    if number == 3 or not (folder / str(number)).exists():
        (folder / str(number)).touch()
        os._exit(1)
    return number
