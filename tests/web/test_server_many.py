"""Many pages at once do not disturb each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import torch
from scipy import signal

PAGES = 8


def ask_as_a_page(address, seed):
    """Some different questions of a page, each of whose answers has one right result."""
    rng = np.random.default_rng(seed)
    wrong = []
    with httpx.Client(base_url=address, timeout=120) as http:
        for _ in range(6):
            height, width = rng.integers(5, 40, 2)
            X = rng.integers(-9, 10, (height, width)).astype(float)
            K = rng.integers(-9, 10, rng.integers(1, 5, 2)).astype(float)
            problem = {"input": [X.tolist()], "kernels": [[K.tolist()]], "bias": [seed]}
            wanted = signal.correlate2d(X, K, "valid") + seed
            found = http.post("/api/compute", json={"problem": problem}).json()
            right = np.array_equal(found["output"], [wanted])
            step = {"problem": problem, "row": 1, "column": 0}
            right &= http.post("/api/step", json=step).json()["sum"] == wanted[1, 0]
            learning = {
                "input": X.tolist(),
                "kernel": K.tolist(),
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
