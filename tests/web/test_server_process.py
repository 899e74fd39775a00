"""`pydjl lab` as a process: it starts, answers, keeps to itself, and stops on Ctrl-C."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image
from typer.testing import CliRunner

from pydjl.cli import app
from pydjl.errors import ArgumentError

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-W", "error", "-m", "pydjl", "lab"]


class Lab:
    """A running `pydjl lab`, and where it says that it is."""

    def __init__(self, process, before, address):
        self.process = process
        self.before = before
        self.address = address

    def interrupt(self):
        """Press Ctrl-C: the exit status, and what it still said."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err


@contextmanager
def started(*arguments, **surroundings):
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **surroundings,
    )  # fmt: skip
    try:
        before = []
        for line in process.stdout:
            found = re.fullmatch(r"pydjl lab: (http://\S+/) \(Ctrl-C stops it\)\n", line)
            if found:
                yield Lab(process, before, found[1])
                return
            before.append(line)
        pytest.fail(f"it did not start: {before} {process.stderr.read()}")
    finally:
        process.kill()
        process.communicate()


def files_in(folder):
    return sorted(path for path in Path(folder).rglob("*"))


def test_it_answers_writes_nothing_and_stops_on_ctrl_c(example, tmp_path):
    """Also while browsers hold connections: one that has asked, one that says nothing, and one
    that has not sent all of its question."""
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    environment = {**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path),
                   "XDG_CACHE_HOME": cache}  # fmt: skip
    picture = io.BytesIO()
    Image.new("RGB", (2000, 2000)).save(picture, "PNG")
    with ExitStack() as stack:
        lab = stack.enter_context(
            started("--no-browser", "--port", "0", env=environment, cwd=tmp_path)
        )
        place = urlsplit(lab.address)
        assert (place.hostname, lab.before) == ("127.0.0.1", [])
        before = files_in(tmp_path)
        http = stack.enter_context(httpx.Client(base_url=lab.address, timeout=120))
        assert "<html" in http.get("/").text
        assert http.get("/api/catalog").status_code == 200
        found = http.post("/api/compute", json={"problem": example}).json()
        assert found["output"] == [[[19.5, 25.5], [37.5, 43.5]]]
        query = {"height": 8, "width": 8, "channels": 3}
        headers = {"Content-Type": "image/png"}
        sent = http.post("/api/picture", params=query, headers=headers, content=picture.getvalue())
        assert sent.status_code == 200
        for kind in ("png", "svg", "json"):
            answer = http.post(f"/api/download?format={kind}", json={"problem": example})
            assert answer.status_code == 200
        assert files_in(tmp_path) == before
        where = (place.hostname, place.port)
        stack.enter_context(socket.create_connection(where))
        unfinished = stack.enter_context(socket.create_connection(where))
        unfinished.sendall(
            f"POST /api/compute HTTP/1.1\r\nHost: {place.netloc}\r\n"
            "Content-Length: 9\r\n\r\n{".encode()
        )
        assert http.get("/api/quiz?seed=1").status_code == 200
        status, out, err = lab.interrupt()
    assert (status, out, err) == (0, "", "")


def test_the_next_port_is_taken_where_one_is_in_use(example):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with started("--no-browser", "--port", str(port)) as lab:
            assert lab.before == [f"Port {port} is taken, so the next free one is used.\n"]
            assert urlsplit(lab.address).port > port
            answer = httpx.post(f"{lab.address}api/compute", json={"problem": example}, timeout=120)
            assert answer.status_code == 200
            assert lab.interrupt()[0] == 0


def test_beyond_the_loopback_it_warns_and_still_knows_its_name(tmp_path):
    """The browser is opened, too: here it is a program that notes what it was given."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened.part\n'
                       f"mv {tmp_path}/opened.part {tmp_path}/opened\n")  # fmt: skip
    browser.chmod(0o755)
    environment = {**os.environ, "BROWSER": f"{browser} %s"}
    with started("--host", "0.0.0.0", "--port", "0", env=environment) as lab:
        assert lab.address.startswith("http://127.0.0.1:")
        answer = httpx.get(f"{lab.address}api/quiz?seed=1", timeout=120)
        assert answer.status_code == 200
        refused = httpx.get(lab.address, headers={"Host": "evil.example"}, timeout=120)
        assert refused.status_code == 421
        opened = tmp_path / "opened"
        for _ in range(600):
            if opened.exists():
                break
            with pytest.raises(subprocess.TimeoutExpired):
                lab.process.wait(0.1)
        assert opened.read_text() == f"{lab.address}\n"
        status, _, err = lab.interrupt()
    assert status == 0
    assert err.startswith("pydjl: warning: it listens at 0.0.0.0, so everyone who reaches")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "no such host"], "'no such host', which is no name or address"),
        (["--host", "203.0.113.1"], "'203.0.113.1', where this machine cannot listen"),
    ],
)
def test_a_host_that_is_not_this_machine_is_one_sentence(arguments, words):
    done = CliRunner().invoke(app, ["lab", "--no-browser", *arguments])
    assert isinstance(done.exception, ArgumentError)
    assert words in str(done.exception)
    assert "\n" not in str(done.exception)


def test_without_the_extra_it_says_how_to_install_it(tmp_path):
    """A module of that name that cannot be imported is as good as none."""
    hidden = tmp_path / "hidden.py"
    hidden.write_text(
        "import sys\n"
        "sys.modules['fastapi'] = None\n"
        "sys.argv = ['pydjl', 'lab']\n"
        "from pydjl.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, hidden], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "pydjl: the calculator needs fastapi: install it by pip install 'pydjl[web]'.\n"
    )
