"""What stays the same about a finding when lines move: its rule, its file, its pointer and the value there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import sha256

from fllint.documents.tree import Place
from fllint.findings import Finding


def value_hash(place: Place) -> str:
    """A hash of what is written at a place; white space does not count, so that reformatting a file keeps it."""
    written = place.source.text[place.span.start : place.span.end]
    return _short_hash(re.sub(r"\s+", "", written))


def fingerprints(findings: Iterable[Finding], path_of: Callable[[Place], str]) -> tuple[str, ...]:
    """A fingerprint for each finding, in their order; ``path_of`` says how a file is called wherever fllint runs. Equal
    findings are told apart by their number."""
    seen: Counter[tuple[str, ...]] = Counter()
    prints = []
    for finding in findings:
        place = finding.problem.place
        key = (finding.code, path_of(place), place.pointer, value_hash(place))
        prints.append(_short_hash("\n".join((*key, str(seen[key])))))
        seen[key] += 1
    return tuple(prints)


def _short_hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
