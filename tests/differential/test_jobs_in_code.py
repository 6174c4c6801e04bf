"""The jobs in code are what they claim: one meaning in three formats, and faults that change something."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.differential.cases import Case, generated_cases, sound_cases, write_case, write_cases
from tests.differential.faults import FAULTS
from tests.differential.judges import RELEASES
from tests.differential.opinions import fllint_opinion
from tests.differential.rendering import FORMATS, RENDERERS, as_hocon, as_json, as_yaml
from tests.differential.sound_jobs import SOUND_JOBS
from tests.differential.strategies import cases

TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text("abc {}$\"'\\é#:", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.@ -", min_size=1, max_size=4), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["name", "deploy_map", "format_version"]), TREES))
def test_a_tree_means_the_same_as_json_and_as_yaml(tree: dict[str, object]) -> None:
    assert json.loads(as_json(tree)) == tree
    assert yaml.safe_load(as_yaml(tree)) == tree


def test_the_documents_of_sound_jobs_mean_the_same_as_hocon() -> None:
    import pyhocon

    for sound_job in SOUND_JOBS.values():
        for name, _, tree in sound_job.make().documents():
            assert pyhocon.ConfigFactory.parse_string(as_hocon(tree)).as_plain_ordered_dict() == tree, name


@pytest.mark.parametrize("name", sorted(SOUND_JOBS))
def test_fllint_has_no_error_for_a_sound_job_in_any_release_and_format(name: str, tmp_path: Path) -> None:
    chosen = [case for case in sound_cases() if case.sound_job == name]
    for case, place in write_cases(chosen, tmp_path).items():
        for release in case.releases:
            opinion = fllint_opinion(place, release)
            assert opinion.says == "quiet", f"{case.name} with {release}: {opinion}"


def test_every_fault_fits_its_sound_job_and_changes_it() -> None:
    for fault in FAULTS.values():
        sound = SOUND_JOBS[fault.on].make()
        assert repr(fault.applied_to(sound)) != repr(sound), f"{fault.name} changes nothing"


def test_every_edit_of_a_text_changes_it() -> None:
    for fault in FAULTS.values():
        job = fault.applied_to(SOUND_JOBS[fault.on].make())
        for document, _, tree in job.documents():
            text: str | bytes = RENDERERS[fault.formats[0]](tree)
            for edit in job.edits.get(document, ()):
                before, text = text, edit(text if isinstance(text, str) else text.decode())
                assert text != before, f"{fault.name} leaves {document} as it is"


def test_every_format_is_reached_by_some_fault_of_its_own() -> None:
    for file_format in FORMATS:
        assert any(fault.formats == (file_format,) for fault in FAULTS.values())


def test_generated_cases_are_the_same_for_the_same_seed() -> None:
    assert list(generated_cases(5, seed=7)) == list(generated_cases(5, seed=7))
    assert list(generated_cases(5, seed=7)) != list(generated_cases(5, seed=8))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(), release=st.sampled_from(RELEASES))
def test_fllint_reads_any_faulty_job_without_failing_itself(case: Case, release: str) -> None:
    with TemporaryDirectory() as folder:
        place = write_case(case, Path(folder))
        assert place is not None
        assert fllint_opinion(place, release).says != "crash"
