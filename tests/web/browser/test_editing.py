"""The input and the kernel are typed, pasted, drawn, chosen and loaded."""

from __future__ import annotations

import io

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from scipy import signal

RNG = np.random.default_rng(7)
X = RNG.integers(-9, 10, (4, 6)).astype(float)
K = RNG.integers(-3, 4, (2, 3)).astype(float)


@pytest.fixture
def small(new_lab, address_of):
    return new_lab(address_of(X[None], K[None, None]))


def correlated(X, K):
    return signal.correlate2d(X, K, "valid")


def with_cells(array, cells):
    changed = array.copy()
    for place, value in cells.items():
        changed[place] = value
    return changed


def test_cells_of_the_input_are_typed(small):
    keyboard = small.page.keyboard
    small.cell("input", 1, 2).click()
    keyboard.type("-7.5")
    keyboard.press("Enter")  # and one down
    keyboard.press("Enter")
    keyboard.type("12")
    keyboard.press("Tab")  # and one to the right
    keyboard.type("3e1")
    keyboard.press("Enter")
    keyboard.type("99")
    keyboard.press("Escape")
    changed = with_cells(X, {(1, 2): -7.5, (2, 2): 12, (2, 3): 30})
    small.until_output(correlated(changed, K))
    assert small.numbers("input").tolist() == changed.tolist()


def test_a_cell_that_is_no_number_stays_as_it_was(small):
    small.cell("kernel", 0, 1).dblclick()
    small.page.keyboard.type("1.2.3")
    small.page.keyboard.press("Enter")
    small.page.get_by_role("alert").get_by_text("“1.2.3” is not a number").wait_for()
    assert small.numbers("kernel").tolist() == K.tolist()


def test_the_kernel_is_edited_and_made_larger_in_place(small):
    small.cell("kernel", 1, 2).click()
    small.page.keyboard.type("5")
    small.page.keyboard.press("Enter")
    changed = with_cells(K, {(1, 2): 5})
    small.until_output(correlated(X, changed))
    kernel = small.page.get_by_role("region", name="Kernel K")
    kernel.get_by_label("Size, rows").fill("4")
    # What was there stays in the middle.
    small.until_output(correlated(X, np.pad(changed, [(1, 1), (0, 0)])))
    kernel.get_by_label("Size, columns").fill("1")
    small.until_output(correlated(X, np.pad(changed[:, 1:2], [(1, 1), (0, 0)])))


@pytest.mark.parametrize(
    "text",
    ["1\t2\t3\n4\t5\t6.5\n", "1,2,3\n4,5,6.5", "1;2;3\r\n4;5;6.5\r\n", "[[1, 2, 3], [4, 5, 6.5]]"],
    ids=["tsv", "csv", "semicolons", "json"],
)
def test_a_table_is_pasted_into_the_input(small, text):
    small.paste("input", text)
    small.until_output(correlated(np.array([[1, 2, 3], [4, 5, 6.5]]), K))


def test_tables_are_pasted_into_the_kernel_and_channels_into_the_input(small):
    small.paste("kernel", "2\t-1\n0\t3\n")
    small.until_output(correlated(X, np.array([[2.0, -1], [0, 3]])))
    small.paste("input", "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]")
    # The kernel is the same for the second channel.
    small.until_output(np.array([[2 - 2 + 12 + 10 - 6 + 24.0]]))


def test_a_plane_is_pasted_into_the_channel_on_screen_and_planes_into_all(small):
    small.fill("Input channels", 2)
    small.page.get_by_role("group", name="Input channel", exact=True).get_by_role("radio").nth(
        1
    ).check()
    first, second = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]])
    small.paste("kernel", "0 0\n0 0")
    small.paste("kernel", "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]")
    small.until_output(correlated(X, first) + correlated(X, second))
    small.paste("kernel", "9 0\n0 0")
    small.until_output(correlated(X, first) + correlated(X, np.array([[9.0, 0], [0, 0]])))


def test_a_table_without_room_changes_nothing_and_says_so(small):
    alert = small.page.get_by_role("alert")
    for grid, text, reason in (
        ("input", "\t".join("1" * 65), "1 × 65 numbers, but at most 64 × 64"),
        ("input", "\n\n".join("1234"), "4 channels, but only 1 or 2 or 3 can be here"),
        ("kernel", "\n".join("1" * 16), "16 × 1 numbers, but at most 15 × 15"),
        ("kernel", "1\n\n2", "2 channels, but only 1 can be here"),
    ):
        small.paste(grid, text)
        alert.get_by_text(reason).wait_for()
    assert small.numbers("input").tolist() == X.tolist()
    assert small.numbers("kernel").tolist() == K.tolist()


def test_a_table_that_cannot_be_read_is_refused_in_words(small):
    alert = small.page.get_by_role("alert")
    for text, reason in (
        ("1\t2\n3", "several lengths"),
        ("1\ttwo", "“two” is not a number"),
        ("[[1, 2], [3", "cannot be read as JSON"),
        ('{"a": 1}', "is not a number"),
    ):
        small.paste("input", text)
        alert.get_by_text(reason).wait_for()
    assert small.numbers("input").tolist() == X.tolist()


def test_the_input_is_edited_as_text(small):
    small.page.get_by_role("button", name="As text…").click()
    field = small.page.get_by_label("Rows of numbers")
    rows = field.input_value().split("\n")
    assert [[float(n) for n in row.split("\t")] for row in rows] == X.tolist()
    field.fill("1 0 2 0\n0 1 0 1")
    small.page.get_by_role("button", name="Apply").click()
    small.until_output(correlated(np.array([[1.0, 0, 2, 0], [0, 1, 0, 1]]), K))
    assert field.count() == 0


def test_the_brush_draws_with_the_pointer_and_with_the_keyboard(small):
    small.page.get_by_role("button", name="Brush").click()
    small.fill("Value of the brush", -4)
    start, end = (small.cell("input", *place).bounding_box() for place in ((0, 1), (3, 4)))
    mouse = small.page.mouse
    mouse.move(start["x"] + 5, start["y"] + 5)
    mouse.down()
    mouse.move(end["x"] + 5, end["y"] + 5, steps=2)
    mouse.up()
    # A stroke leaves no gaps, however fast it was.
    drawn = with_cells(X, {(0, 1): -4, (1, 2): -4, (2, 3): -4, (3, 4): -4})
    small.until_output(correlated(drawn, K))
    small.fill("Width of the brush", 3)
    small.cell("input", 0, 0).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "Home"):
        small.page.keyboard.press(key)
    small.page.keyboard.press("Space")
    drawn[1:4, 0:2] = -4
    small.until_output(correlated(drawn, K))


def test_the_input_is_resized_and_gets_channels(small):
    panel = small.page.get_by_role("region", name="Input X")
    panel.get_by_label("Size, rows").fill("5")
    panel.get_by_label("Size, columns").fill("4")
    changed = np.pad(X, [(0, 1), (0, 0)])[:, :4]
    small.until_output(correlated(changed, K))
    panel.get_by_label("Input channels").fill("2")
    small.until_output(2 * correlated(changed, K))


def test_every_preset_of_the_input_and_of_the_kernel_is_loaded(lab):
    catalog = httpx.get(f"{lab.calculator}api/catalog").json()
    shown = lab.page.get_by_role("region", name="Input X").locator(".size")
    menu = lab.page.get_by_label("Input preset")
    for preset in catalog["inputs"]:
        menu.select_option(label=preset["title"])
        channels, *size = np.shape(preset["values"])
        wanted = [channels, *size] if channels > 1 else size
        lab.until(shown.inner_text, " × ".join(map(str, wanted)))
    menu.select_option(label="The numbers 0 to 8")
    for kernel in catalog["kernels"]:
        if max(np.shape(kernel["weights"])) > 3:
            continue
        lab.page.get_by_label("Kernel preset").select_option(label=kernel["name"])
        lab.until_output(correlated(np.arange(9.0).reshape(3, 3), np.array(kernel["weights"])))
        # Kernels may agree on this input, so the output alone does not say that one is loaded.
        about = lab.page.locator(".about")
        expect(about).to_contain_text(kernel["formula"])
        expect(about).to_contain_text(kernel["use"])
    names = {preset["name"] for preset in catalog["inputs"]}
    assert {"edges", "diagonal", "gradient", "bilinear", "checker", "noise"} < names


def test_a_picture_is_loaded_in_its_own_proportions(small):
    picture = np.zeros((60, 128, 3), np.uint8)
    picture[:, 64:, 0] = 255  # red to the right
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    panel = small.page.get_by_role("region", name="Input X")
    panel.get_by_label("Input channels").fill("3")
    upload = {"name": "red.png", "mimeType": "image/png", "buffer": file.getvalue()}
    panel.locator("input[type=file]").set_input_files(upload)
    small.until(panel.locator(".size").inner_text, "3 × 30 × 64")
    assert panel.get_by_role("radio", name="Grey").is_checked()
    panel.get_by_role("button", name="As text…").click()
    channels = panel.get_by_label("Rows of numbers").input_value().split("\n\n")
    red, green, blue = (
        np.array([[float(n) for n in row.split("\t")] for row in channel.split("\n")])
        for channel in channels
    )
    assert np.array_equal(red[:, :31], np.zeros((30, 31)))
    assert np.array_equal(red[:, 33:], np.ones((30, 31)))
    assert not green.any()
    assert not blue.any()


def test_a_file_that_is_no_picture_is_refused_in_words(small):
    upload = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    small.page.locator("input[type=file]").set_input_files(upload)
    small.page.get_by_role("alert").get_by_text("“notes.png” cannot be read").wait_for()
