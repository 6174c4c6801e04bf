"""Family 0, FL09x: suppressions and baselines that say something that does not hold (any more).

These rules have no inspection of their own: `fllint.suppression` and `fllint.baseline` find what they are about, once
all other rules have run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fllint.findings import Problem, Severity
from fllint.registry import rule

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL090", "unused-suppression", Severity.WARNING)
def unused_suppression(review: Review) -> Iterable[Problem]:
    """A suppression that silences nothing.

    That is a comment ``# fllint: ignore[FL203]`` where FL203 finds nothing, an entry of ``suppressions`` in the
    settings that no finding matches, or one that names no rule. It hides the next mistake at that place, and misleads
    who reads it. Files that cannot be read (FL001, FL002, FL004) and fllint's own failures (FL000) cannot be silenced.
    Suppressions of rules that did not run are left alone.

    Remove it, or name the rule whose finding is meant.
    """
    return ()


@rule("FL091", "suppression-without-reason", Severity.INFO)
def suppression_without_reason(review: Review) -> Iterable[Problem]:
    """A suppression that does not say why.

    Whoever finds it later cannot tell whether it still holds, and NVFlare will not say either.

    Write the reason behind the bracket, ``# fllint: ignore[FL203] our executor adds this argument``, or as ``reason``
    of the entry in the settings.
    """
    return ()


@rule("FL092", "stale-baseline-entry", Severity.INFO)
def stale_baseline_entry(review: Review) -> Iterable[Problem]:
    """An entry of the baseline that no finding matches any more.

    The finding was mended, or its place or value has changed. NVFlare knows nothing of baselines; the entry would hide
    the next finding like it.

    Write the baseline again: ``fllint check … --baseline FILE --write-baseline``.
    """
    return ()
