from __future__ import annotations

import json
from pathlib import Path

import fllint.catalogue
from fllint.catalogue.catalogue import RELEASES, Catalogue
from fllint.catalogue.moved import moved, moved_argument, moved_text

DATA = Path(fllint.catalogue.__file__).parent / "data"
CLIENT_API = "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor"
IN_PROCESS = "nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor"


def test_the_table_fits_the_releases() -> None:
    assert (DATA / "moved.json").read_text("utf-8") == moved_text()


def test_a_class_that_was_removed_has_a_replacement_with_a_note() -> None:
    found = moved(IN_PROCESS, "2.9")
    assert found is not None
    assert (found.releases[0], found.last, found.next, found.replacement) == ("2.5", "2.8", None, CLIENT_API)
    assert "in_process" in found.note


def test_a_class_of_later_releases_is_said_to_be_later() -> None:
    found = moved(CLIENT_API, "2.7")
    assert found is not None
    assert (found.last, found.next, found.replacement) == (None, "2.9", IN_PROCESS)
    found = moved("nvflare.app_common.workflows.fedavg.FedAvg", "2.3")
    assert found is not None
    assert (found.next, found.replacement) == ("2.4", None)


def test_a_module_that_was_renamed_leads_to_the_same_class() -> None:
    found = moved("nvflare.app_common.pt.pt_file_model_persistor.PTFileModelPersistor", "2.9")
    assert found is not None
    assert found.replacement == "nvflare.app_opt.pt.file_model_persistor.PTFileModelPersistor"
    assert found.releases == ()
    assert moved("nvflare.app_common.pt.pt_file_model_persistor.NotInTheNewModule", "2.9") is None


def test_a_class_that_moved_is_found_by_its_name() -> None:
    found = moved("nvflare.app_opt.xgboost.histogram_based_v2.controller.XGBFedController", "2.9")
    assert found is not None
    assert found.replacement == "nvflare.app_opt.xgboost.histogram_based_v2.fed_controller.XGBFedController"


def test_a_component_that_is_not_needed_any_more_says_so() -> None:
    found = moved("nvflare.fuel.utils.pipe.cell_pipe.CellPipe", "2.9")
    assert found is not None
    assert found.replacement is None
    assert "remove" in found.note


def test_nothing_is_known_of_what_never_was() -> None:
    assert moved("nvflare.app_common.nothing.Nothing", "2.9") is None


def test_replacements_exist_in_some_release_and_their_originals_do_not_in_the_newest() -> None:
    replacements = json.loads((DATA / "replacements.json").read_text("utf-8"))
    catalogues = [Catalogue.load(release) for release in RELEASES]
    for path, entry in replacements["removed"].items():
        assert catalogues[-1].find(path) is None
        assert "instead" not in entry or any(catalogue.find(entry["instead"]) for catalogue in catalogues)
    for entry in replacements["added"].values():
        assert any(catalogue.find(entry["instead"]) for catalogue in catalogues)
    for module in replacements["modules"].values():
        assert any(catalogue.has_module(module) for catalogue in catalogues)


def test_an_argument_that_older_releases_called_otherwise_is_known_where_it_is_gone() -> None:
    path = "nvflare.app_common.workflows.fedavg.FedAvg"
    assert moved_argument(path, "min_clients", "2.9") == "num_clients"
    assert moved_argument(path, "persist_every_n_rounds", "2.9") == ""
    assert moved_argument(path, "min_clients", "2.4") is None
    assert moved_argument(path, "nothing", "2.9") is None


def test_moved_arguments_were_those_of_an_older_release_and_their_new_names_are_of_the_newest() -> None:
    arguments = json.loads((DATA / "replacements.json").read_text("utf-8"))["arguments"]
    for path, names in arguments.items():
        for old, new in names.items():
            having = [Catalogue.load(release).find(path) for release in RELEASES]
            assert any(info and info.parameter(old) for info in having), (path, old)
            assert moved_argument(path, old, RELEASES[-1]) == new
            for release, info in zip(RELEASES, having, strict=True):
                if info is None or info.parameter(old):
                    assert moved_argument(path, old, release) is None
