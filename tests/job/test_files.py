"""A job's files look the same in a folder and in a zip, and nothing outside of it is read."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from fllint.job import files as job_files
from fllint.job.files import FolderFiles, JobFiles, Kind, UnreadableError
from fllint.job.zip_files import ZipFiles

NAMES = ("meta.json", "app/config/config_fed_server.json", "app/custom/pkg/net.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "job"
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}", "utf-8")
    return root


def zipped(folder: Path, prefix: str, *beside: str) -> ZipFiles:
    archive = folder.parent / "job.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name in NAMES:
            opened.write(folder / name, f"{prefix}{name}")
        for name in beside:
            opened.writestr(name, "")
    return ZipFiles(archive, "job.zip")


@pytest.mark.parametrize("prefix", ["job/", ""])
def test_a_zip_has_the_entries_of_its_folder(folder: Path, prefix: str) -> None:
    in_folder: JobFiles = FolderFiles(folder, "job")
    in_zip: JobFiles = zipped(folder, prefix)
    assert in_zip.name == in_folder.name == "job"
    assert [(entry.name, entry.kind) for entry in in_zip.entries.values()] == [
        (entry.name, entry.kind) for entry in in_folder.entries.values()
    ]
    for name in NAMES:
        assert in_zip.read(name) == in_folder.read(name) == f"# {name}".encode()


@pytest.mark.parametrize("prefix", ["job/", ""])
def test_what_lies_beside_the_job_in_a_zip_is_not_of_it(folder: Path, prefix: str) -> None:
    files = zipped(folder, prefix, "__MACOSX/job/._meta.json", ".DS_Store")
    assert files.name == "job"
    assert set(NAMES) <= files.entries.keys()
    assert bool(prefix) is ("__MACOSX" not in files.entries)


@pytest.mark.parametrize("names", [["x.json"], ["app/x.json", "other/x.json"]])
def test_without_a_meta_only_a_single_folder_is_taken_for_the_job(tmp_path: Path, names: list[str]) -> None:
    archive = tmp_path / "job.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name in names:
            opened.writestr(name, "")
    assert set(names) <= ZipFiles(archive, "job.zip").entries.keys()


def test_files_of_a_folder_come_before_its_folders(folder: Path) -> None:
    (folder / "app" / "custom" / "zz.py").write_text("", "utf-8")
    names = [entry.name for entry in FolderFiles(folder, "job").below("app/custom")]
    assert names == ["app/custom/zz.py", "app/custom/pkg", "app/custom/pkg/net.py"]


def test_a_link_to_a_file_of_the_job_counts_as_that_file(folder: Path) -> None:
    (folder / "copy.json").symlink_to("meta.json")
    entry = FolderFiles(folder, "job").entries["copy.json"]
    assert (entry.kind, entry.link) == (Kind.FILE, True)


@pytest.mark.parametrize("target", ["..", "/etc/hostname", "nowhere", "app"])
def test_other_links_are_links_and_are_not_followed(folder: Path, target: str) -> None:
    (folder / "link").symlink_to(target)
    files = FolderFiles(folder, "job")
    assert files.entries["link"].kind is Kind.LINK
    assert not any(name.startswith("link/") for name in files.entries)


def test_nothing_outside_the_job_is_read(folder: Path) -> None:
    (folder.parent / "secret").write_text("secret", "utf-8")
    (folder / "link").symlink_to("../secret")
    files = FolderFiles(folder, "job")
    for name in ("link", "../secret", "/etc/hostname"):
        with pytest.raises(UnreadableError):
            files.read(name)


def test_a_pipe_is_neither_read_nor_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    files = FolderFiles(folder, "job")
    assert files.entries["pipe"].kind is Kind.OTHER
    with pytest.raises(UnreadableError):
        files.read("pipe")


def test_a_large_file_is_read_up_to_the_limit(folder: Path) -> None:
    (folder / "large").write_bytes(b"x" * 1_000)
    assert len(FolderFiles(folder, "job").read("large", limit=10)) == 11


def test_a_job_of_very_many_files_is_cut_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_files, "MAX_FILES", 3)
    files = FolderFiles(folder, "job")
    assert len(files.entries) == 3
    assert files.truncated


def test_entries_of_a_zip_that_lead_out_of_it_are_kept_apart(tmp_path: Path) -> None:
    archive = tmp_path / "job.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name in ("job/meta.json", "../evil.py", "/etc/evil", "job/../../evil", "c:/evil"):
            opened.writestr(name, "{}")
    files = ZipFiles(archive, "job.zip")
    assert list(files.entries) == ["meta.json"]
    assert len(files.escaping) == 4


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + b"\xff" * 18])
def test_a_file_that_is_no_zip_is_refused_with_a_message(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "job.zip"
    archive.write_bytes(content)
    with pytest.raises(UnreadableError, match=r"job\.zip is not a zip"):
        ZipFiles(archive, "job.zip")


@pytest.mark.parametrize("before", [0, 70_000])
@pytest.mark.parametrize("comment", [b"", b"c" * 65_535])
def test_a_zip_with_a_huge_directory_is_refused_before_it_is_read(tmp_path: Path, before: int, comment: bytes) -> None:
    archive = tmp_path / "job.zip"
    size = (20_000_001).to_bytes(4, "little")
    archive.write_bytes(b"\0" * before + b"PK\5\6" + b"\0" * 8 + size + b"\0" * 4 + b"\xff\xff" + comment)
    with pytest.raises(UnreadableError, match="its directory has more than"):
        ZipFiles(archive, "job.zip")


def test_links_folders_and_what_cannot_be_unpacked_are_no_readable_files_of_a_zip(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "job.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        link = zipfile.ZipInfo("job/link")
        link.external_attr = 0o120777 << 16
        opened.writestr(link, "../secret")
        opened.writestr("job/app/", "")
        opened.writestr("job/meta.json", "{}")
    archive.write_bytes(archive.read_bytes().replace(b"{}", b"[]", 1))  # its check sum is wrong
    files = ZipFiles(archive, "job.zip")
    assert (files.entries["link"].kind, files.entries["link"].link) == (Kind.LINK, True)
    assert files.entries["app"].kind is Kind.FOLDER
    for name in ("app", "meta.json", "nothing"):
        with pytest.raises(UnreadableError, match=name):
            files.read(name)


def test_a_zip_bomb_is_unpacked_up_to_the_limit(tmp_path: Path) -> None:
    archive = tmp_path / "job.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("job/meta.json", b"0" * 50_000_000)
    assert len(ZipFiles(archive, "job.zip").read("meta.json")) == 1_000_001


def test_files_that_are_no_python_leave_the_python_readable(folder: Path) -> None:
    for name in ("app/custom/images.bin", "app/custom/large.py"):
        with (folder / name).open("wb") as file:
            file.truncate(job_files.MAX_PYTHON_TOTAL + 1)
    files = FolderFiles(folder, "job")
    assert files.unread_python == {"app/custom/large.py"}
    assert files.read_python("app/custom/pkg/net.py")


@pytest.mark.parametrize("in_zip", [False, True])
def test_folders_that_lie_too_deep_are_not_looked_into_and_told(folder: Path, tmp_path: Path, in_zip: bool) -> None:
    deep = "a/" * (job_files.MAX_DEPTH + 2) + "deep.py"
    (folder / deep).parent.mkdir(parents=True)
    (folder / deep).write_text("", "utf-8")
    archive = tmp_path / "job.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(folder / deep, deep)
    files: JobFiles = ZipFiles(archive, "job") if in_zip else FolderFiles(folder, "job")
    assert deep not in files.entries
    assert files.too_deep.startswith("a/a/")
