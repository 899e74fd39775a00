"""What the calculator's server computes, against SciPy and NumPy in the test.

The numbers are quarters, of which every sum here is exact in float32: results are equal, not close.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal

FEWER = settings(max_examples=25)


def quarters(*shape):
    return arrays(np.float64, shape, elements=st.integers(-36, 36).map(lambda n: n / 4))


@st.composite
def problems(draw):
    """Problems of all kinds that can be computed; a kernel may reach far outside of the input."""
    channels, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    cells = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    stride, dilation = ([draw(st.integers(1, 3)) for _ in "hw"] for _ in range(2))
    padding = [draw(st.integers(0, 3)) for _ in "hw"]
    mode = draw(st.sampled_from(["valid", "same", "full", "numbers"]))
    least = [1, 1]
    if mode in ("valid", "numbers"):
        zeros = padding if mode == "numbers" else [0, 0]
        least = [
            max(1, d * (k - 1) + 1 - 2 * p) for d, k, p in zip(dilation, cells, zeros, strict=True)
        ]
    size = [draw(st.integers(n, n + 5)) for n in least]
    return {
        "input": draw(quarters(channels, *size)).tolist(),
        "kernels": draw(quarters(outputs, channels, *cells)).tolist(),
        "bias": draw(quarters(outputs)).tolist(),
        "operation": draw(st.sampled_from(["cross-correlation", "convolution"])),
        "mode": mode,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
    }


def spread(kernel, dilation):
    """A kernel with the zeros between its cells that a dilation puts there."""
    h, w = ((k - 1) * d + 1 for k, d in zip(kernel.shape, dilation, strict=True))
    whole = np.zeros((h, w))
    whole[:: dilation[0], :: dilation[1]] = kernel
    return whole


def partial_by_scipy(problem):
    """What each input channel adds to each output channel, ``(O, C, H', W')``."""
    slide = {"cross-correlation": signal.correlate2d, "convolution": signal.convolve2d}
    mode = problem["mode"]
    frame = problem["padding"] if mode == "numbers" else (0, 0)
    planes = [np.pad(plane, [(p, p) for p in frame]) for plane in np.array(problem["input"])]
    rows, columns = problem["stride"]
    return np.array([
        [
            slide[problem["operation"]](
                plane,
                spread(weights, problem["dilation"]),
                "valid" if mode == "numbers" else mode,
            )[::rows, ::columns]
            for plane, weights in zip(planes, kernel, strict=True)
        ]
        for kernel in np.array(problem["kernels"])
    ])  # fmt: skip


def output_by_scipy(problem):
    return partial_by_scipy(problem).sum(1) + np.array(problem["bias"])[:, None, None]


@given(problem=problems())
def test_outputs_and_their_parts_are_those_of_scipy(client, problem):
    found = client.ask("/api/compute", {"problem": problem})
    np.testing.assert_array_equal(found["partial"], partial_by_scipy(problem))
    output = output_by_scipy(problem)
    np.testing.assert_array_equal(found["output"], output)
    assert found["range"] == {"minimum": output.min(), "maximum": output.max()}
    turned = [[plane[::-1, ::-1] for plane in kernel] for kernel in np.array(problem["kernels"])]
    is_turned = problem["operation"] == "convolution"
    np.testing.assert_array_equal(
        found["applied_kernels"], turned if is_turned else problem["kernels"]
    )
    proof = found["proof"]
    assert proof["torch"] == {"maximum_difference": 0, "is_bit_equal": True}
    assert proof["numpy"]["maximum_difference"] == 0


@given(problem=problems())
def test_sizes_are_those_of_the_arrays(client, problem):
    found = client.ask("/api/compute", {"problem": problem})
    (outputs, channels, h, w), (_, height, width) = (
        np.shape(problem["kernels"]),
        np.shape(problem["input"]),
    )
    size = found["sizes"]["output"]
    assert np.shape(found["output"]) == (outputs, *size)
    sides = found["padding"]
    padded = [height + sides["top"] + sides["bottom"], width + sides["left"] + sides["right"]]
    extent = [d * (k - 1) + 1 for d, k in zip(problem["dilation"], (h, w), strict=True)]
    unused = [found["unused"]["rows"], found["unused"]["columns"]]
    for n in range(2):
        reached = (size[n] - 1) * problem["stride"][n] + extent[n]
        assert unused[n] == padded[n] - reached
        assert unused[n] < problem["stride"][n]
    assert found["sizes"] == {
        "output": size,
        "kernel_extent": extent,
        "receptive_field": extent,
        "parameters": outputs * (channels * h * w + 1),
        "multiplications": size[0] * size[1] * outputs * channels * h * w,
        "dense_parameters": outputs * size[0] * size[1] * (channels * height * width + 1),
    }
    for n, name in enumerate(("rows", "columns")):
        formula = found["formula"][name].replace("⌊", "(").replace("⌋", ")").replace("−", "-")
        left, right = formula.replace("·", "*").replace("/", "//").split("=")
        assert eval(left) == int(right) == size[n]


def test_rounding_in_single_precision_is_told(client):
    rng = np.random.default_rng(7)
    problem = {
        "input": rng.normal(size=(3, 30, 41)).tolist(),
        "kernels": rng.normal(size=(4, 3, 5, 6)).tolist(),
        "bias": rng.normal(size=4).tolist(),
    }
    found = client.ask("/api/compute", {"problem": problem})
    exact = output_by_scipy({**problem, "mode": "valid", "operation": "cross-correlation",
                             "stride": (1, 1), "dilation": (1, 1)})  # fmt: skip
    assert 0 < np.abs(np.array(found["output"]) - exact).max() < 1e-4
    assert found["proof"]["torch"]["is_bit_equal"]
    assert not found["proof"]["numpy"]["is_bit_equal"]
    assert 0 < found["proof"]["numpy"]["maximum_difference"] < 1e-4
    assert found["proof"]["engine"] == "DJL 0.35.1, PyTorch 2.7.1"


@given(problem=problems(), data=st.data())
def test_a_step_accounts_for_its_output_cell(client, problem, data):
    output = output_by_scipy(problem)
    cell = o, i, j = [data.draw(st.integers(0, n - 1)) for n in output.shape]
    found = client.ask("/api/step", {"problem": problem, "channel": o, "row": i, "column": j})
    sides = client.ask("/api/compute", {"problem": problem})["padding"]
    frame = [(0, 0), (sides["top"], sides["bottom"]), (sides["left"], sides["right"])]
    padded = np.pad(np.array(problem["input"]), frame)
    np.testing.assert_array_equal(found["window"], padded[:, found["rows"]][:, :, found["columns"]])
    kernel = np.array(problem["kernels"])[o]
    if problem["operation"] == "convolution":
        kernel = kernel[:, ::-1, ::-1]
    np.testing.assert_array_equal(found["kernel"], kernel)
    products = np.array(found["window"]) * kernel
    np.testing.assert_array_equal(found["products"], products)
    np.testing.assert_array_equal(found["channel_sums"], products.sum((1, 2)))
    assert found["bias"] == problem["bias"][o]
    assert found["sum"] == found["output"] == output[tuple(cell)]
    assert found["torch"] == found["numpy"] == output[tuple(cell)]
    assert found["agrees"]
    terms = found["terms"]
    assert [t["value"] * t["weight"] for t in terms] == products.ravel().tolist()
    places = itertools.product(range(len(kernel)), found["rows"], found["columns"])
    assert [(t["channel"], t["row"], t["column"]) for t in terms] == list(places)
    left, right = found["text"].replace("−", "-").replace("·", "*").split(" = ")
    assert eval(left) == float(right) == found["output"]
    assert left.count("*") == products.size


@FEWER
@given(problem=problems(), data=st.data())
def test_an_input_cell_reaches_the_outputs_that_change_with_it(client, problem, data):
    shape = np.shape(problem["input"])[1:]
    y, x = (data.draw(st.integers(0, n - 1)) for n in shape)
    # Of ones and a single other cell, every window that holds the cell has another sum.
    point = np.zeros((len(problem["input"]), *shape))
    point[:, y, x] = 1
    ones = np.ones(np.shape(problem["kernels"])).tolist()
    probe = {**problem, "input": point.tolist(), "kernels": ones, "bias": [0.0] * len(ones)}
    reached = np.argwhere(output_by_scipy(probe)[0]).tolist()
    found = client.ask("/api/reach", {"problem": problem, "row": y, "column": x})
    assert found["cells"] == reached


@FEWER
@given(problem=problems(), kind=st.sampled_from(["im2col", "toeplitz"]))
def test_a_matrix_product_is_the_output(client, problem, kind):
    found = client.ask("/api/matrix", {"problem": problem, "kind": kind})
    values, operand = np.array(found["values"]), np.array(found["operand"])
    assert list(values.shape) == found["shape"]
    assert [len(found["row_labels"]), len(found["column_labels"])] == found["shape"]
    product = operand @ values if kind == "im2col" else values @ operand
    np.testing.assert_array_equal(found["product"], product)
    output = partial_by_scipy(problem).sum(1)
    np.testing.assert_array_equal(product.reshape(output.shape), output)
    if kind == "toeplitz":
        np.testing.assert_array_equal(operand.ravel(), np.ravel(problem["input"]))
    else:
        assert operand.shape == (len(problem["kernels"]), values.shape[0])


def test_the_labels_of_a_matrix_name_its_cells(client, example):
    one = client.ask("/api/matrix", {"problem": example, "kind": "im2col"})
    assert one["row_labels"] == ["K[0,0]", "K[0,1]", "K[1,0]", "K[1,1]"]
    assert one["column_labels"] == ["Y[0,0]", "Y[0,1]", "Y[1,0]", "Y[1,1]"]
    two = {**example, "input": example["input"] * 2, "kernels": [example["kernels"][0] * 2]}
    labels = client.ask("/api/matrix", {"problem": two, "kind": "toeplitz"})
    assert labels["row_labels"][-1] == "Y[1,1]"
    assert labels["column_labels"][9] == "X[1,0,0]"


@FEWER
@given(problem=problems())
def test_every_kernel_of_the_gallery_is_applied_as_scipy_does(client, problem):
    names = ("input", "operation", "mode", "stride", "padding", "dilation")
    movement = {name: problem[name] for name in names}
    catalog = {each["name"]: each for each in client.http.get("/api/catalog").json()["kernels"]}
    found = client.ask("/api/gallery", movement)
    assert [item["name"] for item in found] == list(catalog)
    added = np.sum(problem["input"], 0)
    for item in found:
        kernel = catalog[item["name"]]
        assert item["is_signed"] == kernel["is_signed"] == (abs(np.sum(kernel["weights"])) < 1e-6)
        if item["output"] is None:
            assert problem["mode"] in ("valid", "numbers")
            assert "take a smaller kernel" in item["reason"]
            continue
        alone = {**problem, "input": [added], "kernels": [[kernel["weights"]]], "bias": [0]}
        np.testing.assert_allclose(item["output"], output_by_scipy(alone)[0], rtol=1e-6, atol=1e-4)


def test_the_largest_problems_are_computed(client):
    rng = np.random.default_rng(3)
    problem = {
        "input": rng.integers(-4, 5, (3, 64, 64)).tolist(),
        "kernels": rng.integers(-4, 5, (4, 3, 15, 15)).tolist(),
        "bias": [1, 2, 3, 4],
        "mode": "numbers",
        "padding": [32, 32],
        "stride": [1, 1],
        "dilation": [1, 1],
        "operation": "convolution",
    }
    found = client.ask("/api/compute", {"problem": problem})
    np.testing.assert_array_equal(found["output"], output_by_scipy(problem))


@pytest.mark.parametrize("operation", ["cross-correlation", "convolution"])
def test_the_odd_row_of_zeros_is_where_scipy_has_it(client, operation):
    problem = {
        "input": [[[1, 2, 3, 4]]], "kernels": [[[[1, 10]]]], "bias": [0], "mode": "same",
        "operation": operation,
    }  # fmt: skip
    found = client.ask("/api/compute", {"problem": problem})
    sides = (found["padding"]["left"], found["padding"]["right"])
    assert sides == ((1, 0) if operation == "convolution" else (0, 1))
    matrix = client.ask("/api/matrix", {"problem": problem, "kind": "toeplitz"})
    one = np.eye(4)
    # A cell and its right neighbour; or, with the kernel turned, a cell and its left one.
    neighbour = np.eye(4, k=-1 if operation == "convolution" else 1)
    np.testing.assert_array_equal(matrix["values"], one + 10 * neighbour)
    assert matrix["product"] == [[value] for value in found["output"][0][0]]
