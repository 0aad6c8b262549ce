"""A small HTTP server on this machine: it serves bytes, continues downloads, breaks off, and counts requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Server:
    """What is served by path. `break_after` ends the next answer after so many bytes; `ranges` lists what was asked."""

    files: dict[str, bytes]
    address: str = ""
    break_after: int | None = None
    versioned: bool = True
    ranges: list[str | None] = field(default_factory=list)


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Server]:
    """Serves while the block runs."""
    server = Server(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            contents = server.files.get(self.path)
            if contents is None:
                self.send_error(404, "Not Found")
                return
            asked = self.headers.get("Range")
            server.ranges.append(asked)
            version = f'"{hash(contents)}"'
            start = 0
            if asked and self.headers.get("If-Range") == version:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(contents) - start))
            if server.versioned:
                self.send_header("ETag", version)
            self.end_headers()
            broken, server.break_after = server.break_after, None
            self.wfile.write(contents[start:] if broken is None else contents[start : start + broken])

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
