"""Compiled functions, with a cache that is never stale and last bits that do not depend on how they were compiled.

Numba's cache looks at the time stamp of the file a function stands in, and not at the files it takes constants or
callees from. Here the cache lies in a folder named by the content of every module of `physics`. What is called from
Python, `compiled_entry`, is cached, whole; `compiled` functions are parts of it. An entry is always called with
writable C-ordered arrays: for others Numba would compile a second version.
"""

import hashlib
import os
from pathlib import Path

import numba

_PACKAGE = Path(__file__).parents[1]
_DIGEST = hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(_PACKAGE.rglob("*.py")))).hexdigest()[:16]
_WRITABLE = _PACKAGE / "__pycache__" if os.access(_PACKAGE, os.W_OK) else Path.home() / ".cache" / "tls-atlas"
numba.config.CACHE_DIR = str(Path(os.environ.get("NUMBA_CACHE_DIR", _WRITABLE)) / f"numba-{_DIGEST}")

# Strict IEEE arithmetic: sums are in the order in which they are written and nothing is contracted, so that the last
# bit depends neither on how a function was vectorised or inlined nor on the width of the processor's vectors.
compiled = numba.njit(nogil=True)
compiled_entry = numba.njit(nogil=True, cache=True)


@compiled
def ordered_sum(terms, count):
    """The sum of terms[:count] in eight interleaved parts, an order that vectors of any width can follow."""
    s0, s1, s2, s3, s4, s5, s6, s7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    whole = count - count % 8
    for i in range(0, whole, 8):
        s0 += terms[i]
        s1 += terms[i + 1]
        s2 += terms[i + 2]
        s3 += terms[i + 3]
        s4 += terms[i + 4]
        s5 += terms[i + 5]
        s6 += terms[i + 6]
        s7 += terms[i + 7]
    total = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
    for i in range(whole, count):
        total += terms[i]
    return total
