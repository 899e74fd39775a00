"""The site builds without a warning, has every public name, and its links lead somewhere."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _load_pages():
    spec = importlib.util.spec_from_file_location("api_pages", ROOT / "docs/api/pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = _load_pages()


class _Page(HTMLParser):
    """What a page has: its anchors, where it leads, what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.anchors |= {facts[name] for name in ("id", "name") if name in facts}
        if tag == "a" and "href" in facts:
            self.links.add(facts["href"])
        elif "src" in facts:
            self.loaded.add(facts["src"])
        elif tag == "link" and "href" in facts:
            self.loaded.add(facts["href"])

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, _Page]:
    pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(
        [*command, "--site-dir", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return {path: _Page(path) for path in folder.rglob("*.html")}


def _page(site: dict[Path, _Page], name: str) -> _Page:
    return next(page for path, page in site.items() if path.as_posix().endswith(name))


@pytest.mark.parametrize("module", pages.modules())
def test_a_page_names_all_that_its_module_offers(module: str) -> None:
    imported = importlib.import_module(module)
    found = {name: getattr(imported, name) for name in dir(imported)}
    offered = {
        name
        for name, value in found.items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and not name.startswith("_")
        and value.__module__.startswith("pydjl")
    }
    listed = set(pages.names(module))
    assert listed <= set(found)
    if module in pages.PUBLIC:
        # What a module imports for its own use is not offered; what a package shows is.
        own = {n for n in offered if found[n].__module__ == module}
        assert own <= listed
        if hasattr(imported, "__path__"):
            assert offered <= listed


@pytest.mark.slow
def test_the_reference_shows_the_docstrings(site: dict[Path, _Page]) -> None:
    for name, text in {
        "api/pydjl.nn.functional.html": "The mean of each of a given number of windows",
        "api/pydjl.html": "An array whose operations DJL executes.",
        "api/pydjl.lab.gallery.html": "in one pass where their sizes allow it",
        "api/pydjl.testing.html": "Fail if a Java model and its Python twin differ",
        "api/pydjl.reference.html": "Raises:",
        "api/pydjl.chapter.html": ">>> chapter.ok",
    }.items():
        assert text in _page(site, name).text, name


@pytest.mark.slow
def test_the_reference_has_every_public_name(site: dict[Path, _Page]) -> None:
    for module in pages.modules():
        anchors = _page(site, f"api/{module}.html").anchors
        wanted = {f"{module}.{name}" for name in pages.names(module)}
        assert wanted <= anchors, wanted - anchors
    assert "pydjl.NDArray.sum" in _page(site, "api/pydjl.html").anchors


@pytest.mark.slow
def test_the_notebooks_pages_show_what_was_computed(site: dict[Path, _Page]) -> None:
    chapter = _page(site, "notebooks/chapter.html")
    assert "ND: (2, 2) cpu() float32" in chapter.text
    assert "chapter-0.png" in chapter.loaded
    assert "download/chapter.ipynb" in chapter.links
    assert "laboratory-0.gif" in _page(site, "notebooks/laboratory.html").loaded


@pytest.mark.slow
def test_every_link_leads_to_a_page_and_a_place_on_it(site: dict[Path, _Page]) -> None:
    broken = []
    for path, page in site.items():
        if path.name in {"404.html", "search.html"}:
            continue
        for link in page.links | page.loaded:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target.is_file() or (target / "index.html").is_file()
            place = unquote(parts.fragment)
            if not there or (place and target in site and place not in site[target].anchors):
                broken.append((path.name, link))
    assert broken == []


@pytest.mark.slow
def test_no_page_asks_another_server(site: dict[Path, _Page]) -> None:
    foreign = {each for page in site.values() for each in page.loaded if urlsplit(each).netloc}
    assert foreign == set()
    folder = next(path.parent for path in site if path.name == "404.html")
    styles = [path.read_text(encoding="utf-8") for path in folder.rglob("*.css")]
    assert styles
    assert not [style for style in styles if "url(http" in style or "url(//" in style]
