"""What a start needs, found before anything that cannot be undone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydjl._interpreter import check_gil
from pydjl.errors import ArgumentTypeError, StartError
from pydjl.runtime.cache import engine_cache, user_cache
from pydjl.runtime.class_archive import archive_file, archive_options
from pydjl.runtime.java_home import JavaHome, find_java
from pydjl.runtime.jvm_options import all_options, try_options
from pydjl.runtime.libraries import class_path, find_jars
from pydjl.runtime.libtorch import LibTorch, find_libtorch


@dataclass(frozen=True)
class Facts:
    """What is to be started, or was.

    Attributes:
        java: the Java that runs.
        libtorch: the libtorch that both languages use.
        jars: the class path, the user's entries last.
        options: the virtual machine's options.
        cache: where DJL unpacks its JNI library.
        archive: where an archive of the classes lies, if one was made.
    """

    java: JavaHome
    libtorch: LibTorch
    jars: tuple[Path, ...]
    options: tuple[str, ...]
    cache: Path
    archive: Path


# What `start` is called with.
Settings = tuple[
    str | os.PathLike[str] | None,
    tuple[str, ...],
    tuple[str | os.PathLike[str], ...],
    str | os.PathLike[str] | None,
]


def check_settings(
    java_home: str | os.PathLike[str] | None,
    jvm_options: Sequence[str],
    classpath: Sequence[str | os.PathLike[str]],
    jni_library: str | os.PathLike[str] | None,
) -> Settings:
    """The arguments of `start`; a text is no sequence of options, and no list is a path.

    Raises:
        ArgumentTypeError: one is of another kind.
    """
    for name, path in (("java_home", java_home), ("jni_library", jni_library)):
        if path is not None and not isinstance(path, (str, os.PathLike)):
            raise ArgumentTypeError(f"{name} is a path, not {path!r}.")
    for name, several in (("jvm_options", jvm_options), ("classpath", classpath)):
        if isinstance(several, (str, os.PathLike)) or not isinstance(several, Iterable):
            raise ArgumentTypeError(f"{name} is a list, not {several!r}: put it into brackets.")
    # Absolute, so that the same place is the same setting however it is written.
    entries = tuple(Path(entry).resolve() for entry in classpath)
    return java_home, tuple(jvm_options), entries, jni_library


def find_facts(
    java_home: str | os.PathLike[str] | None,
    jvm_options: tuple[str, ...],
    classpath: tuple[str | os.PathLike[str], ...],
    jni_library: str | os.PathLike[str] | None,
) -> Facts:
    """Find everything that a start with some settings needs.

    Raises:
        StartError: something is not there, or an option is wrong.
        JavaNotFoundError: no Java of version 17 or newer was found.
    """
    check_gil()
    chosen = jni_library or os.environ.get("PYDJL_JNI_LIBRARY") or None
    library = Path(chosen) if chosen else None
    libtorch = find_libtorch(any_version=library is not None)
    jars = find_jars()
    ours = class_path(jars)
    entries = [Path(entry) for entry in classpath]
    for entry in entries:
        if not entry.exists():
            raise StartError(f"classpath entry {str(entry)!r} does not exist.")
    java = find_java(java_home)
    cache_folder = engine_cache(libtorch, jars, library)
    archive = archive_file(user_cache() or cache_folder, java, ours)
    properties = [
        f"-DPYTORCH_LIBRARY_PATH={libtorch.lib}",
        f"-DPYTORCH_VERSION={libtorch.version}",
        f"-DPYTORCH_FLAVOR={libtorch.flavor}",
        f"-DENGINE_CACHE_DIR={cache_folder}",
    ]
    if libtorch.flavor != "cpu":
        folders = _cuda_runtime_folders(libtorch)
        if folders:
            properties.append(f"-Djna.library.path={os.pathsep.join(map(str, folders))}")
    properties += archive_options(archive, jvm_options)
    options = all_options(properties, jvm_options)
    try_options(java, options, jvm_options)
    return Facts(
        java=java,
        libtorch=libtorch,
        jars=(*ours, *entries),
        options=options,
        cache=cache_folder,
        archive=archive,
    )


def _cuda_runtime_folders(libtorch: LibTorch) -> list[Path]:
    """Where pip's CUDA runtime lies: DJL looks for libcudart to count the GPUs."""
    site_packages = libtorch.lib.parent.parent
    return sorted({path.parent for path in site_packages.glob("nvidia/*/lib/libcudart.so*")})
