"""The surrogate key of a person or company: 12 random letters, and nothing else."""

from __future__ import annotations

import secrets

# No vowels and no look-alikes: a key is never a word and can be read out over the phone.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
LENGTH = 12


def new_key() -> str:
    """A fresh key; 28**12 is 2**57, so a million people collide once in a quarter of a million companies."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_keys(count: int) -> list[str]:
    """Many fresh keys, all different."""
    keys: set[str] = set()
    while len(keys) < count:
        noise = secrets.token_bytes(LENGTH * (count - len(keys)) * 2)
        # 252 is the largest multiple of 28 below 256: without it the first letters would be likelier.
        letters = [ALPHABET[b % 28] for b in noise if b < 252]
        keys.update("".join(letters[i : i + LENGTH]) for i in range(0, len(letters) - LENGTH + 1, LENGTH))
    return list(keys)[:count]
