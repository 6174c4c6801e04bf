"""Did you mean: the nearest of the names that would have been right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from msgspec import Struct

MAX_LENGTH: Final = 200
MAX_CANDIDATES: Final = 5_000
MAX_EFFORT: Final = 5_000_000
"""Pairs of characters that are compared for all suggestions about one job; some hundreds of unknown names."""


class _Effort(Struct):
    left: int


_effort: ContextVar[_Effort | None] = ContextVar("_effort", default=None)


@contextmanager
def bounded_effort() -> Iterator[None]:
    """Within it, suggestions are made until `MAX_EFFORT` is spent; then there are none. A job whose every name is
    wrong is checked without them."""
    token = _effort.set(_Effort(MAX_EFFORT))
    try:
        yield
    finally:
        _effort.reset(token)


def is_exhausted() -> bool:
    """Whether no more suggestions are made for this job."""
    effort = _effort.get()
    return effort is not None and effort.left <= 0


def _spend(pairs: int) -> None:
    effort = _effort.get()
    if effort is not None:
        effort.left -= pairs


def similar(word: str, names: Iterable[str], count: int, cutoff: float) -> list[str]:
    """`difflib.get_close_matches`, as long as there is effort left."""
    effort = _effort.get() or _Effort(MAX_EFFORT)
    if effort.left <= 0:
        return []
    from difflib import SequenceMatcher
    from heapq import nlargest

    matcher = SequenceMatcher(b=word)
    found: list[tuple[float, str]] = []
    for name in names:
        matcher.set_seq1(name)
        effort.left -= 50
        if matcher.real_quick_ratio() < cutoff:
            continue
        effort.left -= 20 * len(name)
        if matcher.quick_ratio() < cutoff:
            continue
        effort.left -= len(word) * len(name)
        if matcher.ratio() >= cutoff:
            found.append((matcher.ratio(), name))
        if effort.left <= 0:
            break
    return [name for _, name in nlargest(count, found)]


def closest(word: str, candidates: Iterable[str], cutoff: float = 0.7) -> str | None:
    """The candidate nearest to a word, or None when none is near.

    A candidate that differs only in case, ``-`` and ``_`` wins at once. Long words have no near ones (bounded time).
    """
    if not word or len(word) > MAX_LENGTH or is_exhausted():
        return None
    names = [name for name in dict.fromkeys(candidates) if name != word and len(name) <= MAX_LENGTH][:MAX_CANDIDATES]
    _spend(20 * len(names))
    folded = _folded(word)
    same = next((name for name in names if _folded(name) == folded), None)
    if same or not names:
        return same
    near = similar(word, names, 1, cutoff)
    return near[0] if near else None


def did_you_mean(word: str, candidates: Iterable[str], cutoff: float = 0.7) -> str:
    """``did you mean 'x'?``, or nothing."""
    near = closest(word, candidates, cutoff)
    return f"did you mean '{near}'?" if near else ""


def sure_match(word: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that a word must be a slip of, sure enough to write it instead; None for none, and for two.

    A slip is a difference in case, ``-`` and ``_`` alone, or one or two letters that are missing, superfluous, swapped
    or wrong (one in words of fewer than eight characters, none in fewer than four). Other digits are another name.
    """
    if not word or len(word) > MAX_LENGTH or is_exhausted():
        return None
    names = [name for name in dict.fromkeys(candidates) if name != word and len(name) <= MAX_LENGTH][:MAX_CANDIDATES]
    _spend(20 * len(names))
    folded = _folded(word)
    same = [name for name in names if _folded(name) == folded]
    if same:
        return same[0] if len(same) == 1 else None
    if len(word) < 4:
        return None
    limit = 2 if len(word) >= 8 else 1
    alike = [name for name in names if abs(len(name) - len(word)) <= limit]
    _spend(sum(len(word) * len(name) for name in alike))
    near = [name for name in alike if _digits(name) == _digits(word) and _slips(word, name, limit) <= limit]
    return near[0] if len(near) == 1 else None


def _slips(word: str, other: str, limit: int) -> int:
    """How many letters are to be added, removed, replaced or swapped with their neighbour; ``limit + 1`` for more."""
    before, row = list(range(len(other) + 1)), list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        earlier, before, row = before, row, [i]
        for j, other_letter in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == other_letter:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def _folded(word: str) -> str:
    return word.casefold().replace("-", "").replace("_", "").replace(" ", "")
