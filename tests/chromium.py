# SPDX-License-Identifier: Apache-2.0
"""A browser for tests: Debian's Chromium without a window, driven by its own protocol through two pipes.

No port is opened and nothing is fetched; pages are files. See chromedevtools.github.io/devtools-protocol.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

#: Its programs as distributions call them.
NAMES = ("chromium", "chromium-browser", "google-chrome")

# How long any single answer may take, in seconds; generous, because what is broken must not look like a busy machine.
_PATIENCE = 120

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)

# Chromium reads what it is told from descriptor 3 and answers on 4.
_STARTER = """
import os, sys
reading, writing = map(int, sys.argv[1:3])
os.dup2(reading, 63)
os.dup2(writing, 4)
os.dup2(63, 3)
os.close(63)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def find() -> str | None:
    """The path of the browser; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """A browser that runs as long as the ``with`` statement; ``folder`` keeps its profile."""

    def __init__(self, program: str, folder: Path) -> None:
        to_child, self._send = os.pipe()
        self._receive, from_child = os.pipe()
        command = [program, *_OPTIONS, f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _STARTER, str(to_child), str(from_child), *command],
            pass_fds=(to_child, from_child),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder), "TZ": "UTC"},
            start_new_session=True,
        )
        os.close(to_child)
        os.close(from_child)
        self._buffer = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._send)  # it ends when nobody is there to tell it anything
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._receive)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """The answer to a command of the protocol; raises RuntimeError for a refusal."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._send, data) :]
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait_for(self, event: str, session: str) -> None:
        """Wait until this has happened since the last :meth:`forget`."""
        while not any(one.get("method") == event and one.get("sessionId") == session for one in self.events):
            self.events.append(self._next())

    def forget(self) -> None:
        """Count events from now on."""
        self.events.clear()

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._receive], [], [], max(0.0, end - time.monotonic()))
            part = os.read(self._receive, 1 << 20) if ready else b""
            if not part:
                raise RuntimeError("the browser does not answer")
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def open(self, page: Path, width: int = 1440, height: int = 1000, **media: str) -> Tab:
        """A tab with a file in it, loaded; ``media``: features such as ``prefers_color_scheme="dark"``."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, target, session)
        tab.resize(width, height)
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        tab.call("Emulation.setEmulatedMedia", features=features)
        for domain in ("Page", "Runtime", "Log"):
            tab.call(f"{domain}.enable")
        self.forget()
        tab.call("Page.navigate", url=page.resolve().as_uri())
        self.wait_for("Page.loadEventFired", session)
        return tab


class Tab:
    """A page in the browser."""

    def __init__(self, browser: Chromium, target: str, session: str) -> None:
        self._browser = browser
        self._target = target
        self._session = session

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a command about this tab."""
        return self._browser.call(method, self._session, **parameters)

    def resize(self, width: int, height: int) -> None:
        """Give the page another window, in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, awaited; raises RuntimeError for an exception."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def complaints(self) -> list[str]:
        """Errors of programs in the page since it was loaded."""
        self.run("0")
        found = []
        for event in self._browser.events:
            if event.get("sessionId") == self._session:
                parameters = event.get("params", {})
                if event.get("method") == "Runtime.exceptionThrown":
                    found.append(json.dumps(parameters["exceptionDetails"])[:500])
                elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                    found.append(parameters["entry"]["text"])
        return found

    def press(self, key: str, code: int) -> None:
        """Press a key: its name, such as ``Tab``, and its Windows code."""
        text = {"Enter": "\r", " ": " "}.get(key)
        down: dict[str, Any] = {"text": text} if text else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.call("Input.insertText", text=text)

    def screenshot(self, *, whole: bool = False) -> bytes:
        """A PNG of the window, or of the whole page."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def pdf(self, *, landscape: bool = False) -> bytes:
        """The page on A4 paper."""
        answer = self.call(
            "Page.printToPDF",
            landscape=landscape,
            paperWidth=8.27,
            paperHeight=11.69,
            preferCSSPageSize=False,
            printBackground=False,
            displayHeaderFooter=False,
        )
        return base64.b64decode(answer["data"])

    def close(self) -> None:
        """Close the tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)
