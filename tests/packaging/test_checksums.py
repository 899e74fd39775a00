"""The jars are the ones that were chosen: the build compares them with their checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = "config/checksums.txt"
JARS = ROOT / "python/pydjl/jars"


def listed(text: str) -> dict[str, str]:
    """The checksum of each ``group:name:file``."""
    return {name: checksum for checksum, name in (line.split() for line in text.splitlines())}


def test_every_jar_that_the_package_carries_has_its_checksum():
    checksums = listed((ROOT / LIST).read_text())
    third_party = [jar for jar in JARS.glob("*.jar") if not jar.name.startswith("pydjl-")]
    assert {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in third_party} == {
        name.rpartition(":")[2]: checksum
        for name, checksum in checksums.items()
        if not name.startswith("org.webjars")  # these are unpacked for the page
    }
    assert (JARS / "checksums.txt").read_text() == (ROOT / LIST).read_text()


@pytest.fixture
def gradle(tmp_path):
    """Gradle in a checkout of its own, of the build's files alone; the jars are in its cache."""
    if not shutil.which("gradle"):
        pytest.skip("there is no Gradle here")
    for name in ("build.gradle", "settings.gradle", LIST, "python/pydjl/_version.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)

    def run(task: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["gradle", "-q", "--offline", task],
            cwd=tmp_path,
            env=os.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.slow
def test_a_jar_of_another_content_stops_the_build_and_pin_lists_what_is_used(gradle, tmp_path):
    pinned = tmp_path / LIST
    right = pinned.read_text()
    lines = right.splitlines()
    first, forged = lines[0], "0" * 64 + lines[1][64:]
    pinned.write_text("\n".join([forged, *lines[2:], lines[2].replace("-", "-x", 1)]) + "\n")
    refused = gradle("jars")
    assert refused.returncode != 0
    assert f"{forged[66:]} is {lines[1][:64]}, not {'0' * 64}" in refused.stderr
    assert f"{first[66:]} is not listed" in refused.stderr
    assert f"{lines[2][66:].replace('-', '-x', 1)} is listed and not used" in refused.stderr
    assert "`gradle pin` lists what is used now" in refused.stderr
    assert not (tmp_path / "python/pydjl/jars").exists()

    assert gradle("pin").returncode == 0
    assert pinned.read_text() == right
    assert gradle("verifyChecksums").returncode == 0
