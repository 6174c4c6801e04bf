"""The svg: well formed, complete in itself, and nothing in it overlaps."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fllint.graph import svg
from fllint.graph.boxes import CELL, cells, shortened
from fllint.graph.picture import picture_of
from fllint.graph.vocabulary import NodeKind
from tests.differential.jobs import Job
from tests.differential.sound_jobs import SOUND_JOBS
from tests.graph.graphs import graph_of, small_hostile_job, small_job
from tests.graph.test_formats import faulty_job

SVG = "{http://www.w3.org/2000/svg}"


def fifty_sites() -> Job:
    """Fifty sites in three apps."""
    names = [f"hospital-{number}" for number in range(50)]
    job = small_job(sites=names[:30], deploy_map={"app_b": names[30:48], "app_c": names[48:]})
    job.apps["app_b"], job.apps["app_c"] = job.apps["app_client"], job.apps["app_client"]
    return job


JOBS: list[Callable[[], Job]] = [
    small_job,
    faulty_job,
    fifty_sites,
    small_hostile_job,
    *(SOUND_JOBS[name].make for name in sorted(SOUND_JOBS)),
]


@dataclass(frozen=True)
class Rectangle:
    """Where something is drawn, and what."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def overlaps(self, other: Rectangle) -> bool:
        beside = self.right <= other.left or other.right <= self.left
        return not beside and not (self.bottom <= other.top or other.bottom <= self.top)

    def contains(self, other: Rectangle) -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


def frames(root: ElementTree.Element) -> list[tuple[Rectangle, list[Rectangle]]]:
    """The boxes and the texts in each."""
    found = []
    for group in root.iter(f"{SVG}g"):
        if "box" in group.get("class", "").split():
            frame = next(part for part in group if part.get("class") == "frame")
            x, y, width, height = (float(frame.get(key, "")) for key in ("x", "y", "width", "height"))
            texts = [text_rectangle(text) for text in group.iter(f"{SVG}text")]
            found.append((Rectangle(x, y, x + width, y + height, group.get("class", "")), texts))
    return found


def text_rectangle(text: ElementTree.Element) -> Rectangle:
    """Where a text is drawn in a monospace font: ascent and descent of 0.8 and 0.2 of its size."""
    size, x, y = (float(text.get(key, "")) for key in ("font-size", "x", "y"))
    words = text.text or ""
    return Rectangle(x, y - 0.8 * size, x + cells(words) * CELL * size, y + 0.2 * size, words)


@pytest.mark.parametrize("make", JOBS)
def test_no_two_boxes_and_no_two_texts_overlap(make: Callable[[], Job], tmp_path: Path) -> None:
    root = ElementTree.fromstring(svg.render(graph_of(make(), tmp_path, checked=True)))
    boxes = frames(root)
    texts = [text_rectangle(text) for text in root.iter(f"{SVG}text")]
    paper = Rectangle(0, 0, float(root.get("width", "")), float(root.get("height", "")), "paper")
    assert boxes
    assert not [(one, other) for one, other in combinations([box for box, _ in boxes], 2) if one.overlaps(other)]
    assert not [(one, other) for one, other in combinations(texts, 2) if one.overlaps(other)]
    assert not [(box, text) for box, inside in boxes for text in inside if not box.contains(text)]
    inside = {text for _, own in boxes for text in own}
    assert not [(box, text) for box, _ in boxes for text in texts if text not in inside and box.overlaps(text)]
    assert not [found for found in (*texts, *(box for box, _ in boxes)) if not paper.contains(found)]


@pytest.mark.parametrize("make", JOBS)
def test_every_node_of_the_picture_is_in_a_box(make: Callable[[], Job], tmp_path: Path) -> None:
    graph = graph_of(make(), tmp_path)
    root = ElementTree.fromstring(svg.render(graph))
    titles = "\n".join(
        title.text or "" for group in root.iter(f"{SVG}g") for title in group if "box" in group.get("class", "").split()
    )
    own = [node for node in picture_of(graph).nodes if node.kind is NodeKind.WORKFLOW]
    assert own
    for node in picture_of(graph).nodes:
        assert f"{node.kind.value} " in titles


def test_the_svg_asks_for_nothing_outside_itself(tmp_path: Path) -> None:
    text = svg.render(graph_of(faulty_job(), tmp_path, checked=True))
    assert re.findall(r"https?://[^\"' )]*", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"href|url\(|@import|<script|<image|<foreignObject", text)


def test_the_svg_is_light_and_dark(tmp_path: Path) -> None:
    assert "@media (prefers-color-scheme:dark)" in svg.render(graph_of(small_job(), tmp_path))


def test_what_is_wrong_has_its_own_colour(tmp_path: Path) -> None:
    root = ElementTree.fromstring(svg.render(graph_of(faulty_job(), tmp_path, checked=True)))
    classes = {group.get("class", "") for group in root.iter(f"{SVG}g")}
    assert {"box app error missing", "link refers-to broken", "box executor warning", "box task muted"} <= classes


def test_a_job_without_any_app_is_drawn(tmp_path: Path) -> None:
    job = Job("empty", {"name": "empty", "deploy_map": {}}, {})
    assert ElementTree.fromstring(svg.render(graph_of(job, tmp_path, checked=True))).get("class") == "fllint-graph"


def test_a_long_text_is_cut_to_the_room_that_it_has() -> None:
    assert shortened("x" * 40, 10) == "x" * 9 + "…"
    assert shortened("custom/a/very/long/train.py", 12, keep_end=True) == "…ng/train.py"
    assert cells(shortened("名前" * 20, 11)) <= 11


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MEASURE = """
const wrong = [];
for (const group of document.querySelectorAll('g.box')) {
  const frame = group.querySelector('.frame').getBBox();
  for (const text of group.querySelectorAll('text')) {
    const box = text.getBBox();
    if (box.x < frame.x || box.x + box.width > frame.x + frame.width) wrong.push(text.textContent);
  }
}
document.title = 'measured ' + JSON.stringify(wrong);
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: the svg is not measured in a browser")
@pytest.mark.parametrize("make", [faulty_job, fifty_sites, small_hostile_job])
def test_in_a_browser_every_text_fits_into_its_box(make: Callable[[], Job], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    drawing = svg.render(graph_of(make(), tmp_path, checked=True))
    page.write_text(f"<meta charset=utf-8><title></title>{drawing}<script>{MEASURE}</script>", encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    done = subprocess.run([str(CHROMIUM), *flags, page.as_uri()], capture_output=True, check=True, timeout=120)
    found = re.search(r"<title>measured (.*?)</title>", done.stdout.decode())
    assert found
    assert json.loads(found[1]) == []
