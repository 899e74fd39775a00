"""Pictures from files of every kind, and files that are no pictures."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import color, data

from pydjl.errors import ArgumentError, ShapeError
from pydjl.lab.pictures import astronaut, read_picture, to_grey

RNG = np.random.default_rng(27)
GREY = RNG.integers(0, 256, (5, 7), dtype=np.uint8)
COLOURS = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)


def saved(path, values, **options):
    Image.fromarray(values).save(path, **options)
    return path


def as_torch(values, most=255):
    return torch.from_numpy(values.astype(np.float32) / np.float32(most))


def test_grey_png_to_the_bit(tmp_path):
    found = read_picture(saved(tmp_path / "p.png", GREY))
    assert found.dtype == torch.float32
    assert torch.equal(found, as_torch(GREY))


def test_colour_png_to_the_bit_with_channels_first(tmp_path):
    found = read_picture(str(saved(tmp_path / "p.png", COLOURS)))
    assert found.shape == (3, 5, 7)
    assert found.is_contiguous()
    assert torch.equal(found, as_torch(COLOURS).permute(2, 0, 1))


def test_grey_of_16_bit_keeps_them_all(tmp_path):
    values = RNG.integers(0, 65536, (5, 7), dtype=np.uint16)
    found = read_picture(saved(tmp_path / "p.png", values))
    assert torch.equal(found, as_torch(values, 65535))
    assert read_picture(saved(tmp_path / "w.png", np.full((1, 2), 65535, np.uint16))).min() == 1


def test_black_and_white(tmp_path):
    found = read_picture(saved(tmp_path / "p.png", GREY > 128))
    assert torch.equal(found, torch.from_numpy(GREY > 128).float())


@pytest.mark.parametrize("values", [GREY, COLOURS], ids=["grey", "colour"])
def test_jpeg_is_about_what_was_saved(tmp_path, values):
    smooth = np.asarray(Image.fromarray(values).resize((70, 50), Image.Resampling.BICUBIC))
    found = read_picture(saved(tmp_path / "p.JPG", smooth, format="JPEG", quality=95))
    expected = as_torch(smooth) if smooth.ndim == 2 else as_torch(smooth).permute(2, 0, 1)
    assert (found - expected).abs().mean() < 0.02


def test_four_ink_jpeg_becomes_three_channels(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "p.jpg")
    red, green, blue = read_picture(tmp_path / "p.jpg")[:, 4, 4].tolist()
    assert red > 0.9
    assert max(green, blue) < 0.1


def test_transparent_pixels_are_laid_on_white(tmp_path):
    values = np.dstack([COLOURS, np.full((5, 7), 255, np.uint8)])
    values[0, 0, 3], values[1, 1, 3] = 0, 51
    found = read_picture(saved(tmp_path / "p.png", values))
    expected = as_torch(COLOURS).permute(2, 0, 1).clone()
    expected[:, 0, 0] = 1
    expected[:, 1, 1] = 0.2 * expected[:, 1, 1] + 0.8
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    opaque = torch.ones(5, 7, dtype=torch.bool)
    opaque[0, 0] = opaque[1, 1] = False
    assert torch.equal(found[:, opaque], expected[:, opaque])


def test_grey_with_transparency_stays_grey(tmp_path):
    values = np.dstack([GREY, np.zeros_like(GREY)])
    values[2, 3, 1] = 255
    found = read_picture(saved(tmp_path / "p.png", values))
    expected = torch.ones(5, 7)
    expected[2, 3] = float(GREY[2, 3]) / 255
    assert torch.equal(found, expected)


def test_a_palette_is_looked_up(tmp_path):
    picture = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8), mode="P")
    picture.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    picture.save(tmp_path / "p.png")
    found = read_picture(tmp_path / "p.png") * 255
    assert found.round().tolist() == [
        [[10, 40], [70, 40]],
        [[20, 50], [80, 50]],
        [[30, 60], [90, 60]],
    ]
    picture.save(tmp_path / "t.png", transparency=1)
    found = read_picture(tmp_path / "t.png") * 255
    assert found.round()[0].tolist() == [[10, 255], [70, 255]]


def test_a_turned_photograph_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: its first row is on the right
    found = read_picture(saved(tmp_path / "p.png", GREY, exif=exif))
    assert torch.equal(found, torch.rot90(as_torch(GREY), -1))


def test_a_turned_picture_of_16_bit_is_turned_upright(tmp_path):
    values = RNG.integers(0, 65536, (5, 7), dtype=np.uint16)
    exif = Image.Exif()
    exif[0x0112] = 8
    found = read_picture(saved(tmp_path / "p.png", values, exif=exif))
    assert torch.equal(found, torch.rot90(as_torch(values, 65535)))


def test_twelve_megapixels(tmp_path):
    values = np.tile(np.arange(256, dtype=np.uint8), (3000, 16))[:, :4000]
    found = read_picture(saved(tmp_path / "p.png", values, compress_level=1))
    assert found.shape == (3000, 4000)
    assert torch.equal(found[::500], as_torch(values)[::500])


def chunk(name, content):
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def bomb(width, height):
    """A small file that says it is a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000)])
def test_a_file_that_would_fill_the_memory_is_refused(tmp_path, size):
    (tmp_path / "b.png").write_bytes(bomb(*size))
    with pytest.raises(ArgumentError, match="MAX_IMAGE_PIXELS"):
        read_picture(tmp_path / "b.png")


@pytest.mark.parametrize("keep", [20, 60, -20])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_file_that_was_cut_off_is_refused(tmp_path, suffix, keep):
    noise = RNG.integers(0, 256, (64, 64), dtype=np.uint8)
    whole = saved(tmp_path / f"p.{suffix}", noise).read_bytes()
    (tmp_path / "cut").write_bytes(whole[: keep if keep > 0 else len(whole) // 2])
    with pytest.raises(ArgumentError, match=r"not complete|not a picture"):
        read_picture(tmp_path / "cut")


def test_a_damaged_file_is_refused(tmp_path):
    noise = RNG.integers(0, 256, (64, 64), dtype=np.uint8)
    content = bytearray(saved(tmp_path / "p.png", noise).read_bytes())
    content[200:210] = bytes(10)
    (tmp_path / "p.png").write_bytes(content)
    with pytest.raises(ArgumentError, match=r"p\.png is damaged"):
        read_picture(tmp_path / "p.png")


@pytest.mark.parametrize("content", [b"", b"no picture", b"GIF89a" + bytes(50), bytes(1000)])
def test_files_that_are_no_pictures_are_refused(tmp_path, content):
    (tmp_path / "p.png").write_bytes(content)
    with pytest.raises(ArgumentError, match="not a picture of the formats PNG and JPEG"):
        read_picture(tmp_path / "p.png")


def test_other_formats_are_refused(tmp_path):
    saved(tmp_path / "p.bmp", GREY)
    with pytest.raises(ArgumentError, match="PNG and JPEG"):
        read_picture(tmp_path / "p.bmp")


def test_a_file_that_cannot_be_opened_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_picture(tmp_path / "none.png")
    with pytest.raises(IsADirectoryError):
        read_picture(tmp_path)


def test_astronaut_is_scikit_images_photograph():
    found = astronaut()
    assert found.shape == (3, 512, 512)
    assert found.is_contiguous()
    assert torch.equal(found, as_torch(data.astronaut()).permute(2, 0, 1))


def test_grey_is_scikit_images_grey():
    expected = torch.from_numpy(color.rgb2gray(data.astronaut())).float()
    torch.testing.assert_close(to_grey(astronaut()), expected, rtol=0, atol=1e-6)
    plane = torch.rand(3, 4)
    assert to_grey(plane) is plane
    with pytest.raises(ShapeError, match=r"\(4, 2, 2\)"):
        to_grey(torch.ones(4, 2, 2))
