"""The build hook: Gradle makes the jars and the page's modules, before a wheel is packed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GRADLE_MISSING = (
    "Building pydjl needs Gradle 4.4.1 or newer (and a JDK 17 or newer), and there is no `gradle` "
    "on the PATH: on Debian and Ubuntu `apt-get install gradle`, elsewhere see "
    "https://gradle.org/install."
)
GRADLE_FAILED = (
    "`gradle -q jars` failed with exit status {status}; it needs a JDK 17 or newer (in JAVA_HOME, "
    "or `java` on the PATH) and Maven Central. This is what it wrote:\n{output}"
)


class GradleBuildHook(BuildHookInterface[Any]):
    """Fills the folders that `Carried` knows for a wheel, standard or editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run ``gradle jars``, unless what it makes is there and newer than its sources.

        Args:
            version: ``standard`` or ``editable``; both need it.
            build_data: what hatchling packs; pyproject.toml adds what Gradle made to it.
        """
        carried = Carried(Path(self.root))
        if not carried.is_current():
            self._run_gradle()
            carried.mark_current()

    def _run_gradle(self) -> None:
        gradle = shutil.which("gradle")
        if gradle is None:
            self.app.abort(GRADLE_MISSING)
            return
        done = subprocess.run(
            [gradle, "-q", "jars"],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            output = done.stdout.strip()
            self.app.abort(GRADLE_FAILED.format(status=done.returncode, output=output))


class Carried:
    """What Gradle makes for the wheel, and whether it is what it would make of the sources.

    That is the folder of jars, and the one of the modules that the calculator's page imports.

    Args:
        root: the root of the project.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "python" / "pydjl" / "jars"
        self.modules = root / "python" / "pydjl" / "web" / "static" / "vendor"
        # Gradle writes it last. Its time says when the folders were last known to be current.
        self.list = self.folder / "THIRD_PARTY.txt"

    def is_current(self) -> bool:
        """Whether all is there, holds the sources' classes, and is not older than they."""
        ours = list(self.folder.glob("pydjl-*.jar"))
        module_list = self.modules / self.list.name
        if len(ours) != 1 or not (self.list.is_file() and module_list.is_file()):
            return False
        jars = (self.folder / f"{name}-{version}.jar" for name, version in listed(self.list))
        modules = (self.modules / f"{name}.js" for name, _version in listed(module_list))
        if not all(file.is_file() for file in (*jars, *modules)):
            return False
        built = self.list.stat().st_mtime_ns
        if any(source.stat().st_mtime_ns > built for source in self._sources()):
            return False
        # A source that was deleted leaves no newer file behind, but its class in the jar.
        return classes_in(ours[0]) == self._classes()

    def mark_current(self) -> None:
        """Note that Gradle has just run: what it found up to date keeps its old time otherwise."""
        os.utime(self.list)

    def _sources(self) -> Iterator[Path]:
        build = ("build.gradle", "settings.gradle", "config/checksums.txt")
        for name in (*build, "python/pydjl/_version.py"):
            yield self.root / name
        yield from (path for path in (self.root / "java/src/main").rglob("*") if path.is_file())

    def _classes(self) -> set[str]:
        root = self.root / "java/src/main/java"
        sources = (path for path in root.rglob("*.java") if path.stem != "package-info")
        return {path.relative_to(root).with_suffix("").as_posix() for path in sources}


def listed(file: Path) -> Iterator[tuple[str, str]]:
    """The names and versions in a list of third-party libraries, such as ``gson``, ``2.13.1``."""
    for line in file.read_text(encoding="utf-8").splitlines():
        module, version, _license = line.split(maxsplit=2)
        yield module.partition(":")[2], version


def classes_in(jar: Path) -> set[str]:
    """The top-level classes in a jar, such as ``org/pydjl/training/KernelLearner``."""
    with ZipFile(jar) as archive:
        names = archive.namelist()
    return {name[:-6] for name in names if name.endswith(".class") and "$" not in name}
