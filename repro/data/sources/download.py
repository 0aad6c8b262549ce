"""One file from an official address: through pooch, continued where an earlier attempt broke off, checked, atomic."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from repro.contracts import MissingData
from repro.files import write_atomic

Progress = Callable[[int, int | None], None]
"""Is told the bytes that are there and the bytes in all, where the server says."""

TIMEOUT_SECONDS = 30
CHUNK_BYTES = 1 << 18


def download(url: str, target: Path, sha256: str | None, most: int | None, progress: Progress) -> None:
    """Fetches `url` to `target`, unless it is there with its checksum.

    What arrived before a break stays beside the target as `.part` and is continued if the server still has the same
    file. Raises MissingData, in one line, if the address does not answer, sends less than it announced, more than
    `most` bytes, or something of another checksum.
    """
    import pooch
    import requests

    def fetch(url: str, output_file: str, _pooch: object) -> None:
        part = target.with_name(f"{target.name}.part")
        _fill(part, url, most, progress)
        shutil.move(part, output_file)

    pooch.get_logger().setLevel("WARNING")  # what it tells is told by `progress`
    try:
        pooch.retrieve(url, sha256, fname=target.name, path=target.parent, downloader=fetch)
    except requests.RequestException as error:
        raise MissingData(f"{url} cannot be fetched: {_reason(error)}") from error
    except ValueError as error:
        raise MissingData(f"{url} sent something else than expected: {str(error).partition(' If this')[0]}") from error


def _fill(part: Path, url: str, most: int | None, progress: Progress) -> None:
    """Brings a partial file to its full length: from its end if the server continues it, else from the beginning."""
    import requests

    about = part.with_suffix(".version")
    have = part.stat().st_size if part.is_file() else 0
    version = json.loads(about.read_bytes()) if have and about.is_file() else None
    headers = {"Accept-Encoding": "identity"}
    if version:
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    with requests.get(url, stream=True, timeout=TIMEOUT_SECONDS, headers=headers) as response:
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            have = 0
        version = response.headers.get("ETag") or response.headers.get("Last-Modified")
        if version and not version.startswith("W/"):
            write_atomic(about, json.dumps(version).encode())
        else:
            about.unlink(missing_ok=True)
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else None
        with part.open("ab" if have else "wb") as file:
            for chunk in response.iter_content(CHUNK_BYTES):
                have += len(chunk)
                if most is not None and have > most:
                    file.close()
                    part.unlink()
                    raise ValueError(f"more than the {most:,} bytes that were expected")
                file.write(chunk)
                progress(have, total)
    about.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    """What a reader wants of an error of requests: the status, or the innermost cause."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off; the same command continues"
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_SECONDS} seconds"
    return "no connection" if isinstance(error, requests.ConnectionError) else str(error).partition("\n")[0]
