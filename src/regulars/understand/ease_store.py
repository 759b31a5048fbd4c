"""EASE in few bytes: a header in JSON and half the Gram as small whole numbers, compressed."""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"REASE1"


def packed(about: dict[str, Any], g: NDArray[Any], block: NDArray[np.int64]) -> bytes:
    """The header, the blocks and the lower half of the Gram in the smallest type that holds it."""
    low = g[np.tril_indices(len(g))]
    if np.issubdtype(low.dtype, np.integer):
        low = low.astype(np.min_scalar_type(int(low.max(initial=0))))
    header = {**about, "type": low.dtype.str}
    head = json.dumps(header, ensure_ascii=False).encode()
    body = zlib.compress(block.astype("<i4").tobytes() + low.tobytes(), 6)
    return MAGIC + len(head).to_bytes(4, "little") + head + body


def unpacked(data: bytes) -> tuple[dict[str, Any], NDArray[Any], NDArray[np.int64]]:
    """What ``packed`` wrote. Raises ``ValueError`` when the bytes are something else or damaged."""
    try:
        if data[: len(MAGIC)] != MAGIC:
            raise ValueError
        at = len(MAGIC) + 4
        size = int.from_bytes(data[len(MAGIC) : at], "little")
        about = json.loads(data[at : at + size])
        body = zlib.decompress(data[at + size :])
        n = len(about["items"])
        block = np.frombuffer(body[: 4 * n], dtype="<i4").astype(np.int64)
        low = np.frombuffer(body[4 * n :], dtype=np.dtype(about["type"]))
        kind = np.int64 if np.issubdtype(low.dtype, np.integer) else np.float64
        g = np.zeros((n, n), dtype=kind)
        g[np.tril_indices(n)] = low
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ValueError("these bytes are not a kept EASE model, or they are damaged") from error
    return about, g + np.tril(g, -1).T, block
