"""One decorator for compiled functions, with a cache that cannot be stale.

Numba's cache looks at the time stamp of the file a function stands in, and not at the files it takes constants or
callees from. Here the cache lies in a folder named by the content of every module of `physics`.
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
compiled = numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz", "arcp"})
