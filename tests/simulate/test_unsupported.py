from __future__ import annotations

from pathlib import Path

from fllint.simulate.supervisor.preload import class_paths_of
from fllint.simulate.supervisor.unsupported import REFUSED, reason, refused_in


def test_what_brings_its_own_network_is_refused_by_name() -> None:
    assert reason("nvflare.app_opt.xgboost.histogram_based_v2.fed_controller.XGBFedController")
    assert reason("nvflare.app_opt.flower.controller.FlowerController")
    assert reason("nvflare.edge.controllers.sage.ScatterAndGatherForEdge")


def test_what_merely_begins_alike_is_not_refused() -> None:
    assert not reason("nvflare.app_common.workflows.fedavg.FedAvg")
    assert not reason("nvflare.app_opt.xgboost.tree_based.executor.FedXGBTreeExecutor")
    assert not reason("nvflare.edgecase.Something")
    assert not reason("nvflare.app_opt.helper.Something")


def test_every_reason_says_why() -> None:
    assert all(why and not why.endswith(".") for _, why in REFUSED)


def test_class_paths_are_found_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("path = nvflare.app_opt.flower.executor.FlowerExecutor\n")
    (tmp_path / "b.yml").write_text("path: nvflare.app_common.workflows.fedavg.FedAvg\n")
    (tmp_path / "c.py").write_text("import nvflare.app_opt.he.something\n")
    found = class_paths_of(str(tmp_path))
    assert found == ["nvflare.app_common.workflows.fedavg.FedAvg", "nvflare.app_opt.flower.executor.FlowerExecutor"]
    assert [path for path, _ in refused_in(found)] == ["nvflare.app_opt.flower.executor.FlowerExecutor"]
