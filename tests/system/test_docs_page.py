"""The page /docs: served beside the API, from this host alone."""

import os
import re
import shutil

from contract import Client

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SOURCE = os.path.join(TOP, "frontend-docs")
FILES = ("index.html", "docs.css", "docs.js")


def text(name):
    """A file of the page."""
    with open(os.path.join(SOURCE, name), encoding="utf-8") as f:
        return f.read()


def test_page_needs_no_other_host():
    """No inline script or style, no address of another host."""
    page = text("index.html")
    assert "<style" not in page and " style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\bon[a-z]+=", page)
    for name in FILES:
        assert not re.search(r"https?:|//[a-z]", text(name)), name
    assert 'url: "../api/openapi.yaml"' in text("docs.js")
    # a public page must not invite to start a recovery
    assert "supportedSubmitMethods: []" in text("docs.js")
    assert re.search(r'"swagger-ui-dist": "\d+\.\d+\.\d+"',
                     text("package.json"))
    assert text("package-lock.json").count('"integrity"') == 2


def test_page_and_document_are_served(make_stack, tmp_path):
    """Both without a token; the page with a strict policy."""
    stack = make_stack(up=False)
    build = tmp_path / "build"
    build.mkdir()
    tmp_path.chmod(0o755)
    for name in os.listdir(stack.build):
        if name != "docs-site":
            os.symlink(os.path.join(stack.build, name), build / name)
    site = os.path.join(stack.dir, "site")
    shutil.copytree(SOURCE, site)
    os.symlink(site, build / "docs-site")
    stack.build = str(build)
    stack.up(parts=("redis", "nginx"))
    client = Client(stack)

    answer = client("GET", "/openapi.yaml", role=None)
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/yaml"
    with open(os.path.join(TOP, "openapi", "drs.yaml"), "rb") as f:
        assert answer.raw == f.read()
    again = client("GET", "/openapi.yaml", role=None, headers={
        "If-None-Match": answer.header("ETag")})
    assert (again.status, again.raw) == (304, b"")
    small = client("GET", "/openapi.yaml", role=None,
                   headers={"Accept-Encoding": "gzip"})
    assert small.header("Content-Encoding") == "gzip"
    assert len(small.raw) * 4 < len(answer.raw)

    answer = client("GET", "/../docs", role=None)
    assert answer.status == 301 and answer.header("Location") == "/docs/"
    for name, kind in (("", "text/html"), ("docs.css", "text/css"),
                       ("docs.js", "application/javascript")):
        answer = client("GET", "/../docs/" + name, role=None)
        assert answer.status == 200, (name, answer.raw)
        assert answer.header("Content-Type").startswith(kind)
        policy = answer.header("Content-Security-Policy")
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in policy
        assert answer.header("X-Frame-Options") == "DENY"
        assert answer.header("X-Content-Type-Options") == "nosniff"
    client.close()
