"""Draw the README's pictures of the calculator, in light and in dark, with this machine's Chromium.

Run from the root of a checkout: ``.venv/bin/python -m docs.calculator_picture``
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from benchmarks.browser import opened_browser, served_calculator

FOLDER = Path(__file__).parent / "images"
STATE = (
    "#v=1&x=@shapes&k=1x1x3x3:-1,0,1,-2,0,2,-1,0,1&b=1:0&o=corr&m=same&s=1x1&p=0x0&d=1x1&t=sum"
    "&at=y,3,4"
)


def main() -> None:
    """Write ``calculator.png`` and ``calculator-dark.png``."""
    FOLDER.mkdir(exist_ok=True)
    with served_calculator() as address, opened_browser() as browser:
        for scheme, name in (("light", "calculator"), ("dark", "calculator-dark")):
            picture = Image.open(io.BytesIO(_photograph(browser, address, scheme)))
            # So few colours as a page has take a third of the bytes.
            picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
                FOLDER / f"{name}.png", optimize=True
            )


def _photograph(browser: Browser, address: str, scheme: str) -> bytes:
    size = {"width": 1280, "height": 1440}
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=1.5)
    page = context.new_page()
    page.goto(address + STATE)
    page.locator("[data-text=sum]").wait_for()
    photograph = page.screenshot()
    context.close()
    return photograph


if __name__ == "__main__":
    main()
