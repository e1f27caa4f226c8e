"""JavaScript in a headless browser, where there is one."""

import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from gan_zoo.shipping.html import engine

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
_QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--dump-dom")

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed")


def opened(address: str, *more: str) -> str:
    """The document at an address when its scripts have run, as text. more: flags of the browser."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [str(BROWSER), *_QUIET, *more, f"--user-data-dir={profile}", address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(document: str, name: str) -> Any:
    """What a script wrote as JSON into the element of that id."""
    found = re.search(f'<pre id="{name}">(.*?)</pre>', document, re.DOTALL)
    assert found is not None
    assert found[1], "the script failed"
    return json.loads(html.unescape(found[1]))


def run(script: str, folder: Path, **data) -> Any:
    """What a function body returns that has the engine, and `data` by their names; it goes through JSON."""
    given = json.dumps(data).replace("<", "\\u003c")
    page = folder / "script.html"
    page.write_text(f"<meta charset=utf-8><script>{engine()}</script><pre id=result></pre><script>"
                    f"const result = (data => {{ {script} }})({given}); "
                    "document.getElementById('result').textContent = JSON.stringify(result);</script>", "utf-8")
    return told(opened(page.as_uri()), "result")
