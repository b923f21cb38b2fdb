"""What takes long to find out and never changes, kept from one process to the next.

Each file lies beside the bytecode, or in the user's cache where that folder cannot be written, under a name that is a
digest of all that its content depends on, so that it is never about something else. It is a help and no more: one that
is gone, damaged or cannot be written costs the time that it saves.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_OWN = Path(__file__).parent
FOLDER = _OWN / "__pycache__" if os.access(_OWN, os.W_OK) else Path.home() / ".cache" / "tls-atlas"
# A file takes no more entries than this: what is asked for once is not worth its place.
MOST = 1000


class Kept(dict):
    """A mapping from text to plain values that is read from its file when it is made."""

    def __init__(self, what: str, depends_on: Iterable[bytes]):
        """`what` begins the file's name; `depends_on` is all that the values depend on beside their keys."""
        super().__init__()
        self.path = FOLDER / f"{what}-{_digest(*depends_on)}.json"
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            seal, content = json.loads(self.path.read_text(encoding="utf-8"))
            if seal == _digest(content.encode()):
                self.update(json.loads(content))

    def keep(self) -> None:
        """Write the file, whole or not at all. Of two processes that write, the second wins: what only the first had is
        found out once more."""
        if len(self) > MOST:
            return
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        content = json.dumps(self)
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps([_digest(content.encode()), content]), encoding="utf-8")
            os.replace(temporary, self.path)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
