"""How long the calculator's page takes to answer."""

from __future__ import annotations

import random

from playwright.sync_api import Page

from benchmarks.browser import opened_browser, served_calculator

# The clock starts at the event's own time stamp, and stops in the task after the frame in which the
# output was painted.
_STOPWATCH = """
let started = null;
let answered = null;
window.expectAnswer = () => { window.answer = new Promise((done) => { answered = done; }); };
addEventListener("pointerdown", (event) => { started = event.timeStamp; }, true);
const paint = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...image) {
  paint.apply(this, image);
  if (started === null || this.canvas.closest("[data-grid=output]") === null) return;
  const begun = started;
  started = null;
  requestAnimationFrame(() => setTimeout(() => answered(performance.now() - begun)));
};
"""


def strokes_drawn(interactions: int = 31) -> list[float]:
    """Time from a stroke of the brush on a 64×64 input to the output of a 7×7 kernel, drawn.

    Args:
        interactions: how many strokes are timed, after five that warm up.

    Returns:
        The seconds of each.
    """
    with served_calculator() as address, opened_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(_STOPWATCH)
        page.goto(f"{address}#{_address(64, 7)}")
        page.get_by_role("button", name="Brush").click()
        page.get_by_label("Value of the brush").fill("-3")
        page.get_by_label("Value of the brush").press("Tab")
        times = [_stroke(page, number) for number in range(5 + interactions)]
    return times[5:]


def _stroke(page: Page, number: int) -> float:
    """Draw one cell, wait until its output is there, and say how long that took."""
    box = page.locator("[data-grid=input]").bounding_box()
    assert box is not None
    page.evaluate("expectAnswer()")
    cell = box["width"] / 64
    page.mouse.click(box["x"] + (number + 0.5) * cell, box["y"] + (7 * number % 64 + 0.5) * cell)
    return float(page.evaluate("answer")) / 1000


def _address(size: int, kernel: int) -> str:
    """The state of the page with random numbers in a square input and a square kernel."""
    digits = random.Random(20250)

    def numbers(count: int) -> str:
        return ",".join(f"{digits.uniform(-1, 1):.4f}" for _ in range(count))

    return (
        f"v=1&x=1x{size}x{size}:{numbers(size * size)}&k=1x1x{kernel}x{kernel}:"
        f"{numbers(kernel * kernel)}&b=1:0&o=corr&m=valid&s=1x1&p=0x0&d=1x1&t=sum&at=y,9,9"
    )
