"""What the calculator offers and hands out: catalogue, quiz, pictures, downloads."""

from __future__ import annotations

import io
import json
import math
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import signal

from pydjl.lab.kernels import GALLERY
from pydjl.web import schema


def picture(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def upload(client, body, kind="image/png", **wanted):
    query = {"height": 4, "width": 5, "channels": 3} | wanted
    headers = {"Content-Type": kind}
    return client.http.post("/api/picture", params=query, content=body, headers=headers)


def test_the_catalogue_has_inputs_that_can_be_computed_on(client):
    catalog = client.http.get("/api/catalog").json()
    inputs = {each["name"]: np.array(each["values"]) for each in catalog["inputs"]}
    assert list(inputs) == [
        "ramp", "edges", "diagonal", "gradient", "bilinear", "checker", "noise", "shapes",
        "counting", "astronaut", "chelsea", "camera", "coins",
    ]  # fmt: skip
    i, j = np.indices((64, 64))
    for name, rule in (
        ("ramp", 10 * (i + 1) * (j + 1)),
        ("edges", (j < 2) | (j > 5)),
        ("diagonal", i == j),
        ("gradient", i + 2 * j),
        ("bilinear", i * j),
        ("checker", (i + j) % 2 == 0),
        ("counting", 3 * i + j),
    ):
        _, height, width = inputs[name].shape
        np.testing.assert_array_equal(inputs[name][0], rule[:height, :width], err_msg=name)
    for name in ("astronaut", "chelsea", "camera", "coins"):
        channels = 3 if name in ("astronaut", "chelsea") else 1
        assert inputs[name].shape[0] == channels
        assert max(inputs[name].shape) == 64
        assert 0 <= inputs[name].min() < 0.2
        assert 0.7 < inputs[name].max() <= 1
    for values in inputs.values():
        assert len(client.ask("/api/gallery", {"input": values.tolist()})) == len(GALLERY)


def test_the_catalogue_has_the_gallery_the_limits_and_the_versions(client):
    catalog = client.http.get("/api/catalog").json()
    for found, kernel in zip(catalog["kernels"], GALLERY, strict=True):
        assert found["name"] == kernel.name
        np.testing.assert_array_equal(found["weights"], kernel.weights)
        assert found["is_signed"] == kernel.is_signed
        assert all(found[name] for name in ("formula", "use", "effect"))
    assert catalog["limits"] == schema.limits()
    assert catalog["versions"]["DJL"] == "0.35.1"
    assert set(catalog["versions"]) == {"pydjl", "DJL", "PyTorch", "NumPy", "Python"}


def quiz(client, seed):
    asked = client.http.get("/api/quiz", params={"seed": seed}).json()
    assert asked["seed"] == seed
    return {question["id"]: question for question in asked["questions"]}


def grades(client, seed, answers):
    return client.ask("/api/quiz", {"seed": seed, "answers": answers})


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31 - 1))
def test_right_answers_are_graded_as_right_and_wrong_ones_as_wrong(client, seed):
    asked = quiz(client, seed)
    told = grades(client, seed, {})
    assert (told["score"], told["of"], len(asked)) == (0, 8, 8)
    right = {each["id"]: each["right"] for each in told["results"]}
    assert list(right) == list(asked)
    assert grades(client, seed, right)["score"] == 8
    as_text = {name: value if isinstance(value, str) else f" {value:g}".replace("-", "−")
               for name, value in right.items()}  # fmt: skip
    assert grades(client, seed, as_text)["score"] == 8
    wrong = {name: value + 1 if isinstance(value, float | int) else value + "?"
             for name, value in right.items()}  # fmt: skip
    assert grades(client, seed, wrong)["score"] == 0
    for name, question in asked.items():
        choices = question["choices"]
        if isinstance(right[name], str):
            assert right[name] in choices
            assert len(set(choices)) == len(choices) >= 2
        else:
            assert choices is None


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31 - 1))
def test_the_answers_of_the_quiz_are_right(client, seed):
    """Computed here from what the questions show or say."""
    asked = quiz(client, seed)
    right = {each["id"]: each["right"] for each in grades(client, seed, {})["results"]}
    shown = asked["output-value"]["problem"]
    row, column = map(int, numbers(asked["output-value"]))
    output = signal.correlate2d(shown["input"][0], shown["kernels"][0][0], "valid")
    assert right["output-value"] == output[row, column] + shown["bias"][0]

    height, width, h, w, stride, padding, dilation = map(int, numbers(asked["output-size"]))
    size = [(n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
            for n, k in ((height, h), (width, w))]  # fmt: skip
    assert right["output-size"] == f"{size[0]} × {size[1]}"

    made = asked["which-kernel"]
    fitting = [
        kernel.name for kernel in GALLERY
        if np.allclose(signal.correlate2d(made["input"][0], kernel.weights, "same"),
                       made["output"], atol=1e-4)
    ]  # fmt: skip
    assert fitting == [right["which-kernel"]]

    field, jump = 1, 1
    words = numbers(asked["receptive-field"])
    for k, _, s in zip(words[::3], words[1::3], words[2::3], strict=True):
        field, jump = field + (int(k) - 1) * jump, jump * int(s)
    assert right["receptive-field"] == field

    h, w, inputs, outputs = map(int, numbers(asked["parameters"]))
    assert right["parameters"] == outputs * inputs * h * w + outputs

    point = asked["operation"]
    slide = {"cross-correlation": signal.correlate2d, "convolution": signal.convolve2d}
    picture, kernel = point["input"][0], point["kernel"]
    made_by = [name for name, by in slide.items()
               if np.array_equal(by(picture, kernel, "valid"), point["output"])]  # fmt: skip
    assert made_by == [right["operation"]]

    k, _, d, _ = map(int, numbers(asked["same-padding"]))
    assert right["same-padding"] == d * (k - 1) // 2

    edges = asked["edges"]
    values = set(signal.correlate2d(edges["input"][0], edges["kernel"], "valid").ravel()) - {0}
    assert right["edges"] == {
        (): "0 everywhere", (1,): "1 at the edge, else 0", (-1,): "−1 at the edge, else 0",
    }[tuple(values)]  # fmt: skip


def numbers(question):
    text = question["text"].replace("counted from 0", "")
    return "".join(c if c.isdigit() else " " for c in text).split()


def test_the_same_seed_asks_the_same_and_another_asks_something_else(client):
    assert quiz(client, 5) == quiz(client, 5) != quiz(client, 6)


@given(data=st.data())
@settings(max_examples=20)
def test_a_picture_becomes_the_means_of_its_pixels(client, data):
    height, width = (data.draw(st.integers(1, 4)) for _ in "hw")
    by_y, by_x = (data.draw(st.integers(1, 3)) for _ in "yx")
    shape = (height * by_y, width * by_x, 3)
    seed = data.draw(st.integers(0, 99))
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    means = pixels.reshape(height, by_y, width, by_x, 3).mean((1, 3)).transpose(2, 0, 1) / 255
    found = upload(client, picture(Image.fromarray(pixels)), height=height, width=width).json()
    np.testing.assert_allclose(found["input"], means, atol=1e-6)
    grey = np.tensordot([0.2125, 0.7154, 0.0721], means, 1)
    one = upload(client, picture(Image.fromarray(pixels)), height=height, width=width, channels=1)
    np.testing.assert_allclose(one.json()["input"], grey[None], atol=1e-6)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "I;16"])
def test_pictures_of_all_kinds_are_read(client, mode):
    image = Image.new("L", (600, 300), 255)
    body = picture(image.convert(mode) if mode != "I;16" else Image.new(mode, (600, 300), 65535))
    found = np.array(upload(client, body).json()["input"])
    np.testing.assert_allclose(found, np.ones((3, 4, 5)))


def test_a_photograph_of_a_camera_is_read(client):
    """Of 24 megapixels, turned by its camera, whose left half is bright when it is upright."""
    image = Image.new("RGB", (6000, 4000))
    image.paste((255, 255, 255), (0, 2000, 6000, 4000))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    body = picture(image, "JPEG", exif=exif)
    found = upload(client, body, "image/jpeg", height=6, width=4).json()["input"]
    np.testing.assert_allclose(found, [[[1, 1, 0, 0]] * 6] * 3, atol=0.02)


def chunk(name, data):
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def png_of_size(width, height):
    """A file of a few bytes that says that it has so many pixels."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    data = zlib.compress(b"\0" * 1000)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


GREY = Image.new("L", (9, 9), 100)
MOVING = picture(GREY, save_all=True, append_images=[Image.new("L", (9, 9), 50)])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 415, "is not a picture"),
        (b"GIF89a" + b"\0" * 50, 415, "is not a picture"),
        (picture(GREY, "GIF"), 415, "is not a picture of the formats PNG and JPEG"),
        (picture(GREY)[:-30], 415, "damaged or not complete"),
        (png_of_size(1000, 1000), 415, "damaged or not complete"),
        (MOVING, 415, "is animated"),
        (png_of_size(5001, 5000), 413, "has 25,005,000 pixels, but at most 25,000,000"),
        (png_of_size(12_000, 12_000), 415, "pixels, as a file may that is made to fill"),
        (png_of_size(10**5, 10**5), 415, "pixels, as a file may that is made to fill"),
    ],
)
def test_what_is_no_picture_is_refused(client, body, status, words):
    response = upload(client, body)
    assert response.status_code == status
    assert words in response.json()["error"]


def test_a_picture_of_another_kind_or_size_is_refused(client):
    body = picture(GREY)
    assert upload(client, body, "image/gif").status_code == 415
    assert upload(client, body, "application/json").status_code == 415
    assert upload(client, body + b" " * 20 * 2**20).status_code == 413
    for wanted in ({"height": 0}, {"width": 65}, {"channels": 2}, {"channels": 4}, {"width": "x"}):
        response = upload(client, body, **wanted)
        assert response.status_code == 422
        assert next(iter(wanted)) in response.json()["error"]
    assert upload(client, body).status_code == 200


def download(client, problem, kind):
    response = client.http.post(f"/api/download?format={kind}", json={"problem": problem})
    assert response.status_code == 200
    name = f'attachment; filename="convolution.{kind}"'
    assert response.headers["content-disposition"] == name
    return response


def test_the_json_has_problem_and_result(client, example):
    response = download(client, example, "json")
    assert response.headers["content-type"] == "application/json"
    document = json.loads(response.content)
    assert document["result"] == client.ask("/api/compute", {"problem": example})
    again = client.ask("/api/compute", {"problem": document["problem"]})
    assert again == document["result"]


def test_the_svg_shows_every_cell_with_its_number(client, example):
    response = download(client, {**example, "operation": "convolution"}, "svg")
    assert response.headers["content-type"] == "image/svg+xml"
    root = ET.fromstring(response.content)
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [
        "input, 3×3", *"012345678", "kernel, turned, 2×2", *"3210",
        "output, 2×2", "5.5", "11.5", "23.5", "29.5",
    ]  # fmt: skip
    cells = list(root.iter("{http://www.w3.org/2000/svg}rect"))
    assert len(cells) == 1 + 9 + 4 + 4


def test_the_png_has_zero_neutral_blue_below_and_red_above(client):
    problem = {"input": [[[-2, 0, 2]]], "kernels": [[[[1]]]], "bias": [0]}
    response = download(client, problem, "png")
    with Image.open(io.BytesIO(response.content)) as image:
        colours = [image.getpixel((24 + 44 * n + 3, 24 + 20 + 3)) for n in range(3)]
        assert image.format == "PNG"
    blue, neutral, red = (33, 102, 172), (247, 247, 247), (178, 24, 43)
    assert colours == [blue, neutral, red]


def test_the_largest_pictures_are_drawn(client):
    values = np.random.default_rng(1).normal(size=(3, 64, 64)).tolist()
    problem = {
        "input": values, "kernels": [[[[0.5]]] * 3] * 4, "bias": [0] * 4,
        "mode": "numbers", "padding": [32, 32],
    }  # fmt: skip
    with Image.open(io.BytesIO(download(client, problem, "png").content)) as image:
        assert max(image.size) < 3000
    root = ET.fromstring(download(client, problem, "svg").content)
    assert math.isclose(float(root.get("width")), image.width)
