"""Health checks by programs for people, each in an empty home: it is told of the server, and asked how it is.

It is also told of a server that is not there, and has to say so; otherwise its word would be worth nothing.
"""

import os
import re
import socket
import subprocess
from pathlib import Path

from install import NotInstalled, node

CHECK_S_MAX = 120


class Host:
    """A program with `mcp add` and `mcp list`."""

    def __init__(self, name: str, modules: Path) -> None:
        self.name = name
        if name == "gemini_cli":
            self.program = [node(modules), str(modules / "@google/gemini-cli/bundle/gemini.js")]
            return
        # The package's own launcher is replaced by its install script, which does not run.
        packages = [modules / "@anthropic-ai" / f"claude-code-linux-{kind}" / "claude" for kind in ("x64", "arm64")]
        self.program = [str(path) for path in packages if path.is_file()][:1]
        if not self.program:
            raise NotInstalled("there is no native binary for this machine")

    def version(self, folder: Path) -> str:
        return re.sub(r" .*", "", self.run(folder, "--version").strip())

    def verdict(self, folder: Path, transport: str, command: list[str], url: str) -> str | None:
        """What is wrong with how the host sees the server; None if nothing is."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            nobody = f"http://127.0.0.1:{free.getsockname()[1]}/mcp"
        self.add(folder, "luminar", transport, command, url)
        self.add(folder, "nobody", "http", [], nobody)
        listed = self.run(folder, "mcp", "list")
        lines = {
            name: line.strip() for line in listed.splitlines() for name in ("luminar", "nobody") if f"{name}: " in line
        }
        if lines.keys() != {"luminar", "nobody"}:
            return f"it does not tell of both servers: {listed.strip()}"
        if is_connected(lines["nobody"]):
            return f"it sees a server where there is none: {lines['nobody']}"
        return None if is_connected(lines["luminar"]) else lines["luminar"]

    def add(self, folder: Path, name: str, transport: str, command: list[str], url: str) -> None:
        if transport != "stdio":
            self.run(folder, "mcp", "add", "--transport", transport, name, url)
        elif self.name == "gemini_cli":
            # A flag of the server's own would be taken for one of the program; after `--` all is the server's.
            self.run(folder, "mcp", "add", name, command[0], "--", *command[1:])
        else:
            self.run(folder, "mcp", "add", name, "--", *command)

    def run(self, folder: Path, *arguments: str) -> str:
        home, project = folder / "home", folder / "project"
        home.mkdir(exist_ok=True)
        project.mkdir(exist_ok=True)
        environment = {
            "HOME": str(home),
            "PATH": f"{Path(self.program[0]).parent}:{os.environ['PATH']}",
            "GEMINI_CLI_TRUST_WORKSPACE": "true",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }
        done = subprocess.run(
            [*self.program, *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=CHECK_S_MAX,
        )
        said = done.stdout + done.stderr
        with (folder / "out").open("a", encoding="utf-8") as out:
            out.write(said)
        return said


def is_connected(line: str) -> bool:
    return ("✔" in line or "✓" in line) and "Connected" in line
