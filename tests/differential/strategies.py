"""Hypothesis strategies for jobs: sound ones, and ones with a few faults."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.differential.cases import Case, fits
from tests.differential.faults import FAULTS
from tests.differential.rendering import FORMATS
from tests.differential.sound_jobs import SOUND_JOBS


def sound_cases() -> st.SearchStrategy[Case]:
    """A sound job in some format."""
    return st.builds(Case, st.sampled_from(sorted(SOUND_JOBS)), st.just(()), st.sampled_from(FORMATS))


def cases(most_faults: int = 3) -> st.SearchStrategy[Case]:
    """A sound job with up to *most_faults* faults that fit it, in a format in which all of them can be written."""

    def with_faults(file_format: str) -> st.SearchStrategy[Case]:
        names = sorted(name for name, fault in FAULTS.items() if file_format in fault.formats)
        faults = st.lists(st.sampled_from(names), max_size=most_faults, unique=True).map(tuple)
        return st.builds(Case, st.sampled_from(sorted(SOUND_JOBS)), faults, st.just(file_format))

    return st.sampled_from(FORMATS).flatmap(with_faults).filter(fits)
