"""Compiled functions, with a cache that is never stale and whose code does not depend on its history.

Numba's cache looks at the time stamp of the file a function stands in, and not at the files it takes constants or
callees from. Here the cache lies in a folder named by the content of every module of `physics`. A caller that links a
callee from the cache is other machine code than one that is compiled with it, with other last bits; so only what is
called from Python, `compiled_entry`, is cached, whole, and `compiled` functions are parts of it.
"""

import hashlib
import os
from pathlib import Path

import numba

_PACKAGE = Path(__file__).parent
_DIGEST = hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(_PACKAGE.glob("*.py")))).hexdigest()[:16]
_WRITABLE = _PACKAGE / "__pycache__" if os.access(_PACKAGE, os.W_OK) else Path.home() / ".cache" / "tls-atlas"
numba.config.CACHE_DIR = str(Path(os.environ.get("NUMBA_CACHE_DIR", _WRITABLE)) / f"numba-{_DIGEST}")

# Sums may be reordered so that they vectorise; NaN and infinity keep their meaning.
_OPTIONS = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz", "arcp"}}
compiled = numba.njit(**_OPTIONS)
compiled_entry = numba.njit(cache=True, **_OPTIONS)
