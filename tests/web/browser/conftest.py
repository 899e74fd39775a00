from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


started = _load(ROOT / "benchmarks/browser.py")


@pytest.fixture(scope="session")
def calculator():
    """Where `pydjl lab` serves, as a process of its own."""
    if started.find_chromium() is None:
        pytest.skip(started.MISSING)
    with started.served_calculator() as address:
        yield address


@pytest.fixture(scope="module")
def browser(calculator):
    with started.opened_browser() as browser:
        yield browser


@pytest.fixture
def new_lab(browser, calculator):
    """Open the page as often as one likes; afterwards nothing must have gone wrong in any."""
    labs, contexts = [], []

    def open_lab(address: str = "", **options) -> Lab:
        wanted = {"viewport": {"width": 1280, "height": 1000}, "color_scheme": "light"} | options
        context = browser.new_context(**wanted)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        lab = Lab(context.new_page(), calculator)
        labs.append(lab)
        lab.open(address)
        return lab

    yield open_lab
    for context in contexts:
        context.close()
    assert [problem for lab in labs for problem in lab.problems] == []


@pytest.fixture
def lab(new_lab):
    """The page as it starts."""
    return new_lab()


@pytest.fixture(scope="session")
def address_of():
    """Write a problem as the page writes it into its address."""

    def packed(array: object) -> str:
        array = np.asarray(array)
        numbers = ",".join(f"{number:.9g}" for number in array.ravel().tolist())
        return f"{'x'.join(map(str, array.shape))}:{numbers}"

    def write(X, K, bias=None, *, operation="corr", mode="valid", view="sum", **pairs) -> str:
        fields = {
            "v": 1,
            "x": packed(X),
            "k": packed(K),
            "b": packed(np.zeros(len(K)) if bias is None else bias),
            "o": operation,
            "m": mode,
            "s": pairs.get("stride", "1x1"),
            "p": pairs.get("padding", "0x0"),
            "d": pairs.get("dilation", "1x1"),
            "t": view,
            "at": "y,0,0",
        }
        return "#" + "&".join(f"{name}={value}" for name, value in fields.items())

    return write


class Lab:
    """The page in a browser, and everything that went wrong in it."""

    def __init__(self, page, calculator: str) -> None:
        self.page = page
        self.calculator = calculator
        self.problems: list[str] = []
        # What a test asks for wrongly is refused by the server, and the browser says so.
        self.refuses = False
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._hear)
        page.on("request", self._see)
        page.on("requestfailed", self._fail)

    def _hear(self, message) -> None:
        if message.type in ("error", "warning") and not self.refuses:
            self.problems.append(f"{message.type}: {message.text}")

    def _see(self, request) -> None:
        if not request.url.startswith((self.calculator, "blob:", "data:")):
            self.problems.append(f"a request to {request.url}")

    def _fail(self, request) -> None:
        # The page itself aborts a question when it has a newer one.
        if "ERR_ABORTED" not in request.failure:
            self.problems.append(f"{request.url} failed: {request.failure}")

    def open(self, address: str = "") -> None:
        self.page.goto(f"{self.calculator}{address}")
        self.page.locator("[data-grid=output]").wait_for()

    def numbers(self, grid: str) -> np.ndarray:
        """The numbers that stand in the cells of a grid, (rows, columns)."""
        rows = self.page.evaluate(
            """(grid) => [...document.querySelectorAll(`[data-grid=${grid}] [role=row]`)].map(
            (row) => [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent))
            """,
            grid,
        )
        return np.array([[float(text.strip().replace("−", "-")) for text in row] for row in rows])

    def figure(self, label: str) -> np.ndarray:
        """The numbers of a figure that has them, by its label."""
        name = self.page.get_by_role("img", name=label).first.get_attribute("aria-label")
        rows = name.split(": ", 1)[1].replace("−", "-").split("; ")
        return np.array([[float(number) for number in row.split(" ")] for row in rows])

    def cell(self, grid: str, row: int, column: int):
        """A cell of a grid that is made of elements."""
        rows = self.page.locator(f"[data-grid={grid}] [role=row]")
        return rows.nth(row).locator("[role=gridcell]").nth(column)

    def lit(self, grid: str, name: str) -> set[tuple[int, int]]:
        """The cells of a grid that are lit up under a name, counted with the padding."""
        mark = self.page.locator(f"[data-grid={grid}] .mark.{name}")
        if mark.count() == 0:
            return set()
        pairs = mark.get_attribute("data-cells").split()
        return {tuple(map(int, pair.split(","))) for pair in pairs}

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text().replace("−", "-")

    def choose(self, name: str) -> None:
        self.page.get_by_role("radio", name=name, exact=True).check()

    def view(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()
        self.page.get_by_role("tabpanel", name=name, exact=True).wait_for()

    def fill(self, label: str, value: object) -> None:
        field = self.page.get_by_label(label, exact=True)
        field.fill(str(value))
        field.press("Tab")

    def paste(self, grid: str, text: str) -> None:
        """Paste as a browser does, into the grid that has the focus."""
        self.page.locator(f"[data-grid={grid}] [tabindex='0']").focus()
        self.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
        self.page.keyboard.press("Control+v")

    def until(self, look, expected) -> None:
        """Wait until looking shows what is expected; the last look is told otherwise."""
        limit = time.monotonic() + 30
        while True:
            try:
                seen = look()
            except (ValueError, IndexError):  # not drawn yet, or not all of it
                seen = None
            if np.shape(seen) == np.shape(expected) and np.all(np.asarray(seen == expected)):
                return
            if time.monotonic() > limit:
                assert seen == pytest.approx(expected), f"seen: {seen}, expected: {expected}"
                raise AssertionError(f"seen: {seen}, expected: {expected}")
            self.page.wait_for_timeout(20)

    def until_output(self, expected: np.ndarray) -> None:
        self.until(lambda: self.numbers("output"), expected)
