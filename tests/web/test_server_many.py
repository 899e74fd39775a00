"""Many pages at once do not disturb each other."""

from __future__ import annotations

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import torch
from scipy import signal

from pydjl.web import routes

PAGES = 8
OPERATIONS = ("cross-correlation", "convolution")


def ask_as_a_page(address, seed):
    """Some different questions of a page, each of whose answers has one right result."""
    rng = np.random.default_rng(seed)
    wrong = []
    with httpx.Client(base_url=address, timeout=120) as http:
        for _ in range(6):
            channels, outputs = rng.integers(1, 4, 2)
            X = rng.integers(-9, 10, (channels, *rng.integers(5, 40, 2))).astype(float)
            shape = (outputs, channels, *rng.integers(1, 5, 2))
            K = rng.integers(-9, 10, shape).astype(float)
            operation = OPERATIONS[rng.integers(2)]
            problem = {
                "input": X.tolist(),
                "kernels": K.tolist(),
                "bias": [seed] * int(outputs),
                "operation": operation,
            }
            slide = (signal.correlate2d, signal.convolve2d)[OPERATIONS.index(operation)]
            parts = np.array(
                [[slide(x, k, "valid") for x, k in zip(X, each, strict=True)] for each in K]
            )
            wanted = parts.sum(1) + seed
            found = http.post("/api/compute", json={"problem": problem}).json()
            right = np.array_equal(found["partial"], parts)
            right &= np.array_equal(found["output"], wanted)
            step = {"problem": problem, "row": 1, "column": 0}
            right &= http.post("/api/step", json=step).json()["sum"] == wanted[0, 1, 0]
            learning = {
                "input": X[0].tolist(),
                "kernel": K[0, 0].tolist(),
                "learning_rate": 1e-3,
                "steps": 5,
            }
            right &= http.post("/api/learn", json=learning).json()["bit_equal"]
            wrong += [] if right else [problem]
    return wrong


def test_several_pages_at_once_get_their_own_answers(address):
    with ThreadPoolExecutor(PAGES) as pool:
        found = list(pool.map(lambda seed: ask_as_a_page(address, seed), range(PAGES)))
    assert found == [[]] * PAGES


def test_a_page_that_asks_wrongly_does_not_disturb_the_others(address, example):
    def ask(number):
        with httpx.Client(base_url=address, timeout=120) as http:
            if number % 2:
                return http.post("/api/compute", json={"problem": number}).status_code
            return http.post("/api/compute", json={"problem": example}).json()["output"]

    with ThreadPoolExecutor(PAGES) as pool:
        found = list(pool.map(ask, range(40)))
    assert found == [[[[19.5, 25.5], [37.5, 43.5]]], 422] * 20


def test_the_settings_of_torch_stay_as_they_are(client, example):
    """Java's engine turns the recording of gradients off in the thread that calls it."""
    client.ask("/api/compute", {"problem": example})
    assert torch.is_grad_enabled()


LEARNING = {"input": [[1, 2, 4]], "kernel": [[1, -1]], "learning_rate": 0.1, "steps": 2}


@pytest.fixture
def slow(monkeypatch):
    """Learning that waits until the test lets it go on."""
    return SlowLearning(monkeypatch)


class SlowLearning:
    def __init__(self, monkeypatch):
        self.begun = threading.Semaphore(0)
        self.calls = 0
        self.may_end = threading.Event()
        learn = routes.learn

        def wait(question):
            self.calls += 1
            self.begun.release()
            assert self.may_end.wait(60)
            return learn(question)

        monkeypatch.setattr(routes, "learn", wait)

    def wait_for(self, many):
        assert all(self.begun.acquire(timeout=60) for _ in range(many))


def test_pages_that_learn_leave_room_for_those_that_draw(address, client, example, slow):
    with ThreadPoolExecutor(PAGES) as pool, httpx.Client(base_url=address, timeout=60) as http:
        learned = [pool.submit(http.post, "/api/learn", json=LEARNING) for _ in range(PAGES)]
        slow.wait_for(routes.LEARNERS)
        try:
            client.ask("/api/compute", {"problem": example})
            assert slow.calls == routes.LEARNERS
        finally:
            slow.may_end.set()
        assert [each.result().status_code for each in learned] == [200] * PAGES


def test_a_question_that_nobody_waits_for_any_more_is_not_computed(address, client, slow, caplog):
    place = urlsplit(address)
    body = json.dumps(LEARNING)
    with ThreadPoolExecutor(PAGES) as pool:
        busy = [pool.submit(client.ask, "/api/learn", LEARNING) for _ in range(routes.LEARNERS)]
        slow.wait_for(routes.LEARNERS)
        try:
            for _ in range(3):
                with socket.create_connection((place.hostname, place.port)) as connection:
                    connection.sendall(
                        f"POST /api/learn HTTP/1.1\r\nHost: {place.netloc}\r\n"
                        "Content-Type: application/json\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
                    )
            for _ in range(3):  # while these are answered, the server sees that the others went
                client.http.get("/api/quiz?seed=1")
        finally:
            slow.may_end.set()
        assert all(each.result() for each in busy)
    client.ask("/api/learn", LEARNING)
    assert slow.calls == routes.LEARNERS + 1
    assert caplog.text == ""
