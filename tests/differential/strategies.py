"""Hypothesis strategies for jobs: sound ones, and ones with a few faults."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.differential.cases import Case, fits, fitting_faults
from tests.differential.rendering import FORMATS
from tests.differential.sound_jobs import SOUND_JOBS


def sound_cases() -> st.SearchStrategy[Case]:
    """A sound job in some format."""
    return st.builds(Case, st.sampled_from(sorted(SOUND_JOBS)), st.just(()), st.sampled_from(FORMATS))


def cases(most_faults: int = 3) -> st.SearchStrategy[Case]:
    """A sound job with up to *most_faults* of the faults meant for it, in a format in which they can be written."""

    def with_faults(sound_job: str, file_format: str) -> st.SearchStrategy[Case]:
        names = fitting_faults(sound_job, file_format)
        faults = st.lists(st.sampled_from(names), max_size=most_faults, unique=True) if names else st.just([])
        return st.builds(Case, st.just(sound_job), faults.map(tuple), st.just(file_format))

    some_job, some_format = st.sampled_from(sorted(SOUND_JOBS)), st.sampled_from(FORMATS)
    return st.tuples(some_job, some_format).flatmap(lambda chosen: with_faults(*chosen)).filter(fits)
