"""Did you mean: the nearest of the names that would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

MAX_LENGTH: Final = 200
MAX_CANDIDATES: Final = 5_000


def closest(word: str, candidates: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The candidate nearest to a word, or None when none is near.

    A candidate that differs only in case, ``-`` and ``_`` wins at once. Long words have no near ones (bounded time).
    """
    if not word or len(word) > MAX_LENGTH:
        return None
    names = [name for name in dict.fromkeys(candidates) if name != word and len(name) <= MAX_LENGTH][:MAX_CANDIDATES]
    same = next((name for name in names if _folded(name) == _folded(word)), None)
    if same or not names:
        return same
    from difflib import get_close_matches

    near = get_close_matches(word, names, 1, cutoff)
    return near[0] if near else None


def did_you_mean(word: str, candidates: Iterable[str], cutoff: float = 0.7) -> str:
    """``did you mean 'x'?``, or nothing."""
    near = closest(word, candidates, cutoff)
    return f"did you mean '{near}'?" if near else ""


def _folded(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "")
