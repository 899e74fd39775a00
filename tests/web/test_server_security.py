"""No other site talks to the calculator, and its page talks to no other site."""

from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from pydjl.web.security import Guard
from pydjl.web.server import STATIC

WANTED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def answer(address, method="GET", path="/api/quiz?seed=1", *, headers=(), body=b""):
    """Send exactly these headers, also none or several of a name."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.replace("PORT", str(place.port)))
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "LocalHost:PORT",
                                  "[::1]:PORT", "[0:0::1]:PORT"])  # fmt: skip
def test_every_name_of_the_loopback_is_ours(address, host):
    assert answer(address, headers=[("Host", host)])[0] == 200


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example:PORT"], ["evil.example"], ["127.0.0.1"], ["127.0.0.1:1"], ["localhost:80"],
        ["localhost.evil.example:PORT"], ["evil.example@127.0.0.1:PORT"], ["127.0.0.1:PORT:PORT"],
        ["192.168.0.1:PORT"], ["[::2]:PORT"], ["::1:PORT"], ["127.0.0.1.:PORT"], ["0.0.0.0:PORT"],
        [":PORT"], ["127.0.0.1:"], ["127.0.0.1:+PORT"], ["127.0.0.1:PORTx"], ["127.0.0.1:٨"],
    ],
)  # fmt: skip
def test_another_host_name_is_refused(address, hosts):
    """As a page sends it whose own name was made to mean this machine."""
    headers = [("Host", host.encode().decode("latin-1")) for host in hosts]
    status, text = answer(address, headers=headers)
    assert status == 421
    assert "is not this server: open http://127.0.0.1:" in json.loads(text)["error"]


def test_no_host_or_two_of_them_are_refused(address):
    assert answer(address)[0] in (400, 421)
    two = [("Host", "127.0.0.1:PORT"), ("Host", "127.0.0.1:PORT")]
    assert answer(address, headers=two)[0] in (400, 421)


@pytest.mark.parametrize("path", ["/", "/index.html", "/api/catalog", "/api/openapi.json", "/no"])
def test_another_host_name_is_refused_everywhere(address, path):
    assert answer(address, path=path, headers=[("Host", "evil.example:PORT")])[0] == 421


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://127.0.0.1:PORT", "http://127.0.0.1", "http://localhost:PORT",
     "http://127.0.0.1:1", "null", "", "http://127.0.0.1:PORT.evil.example", "file://"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_another_origin_is_refused(address, origin, method):
    headers = [("Host", "127.0.0.1:PORT"), ("Origin", origin)]
    status, text = answer(address, method, headers=headers)
    assert status == 403
    assert "is another site" in json.loads(text)["error"]


def test_our_own_origin_is_answered(address, example):
    body = json.dumps({"problem": example}).encode()
    headers = [("Host", "localhost:PORT"), ("Origin", "http://localhost:PORT"),
               ("Content-Type", "application/json")]  # fmt: skip
    assert answer(address, "POST", "/api/compute", headers=headers, body=body)[0] == 200


def test_no_other_site_is_allowed_to_ask_first(client):
    """Before a request with JSON a browser asks whether it may; no answer means no."""
    asked = {"Access-Control-Request-Method": "POST", "Origin": "http://evil.example"}
    response = client.http.options("/api/compute", headers=asked)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/api/catalog"), ("GET", "/no"), ("POST", "/api/compute"),
     ("GET", "/vendor/lit-html.js"), ("HEAD", "/"), ("DELETE", "/api/compute")],
)  # fmt: skip
def test_every_response_carries_the_headers(client, method, path):
    headers = client.http.request(method, path).headers
    assert {name: headers[name] for name in WANTED} == WANTED
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'self'",
        "img-src": "'self' data: blob:",
        "style-src": "'self' 'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    assert headers["cache-control"] == ("no-store" if path.startswith("/api/") else "no-cache")
    assert "server" not in headers


def test_refusals_carry_the_headers_too(client):
    for headers in ({"Host": "evil.example"}, {"Origin": "null"}):
        response = client.http.get("/", headers=headers)
        assert response.status_code in (403, 421)
        assert response.headers["x-content-type-options"] == "nosniff"


def test_the_modules_are_scripts_to_a_browser(client):
    response = client.http.get("/vendor/lit-html.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert "export" in response.text


def test_the_page_names_no_other_server():
    """All that a browser would fetch for it comes from the package."""
    ours = [path for path in STATIC.rglob("*") if path.suffix in (".html", ".css", ".js")]
    assert ours
    fetched = re.compile(r"""(?:src|href|from|import|url)\s*[=(]?\s*["']?\s*(?:https?:)?//""")
    for path in ours:
        text = path.read_text(encoding="utf-8")
        assert not fetched.search(text), path
        if path.suffix == ".html":
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", text), path


def test_the_licence_of_what_is_vendored_comes_along():
    vendor = Path(STATIC / "vendor")
    (line,) = (vendor / "THIRD_PARTY.txt").read_text(encoding="utf-8").splitlines()
    assert line == "org.webjars.npm:lit-html  3.3.2  BSD-3-Clause"
    assert "Redistribution and use in source and binary forms" in (vendor / "LICENSE").read_text()


@pytest.mark.parametrize(
    ("host", "own", "is_ours"),
    [
        ("192.168.0.5:80", ("192.168.0.5", 80), True),
        ("192.168.0.5", ("192.168.0.5", 80), True),
        ("lab.example:8763", ("192.168.0.5", 8763), True),
        ("LAB.example:8763", ("192.168.0.5", 8763), True),
        ("192.168.0.6:8763", ("192.168.0.5", 8763), False),
        ("[fd00::5]:8763", ("fd00::5", 8763), True),
        ("other.example:8763", ("192.168.0.5", 8763), False),
    ],
)
@pytest.mark.anyio
async def test_beyond_the_loopback_the_given_name_and_the_connections_address_are_ours(
    host, own, is_ours
):
    statuses = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "GET", "path": "/", "server": own,
             "headers": [(b"host", host.encode())]}  # fmt: skip
    await Guard(app, hosts=["Lab.example"])(scope, lambda: None, send)
    assert statuses == [200 if is_ours else 421]


@pytest.fixture
def anyio_backend():
    return "asyncio"


def test_a_client_without_a_browser_needs_no_origin(address):
    assert httpx.get(f"{address}/api/quiz?seed=2").status_code == 200
