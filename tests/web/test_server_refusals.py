"""What the calculator's server refuses: each with a status and one sentence, and it goes on."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from pydjl.web import routes


def changed(example, **others):
    return {"problem": {**example, **others}}


def plane(height, width, channels=1):
    return [[[0] * width] * height] * channels


@pytest.mark.parametrize(
    ("others", "status", "words"),
    [
        ({"input": plane(65, 3)}, 422, "entries, but at most 64 are taken"),
        ({"input": plane(3, 65)}, 422, "entries, but at most 64 are taken"),
        ({"input": plane(3, 3, 4)}, 422, "entries, but at most 3 are taken"),
        ({"input": []}, 422, "at least 1 item"),
        ({"input": [[[]]]}, 422, "at least 1 item"),
        ({"input": [[[1, 2], [3]]]}, 422, "the rows are of 1 and of 2 numbers"),
        ({"input": [[[1, 2]], [[3]]]}, 422, "the channels are of 1×1 and of 1×2"),
        ({"input": [[["1", 2, 3]]]}, 422, "problem.input[0][0][0] is '1', but it should be a"),
        ({"input": [[[True, 2, 3]]]}, 422, "valid number"),
        ({"input": [[[None, 2, 3]]]}, 422, "valid number"),
        ({"input": [[[2e6]]]}, 422, "less than or equal to 1000000"),
        ({"input": [[[-2e6]]]}, 422, "greater than or equal to -1000000"),
        ({"input": [[[10**400]]]}, 422, "problem.input[0][0][0]"),
        ({"input": plane(3, 3, 2)}, 422, "a kernel needs a plane for each channel"),
        ({"kernels": [plane(16, 1)]}, 422, "entries, but at most 15 are taken"),
        ({"kernels": [plane(1, 1)] * 5, "bias": [0] * 4}, 422, "entries, but at most 4 are taken"),
        ({"kernels": [plane(1, 1), plane(1, 2)], "bias": [0, 0]}, 422, "of several sizes"),
        ({"kernels": [plane(4, 1)]}, 422, "the kernel is 4 high with its dilation, but the input"),
        ({"kernels": [plane(1, 4)]}, 422, "the kernel is 4 wide"),
        ({"dilation": [1, 3]}, 422, "the kernel is 4 wide"),
        ({"bias": [0, 0]}, 422, "1 kernel(s) and 2 bias(es)"),
        ({"stride": [0, 1]}, 422, "problem.stride[0] is 0, but it should be greater than or"),
        ({"stride": [1]}, 422, "problem.stride[1]"),
        ({"stride": 1}, 422, "problem.stride"),
        ({"stride": [1.5, 1]}, 422, "valid integer"),
        ({"stride": [17, 1]}, 422, "less than or equal to 16"),
        ({"padding": [-1, 0]}, 422, "greater than or equal to 0"),
        ({"padding": [33, 0]}, 422, "less than or equal to 32"),
        ({"padding": [10**9, 10**9]}, 422, "less than or equal to 32"),
        ({"dilation": [0, 1]}, 422, "greater than or equal to 1"),
        ({"dilation": [17, 1]}, 422, "less than or equal to 16"),
        ({"mode": "valid "}, 422, "problem.mode"),
        ({"operation": "correlation"}, 422, "problem.operation"),
        ({"strides": [1, 1]}, 422, "problem.strides is not known here"),
        (
            {"input": plane(64, 64), "kernels": [plane(15, 15)], "mode": "full",
             "dilation": [16, 16]},
            413, "would have 1×288×288 = 82,944 cells, but at most 65,536",
        ),
    ],
)  # fmt: skip
def test_a_problem_that_cannot_be_used_is_refused(client, example, others, status, words):
    for path in ("/api/compute", "/api/code", "/api/download?format=png"):
        found, sentence = client.refused(path, changed(example, **others))
        assert found == status
        assert words in sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence


@pytest.mark.parametrize(
    ("path", "question", "status", "words"),
    [
        ("step", {"row": 2, "column": 0}, 422, "there is no cell (2, 0) in channel 0"),
        ("step", {"row": 0, "column": 0, "channel": 1}, 422, "in channel 1"),
        (
            "step",
            {"row": -1, "column": 0},
            422,
            "row is -1, but it should be greater than or",
        ),
        ("step", {"row": 0}, 422, "column is missing."),
        (
            "step",
            {"row": 10**30, "column": 0},
            422,
            "row is 1000000000000000000000000000000, but",
        ),
        ("reach", {"row": 0, "column": 3}, 422, "there is no cell (0, 3) in an input of 3×3"),
        (
            "matrix",
            {"kind": "sparse"},
            422,
            "kind is 'sparse', but it should be 'im2col'",
        ),
        ("compute", {"problem": None}, 422, "problem:"),
        (
            "download?format=pdf",
            {},
            422,
            "format is 'pdf', but it should be 'png'",
        ),
        ("download", {}, 422, "format is missing."),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    client, example, path, question, status, words
):
    found, sentence = client.refused(f"/api/{path}", {"problem": example, **question})
    assert found == status
    assert words in sentence


@pytest.mark.parametrize(("kind", "size"), [("im2col", "81×3,136"), ("toeplitz", "3,136×4,096")])
def test_a_matrix_of_too_many_cells_is_refused(client, example, kind, size):
    problem = {**example, "input": plane(64, 64), "kernels": [plane(9, 9)]}
    status, sentence = client.refused("/api/matrix", {"problem": problem, "kind": kind})
    assert status == 413
    assert size in sentence
    assert "cells, but at most 200,000 are written out" in sentence


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"steps": 501}, "steps is 501, but it should be less than or equal to 500"),
        ({"steps": 0}, "steps is 0, but it should be greater than or"),
        ({"steps": 1.5}, "steps"),
        ({"learning_rate": 0}, "learning_rate is 0, but it should be greater than 0"),
        ({"learning_rate": "0.4"}, "learning_rate is '0.4', but it should be a valid"),
        ({"accumulate": 1}, "accumulate"),
        ({"kernel": [[1]] * 4}, "the kernel of shape (4, 1) is larger than the input"),
        ({"input": [[1], [1, 2]]}, "the rows are of 1 and of 2 numbers"),
    ],
)
def test_a_learning_that_cannot_be_done_is_refused(client, others, words):
    question = {"input": [[1, 2, 3]], "kernel": [[1]], "learning_rate": 0.1, "steps": 3}
    status, sentence = client.refused("/api/learn", {**question, **others})
    assert status == 422
    assert words in sentence


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"problem": NaN}', b"null", b"[]", b'"text"',
        b"9" * 5000, b'{"problem": {"input": [[[Infinity]]], "kernels": [[[[1]]]], "bias": [0]}}',
        b'{"problem": {"input": [[[NaN]]], "kernels": [[[[1]]]], "bias": [0]}}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_problem_is_refused(client, body):
    headers = {"Content-Type": "application/json"}
    response = client.http.post("/api/compute", content=body, headers=headers)
    assert response.status_code in (400, 422)
    assert set(response.json()) == {"error"}


@pytest.mark.parametrize("kind", [None, "text/plain", "multipart/form-data", "application/jsonp",
                                  "application/x-www-form-urlencoded", "image/png"])  # fmt: skip
def test_a_body_of_another_type_is_refused(client, example, kind):
    """None of the types that a form of another site can send is JSON."""
    body = json.dumps({"problem": example})
    headers = {} if kind is None else {"Content-Type": kind}
    response = client.http.post("/api/compute", content=body, headers=headers)
    assert response.status_code == 415
    assert "application/json is needed" in response.json()["error"]
    right = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert client.http.post("/api/compute", content=body, headers=right).status_code == 200


def test_a_body_that_is_too_large_is_refused(client):
    headers = {"Content-Type": "application/json"}
    for body in (b" " * (2 * 2**20 + 1), b" " * (30 * 2**20)):
        response = client.http.post("/api/compute", content=body, headers=headers)
        assert response.status_code == 413
        assert "2,097,152 bytes" in response.json()["error"]


def test_a_body_without_an_announced_length_is_counted_while_it_is_read(client):
    chunks = (b" " * 2**16 for _ in range(64))
    headers = {"Content-Type": "application/json"}
    response = client.http.post("/api/compute", content=chunks, headers=headers)
    assert "content-length" not in response.request.headers
    assert response.status_code == 413


def test_a_body_without_an_end_is_cut_off(address):
    """It is not kept, and not read for ever either."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        connection.sendall(
            f"POST /api/compute HTTP/1.1\r\nHost: {place.netloc}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        sent = 0
        with pytest.raises(OSError):  # noqa: PT012  it takes any number of sends
            while sent < 2**30:
                connection.sendall(b"100000\r\n" + b" " * 2**20 + b"\r\n")
                sent += 2**20
        assert sent < 2**28


def test_a_body_that_is_announced_as_endless_is_refused_before_it_is_sent(address):
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
        connection.sendall(
            f"POST /api/compute HTTP/1.1\r\nHost: {place.netloc}\r\nExpect: 100-continue\r\n"
            f"Content-Type: application/json\r\nContent-Length: {10**12}\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_goes_before_it_has_asked_is_no_failure(address, client, caplog):
    place = urlsplit(address)
    for path in ("compute", "picture?height=1&width=1&channels=1"):
        with socket.create_connection((place.hostname, place.port), timeout=60) as connection:
            connection.sendall(
                f"POST /api/{path} HTTP/1.1\r\nHost: {place.netloc}\r\n"
                "Content-Length: 9\r\n\r\n{".encode()
            )
    assert client.http.get("/api/quiz?seed=1").status_code == 200
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/api/nothing", 404, "There is nothing at /api/nothing."),
        ("GET", "/../pyproject.toml", 404, "nothing"),
        ("GET", "/%2e%2e/server.py", 404, "nothing"),
        ("GET", "/app/..%2f..%2fserver.py", 404, "nothing"),
        ("GET", "/api/compute", 404, "nothing"),
        ("GET", "/docs", 404, "nothing"),
        ("DELETE", "/api/compute", 405, "DELETE is not the way to ask /api/compute."),
        ("PUT", "/index.html", 405, "PUT"),
    ],
)
def test_what_is_not_there_is_told(client, method, path, status, words):
    response = client.http.request(method, path)
    assert response.status_code == status
    assert words in response.json()["error"]


def test_a_failure_of_ours_is_told_without_its_details_and_the_server_goes_on(
    client, example, monkeypatch, caplog
):
    def fails(problem):
        raise RuntimeError("secret path")

    with monkeypatch.context() as patch:
        patch.setattr(routes, "compute", fails)
        response = client.http.post("/api/compute", json={"problem": example})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "its terminal tells why" in response.json()["error"]
    assert "secret path" in caplog.text
    assert client.ask("/api/compute", {"problem": example})["output"] == [
        [[19.5, 25.5], [37.5, 43.5]]
    ]


@pytest.mark.parametrize("seed", ["-1", "x", "1.5", str(2**31), ""])
def test_a_seed_that_is_no_number_is_refused(client, seed):
    response = client.http.get("/api/quiz", params={"seed": seed})
    assert response.status_code == 422
    assert "seed" in response.json()["error"]


def test_answers_that_are_no_answers_are_refused(client):
    for answers in ({"a": [1]}, {"a": None}, {str(n): 1 for n in range(21)}, {"a": "x" * 101}, []):
        status, sentence = client.refused("/api/quiz", {"seed": 1, "answers": answers})
        assert status == 422
        assert "answers" in sentence
