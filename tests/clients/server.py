"""The server under test: the built program, one process over a fresh data folder for each row."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from install import WORKSPACE

START_S_MAX = 20
ASK_EVERY_S = 0.05
STOP_S_MAX = 10


def binary() -> Path:
    """The program of LUMINAR_BINARY, or one built from this workspace."""
    if given := os.environ.get("LUMINAR_BINARY"):
        return Path(given).resolve()
    subprocess.run(["cargo", "build", "--quiet", "--package", "mcp-ghl"], cwd=WORKSPACE, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target")) / "debug" / "mcp-ghl"


def stdio(program: Path, folder: Path, settings: Path) -> list[str]:
    """The command that clients start."""
    return [str(program), "stdio", "--data-dir", str(folder / "data"), "--config", str(settings)]


def approve(program: Path, folder: Path, settings: Path) -> list[str]:
    """The command by which a person says yes; it lacks only the plan."""
    return [str(program), "approvals", "approve", "--data-dir", str(folder / "data"), "--config", str(settings)]


@contextmanager
def http(program: Path, folder: Path, settings: Path) -> Iterator[str]:
    """A running server's address, `http://127.0.0.1:<free port>`. Its log is `server.log` in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(program), "http", "--port", str(port), "--data-dir", str(folder / "data"), "--config", str(settings)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command, env={"HOME": str(folder)}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_alive(server, address)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                server.kill()


def wait_until_alive(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + START_S_MAX
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=1):
                return
        except OSError:
            time.sleep(ASK_EVERY_S)
    raise RuntimeError(f"the server does not answer: {server.args}")
