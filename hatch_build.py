"""The build hook: Gradle builds the jars that the wheel carries, before anything is packed."""

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
    """Fills ``python/pydjl/jars`` for a wheel, standard or editable; see pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run ``gradle jars``, unless the jars are there and newer than their sources.

        Args:
            version: ``standard`` or ``editable``; the jars are needed for both.
            build_data: what hatchling packs; pyproject.toml adds the jars to it.
        """
        jars = Jars(Path(self.root))
        if not jars.are_current():
            self._run_gradle()
            jars.mark_current()

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


class Jars:
    """The folder of jars, and whether it is what Gradle would make of the sources.

    Args:
        root: the root of the project.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "python" / "pydjl" / "jars"
        # Gradle writes it last. Its time says when the folder was last known to be current.
        self.list = self.folder / "THIRD_PARTY.txt"

    def are_current(self) -> bool:
        """Whether every jar is there, holds the sources' classes, and is not older than they."""
        ours = list(self.folder.glob("pydjl-*.jar"))
        if len(ours) != 1 or not self.list.is_file():
            return False
        if not all(jar.is_file() for jar in self._third_party()):
            return False
        built = self.list.stat().st_mtime_ns
        if any(source.stat().st_mtime_ns > built for source in self._sources()):
            return False
        # A source that was deleted leaves no newer file behind, but its class in the jar.
        return classes_in(ours[0]) == self._classes()

    def mark_current(self) -> None:
        """Note that Gradle has just run: what it found up to date keeps its old time otherwise."""
        os.utime(self.list)

    def _third_party(self) -> Iterator[Path]:
        for line in self.list.read_text(encoding="utf-8").splitlines():
            module, version, _license = line.split(maxsplit=2)
            yield self.folder / f"{module.partition(':')[2]}-{version}.jar"

    def _sources(self) -> Iterator[Path]:
        build = ("build.gradle", "settings.gradle", "config/checksums.txt")
        for name in (*build, "python/pydjl/_version.py"):
            yield self.root / name
        yield from (path for path in (self.root / "java/src/main").rglob("*") if path.is_file())

    def _classes(self) -> set[str]:
        root = self.root / "java/src/main/java"
        sources = (path for path in root.rglob("*.java") if path.stem != "package-info")
        return {path.relative_to(root).with_suffix("").as_posix() for path in sources}


def classes_in(jar: Path) -> set[str]:
    """The top-level classes in a jar, such as ``org/pydjl/training/KernelLearner``."""
    with ZipFile(jar) as archive:
        names = archive.namelist()
    return {name[:-6] for name in names if name.endswith(".class") and "$" not in name}
