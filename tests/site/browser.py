"""A headless Chromium, driven through its DevTools protocol over a pipe: nothing but the browser is needed."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
SECONDS = 60.0  # for one answer: a busy machine is slow, a hanging browser never answers


class Browser:
    """One page of one browser. What the page logs, throws and requests is kept in `said` and `requested`."""

    def __init__(self, process: subprocess.Popen[bytes], write: int, read: int) -> None:
        self._process, self._write, self._read = process, write, read
        self._buffer, self._count, self._session = b"", 0, ""
        self._events: list[dict[str, Any]] = []
        self.said: list[str] = []
        self.requested: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        os.write(
            self._write, json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self._events.append(answer)

    def open(self, url: str) -> None:
        """Loads a page from the beginning and waits until it has loaded."""
        self.call("Page.navigate", url="about:blank")  # else a url that differs in its fragment would not load anew
        self._events.clear()
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        while not any(_is_loaded(event, answer["loaderId"]) for event in self._events):
            self._events.append(self._next())
        self._listen()

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        self._listen()
        return found["result"].get("value")

    def press(self, key: str, times: int = 1) -> None:
        """Presses a key of the keyboard."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        more = {"text": "\r"} if key == "Enter" else {"text": " "} if key == " " else {}
        for _ in range(times):
            shared = {"key": key, "windowsVirtualKeyCode": codes[key]}
            self.call("Input.dispatchKeyEvent", type="keyDown", **shared, **more)
            self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def write(self, text: str) -> None:
        """Types text into what has the focus."""
        self.call("Input.insertText", text=text)

    def show_as(self, *, width: int = 1200, dark: bool = False, media: str = "") -> None:
        """The width of the screen in CSS pixels, light or dark, `print` or screen."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def _listen(self) -> None:
        for event in self._events:
            params = event.get("params", {})
            match event.get("method"):
                case "Runtime.exceptionThrown":
                    self.said.append(str(params["exceptionDetails"]))
                case "Runtime.consoleAPICalled":
                    self.said.append(str(params["args"]))
                case "Log.entryAdded":
                    self.said.append(str(params["entry"]))
                case "Network.requestWillBeSent":
                    self.requested.append(params["request"]["url"])
        self._events.clear()

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + SECONDS
        while b"\0" not in self._buffer:
            assert select.select([self._read], [], [], max(0.0, end - time.monotonic()))[0], (
                "the browser does not answer"
            )
            got = os.read(self._read, 1 << 20)
            assert got, f"the browser has gone, with exit code {self._process.poll()}"
            self._buffer += got
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


def _is_loaded(event: dict[str, Any], loader: str) -> bool:
    params = event.get("params", {})
    return (event.get("method"), params.get("name"), params.get("loaderId")) == ("Page.lifecycleEvent", "load", loader)


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile, as a process of its own; it ends with the block."""
    assert PROGRAM is not None
    (from_us, to_browser), (from_browser, to_us) = os.pipe(), os.pipe()
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--disable-background-networking", "--disable-extensions", "--remote-debugging-pipe",
               f"--user-data-dir={profile}", "about:blank"]  # fmt: skip
    shell = ["bash", "-c", f'exec "$0" "$@" 3<&{from_us} 4>&{to_us}', PROGRAM, *options]
    process = subprocess.Popen(shell, pass_fds=(from_us, to_us), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(from_us)
    os.close(to_us)
    try:
        yield Browser(process, to_browser, from_browser)
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)
        os.close(to_browser)
        os.close(from_browser)
