"""The one exception that a user of the atlas is meant to see, and errors of the machine in words."""

import errno
import os

from survey.words import bounded

_READ_AND_WRITE = "let yourself read and write there, or choose another folder with --results"
_REMEDIES = {
    errno.ENOSPC: "make room (`survey gc` lists what no survey needs)",
    errno.EDQUOT: "make room (`survey gc` lists what no survey needs)",
    errno.EROFS: "let it be written to, or choose another folder with --results",
    errno.EACCES: _READ_AND_WRITE,
    errno.EPERM: _READ_AND_WRITE,
    errno.EMFILE: "allow more open files (`ulimit -n`)",
    errno.ENFILE: "close other programs' files",
    errno.EIO: "the disk or the network has a fault",
    errno.ENAMETOOLONG: "use a shorter name",
    errno.ENOTDIR: "it needs a folder where there is a file",
}


class SurveyError(Exception):
    """A fault of the user's input: the message says what, where, what was found and what is allowed. A terminal can
    show it, whatever it quotes."""

    def __init__(self, message: object = ""):
        super().__init__(bounded(str(message)))


class TooLarge(SurveyError):
    """An answer that would be larger, or take longer, than is allowed."""


class MissingTiles(SurveyError):
    """A virtual cube refers to tiles that are not there."""


class Damaged(SurveyError):
    """A file of ours that does not hold what was written to it: `path` says which."""

    def __init__(self, path, found: str):
        super().__init__(f"{path}: damaged ({found}); delete it and run again")
        self.path, self.found = path, found


def in_words(code: int | None) -> str | None:
    """What an error number of the operating system means, and what to do about it; None if it is none of the machine's
    shortages."""
    return f"{os.strerror(code)}; {_REMEDIES[code]}, then run the same command again" if code in _REMEDIES else None
