"""Without a mouse, with a screen reader, in dark and light, on a phone."""

from __future__ import annotations

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

VIEWS = ("Sum", "As a matrix", "Channels", "All kernels", "Learning", "Sizes", "Quiz", "Code")
RNG = np.random.default_rng(19)


def violations(lab, part=None, options=None):
    lab.page.wait_for_timeout(150)  # until colours have faded over
    found = Axe().run(lab.page, part, options).response
    assert found["passes"]
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]
    ]


def is_drawn(lab):
    return lab.page.locator("#view .empty").count() == 0


@pytest.fixture
def rich(address_of):
    """An address whose page shows everything at once: channels, padding, unused rows, marks."""
    X = RNG.integers(-9, 10, (2, 6, 7))
    K = RNG.integers(-3, 4, (2, 2, 3, 2))
    return address_of(X, K, operation="conv", mode="full", stride="2x3")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(new_lab, rich, scheme):
    lab = new_lab(rich, color_scheme=scheme)
    background = lab.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (int(background.split("(")[1].split(",")[0]) > 128) == (scheme == "light")
    lab.page.get_by_role("button", name="As text…").click()
    assert violations(lab) == []
    # The other theme is another in its colours alone.
    options = None if scheme == "light" else {"runOnly": ["color-contrast"]}
    for name in VIEWS:
        lab.view(name)
        lab.until(lambda: is_drawn(lab), True)
        assert violations(lab, "#view", options) == [], name


def test_axe_finds_nothing_in_a_painted_grid_and_in_a_message(new_lab, address_of):
    X = RNG.uniform(-1, 1, (1, 40, 30))
    lab = new_lab(address_of(X, np.ones((1, 1, 5, 5))))
    lab.refuses = True
    lab.page.locator("[data-grid=output] [role=gridcell]").focus()
    lab.page.keyboard.press("ArrowDown")
    lab.page.get_by_label("Dilation, rows").fill("16")
    lab.page.get_by_role("alert").get_by_text("kernel").wait_for()
    assert violations(lab) == []


def test_the_theme_can_be_chosen_and_is_kept(lab):
    lab.page.get_by_label("Colours of the page").select_option("dark")
    theme = "document.documentElement.dataset.theme"
    lab.until(lambda: lab.page.evaluate(theme), "dark")
    lab.page.reload()
    lab.page.locator("[data-grid=output]").wait_for()
    assert lab.page.evaluate(theme) == "dark"


def test_everything_is_done_by_keyboard_alone(new_lab, address_of):
    X, K = np.arange(12.0).reshape(1, 3, 4), np.array([[[[1.0, 2], [0, -1]]]])
    lab = new_lab(address_of(X, K))
    keyboard = lab.page.keyboard
    focused = """() => { const e = document.activeElement, g = e.closest("[data-grid]");
        return g && e.matches("[role=gridcell]") ? g.dataset.grid
             : e.getAttribute("aria-label") ?? (e.labels?.[0] ?? e).textContent.trim() }"""

    def tab_to(name):
        for _ in range(40):
            keyboard.press("Tab")
            if lab.page.evaluate(focused) == name:
                outline = lab.page.evaluate(
                    """() => { const e = document.activeElement;
                    const shown = e.matches("[type=radio]") ? e.nextElementSibling : e;
                    return getComputedStyle(shown).outlineStyle }"""
                )
                assert outline == "solid", f"the focus on {name} cannot be seen"
                return
        raise AssertionError(f"the Tab key does not come to {name}")

    tab_to("Cross-correlation")
    keyboard.press("ArrowRight")  # Convolution
    tab_to("Valid")
    tab_to("input")
    keyboard.press("ArrowRight")
    keyboard.type("10")
    keyboard.press("Enter")
    tab_to("kernel")
    keyboard.press("F2")
    keyboard.press("Control+a")
    keyboard.type("-3")
    keyboard.press("Enter")
    X[0, 0, 1], K[0, 0, 0, 0] = 10, -3
    turned = K[0, 0, ::-1, ::-1]
    expected = [[(X[0, i : i + 2, j : j + 2] * turned).sum() for j in range(3)] for i in range(2)]
    lab.until_output(np.array(expected))
    tab_to("output")
    keyboard.press("ArrowDown")
    lab.until(lambda: lab.lit("input", "window"), {(1, 0), (1, 1), (2, 0), (2, 1)})
    tab_to("Play")
    keyboard.press("Space")
    lab.page.get_by_role("button", name="Pause").wait_for()
    keyboard.press("Space")
    lab.page.get_by_role("button", name="Play").wait_for()
    tab_to("Sum")
    for name in (*VIEWS[1:], VIEWS[0]):
        keyboard.press("ArrowRight")
        lab.until(lambda: lab.page.get_by_role("tab", selected=True).inner_text(), name)
        assert lab.page.evaluate(focused) == name


def test_a_phone_shows_everything_in_its_width(new_lab, rich):
    lab = new_lab(rich, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for name in VIEWS:
        lab.view(name)
        lab.until(lambda: is_drawn(lab), True)
        assert lab.page.evaluate("document.documentElement.scrollWidth") == 390, name
    lab.view("Sum")
    lab.cell("output", 1, 1).tap()
    lab.until(lambda: lab.lit("output", "chosen"), {(1, 1)})


def test_a_phone_shows_the_chosen_tab(new_lab, rich):
    lab = new_lab(rich, viewport={"width": 390, "height": 844})
    tabs = lab.page.get_by_role("tablist").bounding_box()
    for name in ("Code", "Sum", "Learning"):
        lab.page.get_by_role("tab", name=name, exact=True).dispatch_event("click")
        lab.page.get_by_role("tabpanel", name=name, exact=True).wait_for()
        box = lab.page.get_by_role("tab", name=name, exact=True).bounding_box()
        assert tabs["x"] - 1 <= box["x"]
        assert box["x"] + box["width"] <= tabs["x"] + tabs["width"] + 1


def test_nothing_moves_while_one_looks_and_types(new_lab, rich):
    lab = new_lab(rich)
    places = """() => ["[data-grid=output]", ".strip", ".tabs"].map((name) => {
        const box = document.querySelector(name).getBoundingClientRect();
        return [box.x, box.y + scrollY, box.width] })"""
    before = lab.page.evaluate(places)
    for i, j in ((0, 0), (1, 2), (2, 1)):
        lab.cell("output", i, j).hover()
        lab.until(lambda i=i, j=j: lab.lit("output", "chosen"), {(i, j)})
        lab.cell("input", i, j).hover()
        lab.until(lambda: len(lab.lit("input", "chosen")), 1)
    lab.cell("input", 0, 0).click()
    lab.page.keyboard.type("1e5")
    lab.page.keyboard.press("Enter")
    lab.until(lambda: lab.numbers("input")[0, 0], 1e5)
    lab.fill("Bias", 3)
    assert lab.page.evaluate(places) == before
