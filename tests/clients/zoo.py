"""Sends every client on the journey and prints what became of each. See `run`."""

import argparse
import doctest
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import outcome
import server
from hosts import Host
from install import HERE, PLACE, NotInstalled, node, npm_clients, python_client
from roster import HOSTS, PYTHON, TYPESCRIPT, Client, Row
from table import Line, markdown, plain

JOURNEY = HERE / "journey.json"
ROW_S_MAX = 180
"""Longest time that one client may take for one journey."""
FAILURE_SHOWN_MAX = 300


@dataclass(frozen=True)
class Manner:
    """What the server asks a person about: the accesses of a step, as `access` in the journey names them."""

    settings: Path
    asked: frozenset[str]


USUAL = Manner(HERE / "settings.toml", frozenset({"send"}))
CAUTIOUS = Manner(HERE / "settings_cautious.toml", frozenset({"write", "send"}))


class Zoo:
    """Runs rows, and keeps what the first journey brought home to compare the others with."""

    def __init__(self, program: Path, manner: Manner) -> None:
        self.program = program
        self.manner = manner
        self.measure: list[Any] | None = None
        self.lines: list[Line] = []

    def visit(self, client: Client) -> None:
        """All rows of one client. One that cannot be installed here is named, and is not held against anybody."""
        try:
            travel = self.prepared(client)
        except NotInstalled as reason:
            result = f"not installed here: {reason}"
            self.tell(Line(client.title, "", "", "", "", 0, "", result, is_green=False, is_absent=True))
            return
        for row in client.rows:
            self.tell(self.excused(client, row, travel(row)))

    def prepared(self, client: Client) -> Callable[[Row], Line]:
        """Installs a client, and returns how a row of it is run."""
        script = HERE / f"with_{client.name}"
        if client in HOSTS:
            host = Host(client.name, npm_clients())
            return lambda row: self.check(host, client, row)
        if client in PYTHON:
            command = [str(python_client(client.name)), str(script.with_suffix(".py"))]
        else:
            modules = npm_clients()
            command = [node(modules), str(script.with_suffix(".mjs")), str(modules)]
        return lambda row: self.journey(command, client, row)

    def tell(self, line: Line) -> None:
        self.lines.append(line)
        print(" | ".join(line.cells()), flush=True)

    def excused(self, client: Client, row: Row, line: Line) -> Line:
        """A known fault is not held against us, and one that is gone is to be struck off the list."""
        fault = client.faults.get((row.transport, row.era))
        if fault is None:
            return line
        if line.is_green:
            line.result, line.is_green = f"a known fault is gone, strike it off: {fault}", False
        else:
            line.result, line.is_green = f"{fault} ({line.result})", True
        return line

    def journey(self, command: list[str], client: Client, row: Row) -> Line:
        """One journey by a script; `command` runs it and lacks only the mission."""
        folder = fresh_folder(client, row)
        with ExitStack() as stack:
            url = self.address(stack, folder, row)
            stdio = server.stdio(self.program, folder, self.manner.settings)
            approve = server.approve(self.program, folder, self.manner.settings)
            mission = {"transport": row.transport, "era": row.era, "command": stdio, "url": url}
            mission |= {"journey": str(JOURNEY), "approve": approve}
            report, failure = run_script([*command, json.dumps(mission)], folder)
        steps = report.get("steps", [])
        failure = failure or report.get("failure") or self.fault_of(report, client, row)
        return Line(
            client=client.title,
            version=report.get("version", ""),
            transport=row.transport,
            era=row.era,
            protocol=report.get("protocol") or "",
            calls=len(steps) + len(report.get("plans", [])),
            approval="at the client" if report.get("questions") else "in the inbox" if report.get("plans") else "",
            result=in_short(failure) if failure else "same",
            is_green=failure is None,
        )

    def fault_of(self, report: dict[str, Any], client: Client, row: Row) -> str | None:
        """What is wrong with a journey that the client itself found nothing wrong with."""
        if report["protocol"] != row.protocol:
            return f"agreed on {report['protocol']}, not on {row.protocol}"
        journey = json.loads(JOURNEY.read_text(encoding="utf-8"))
        needed = sum(step.get("access") in self.manner.asked for step in journey)
        if (len(report["questions"]), len(report["plans"])) != ((needed, 0) if client.can_be_asked else (0, needed)):
            return f"{len(report['questions'])} questions at the client, {len(report['plans'])} plans in the inbox"
        if told := outcome.contradiction(journey, report["steps"]):
            return told
        brought = outcome.canonical(report["steps"])
        if self.measure is None:
            self.measure = brought
        return outcome.difference(self.measure, brought)

    def check(self, host: Host, client: Client, row: Row) -> Line:
        """One health check by a host."""
        folder = fresh_folder(client, row)
        with ExitStack() as stack:
            url = self.address(stack, folder, row)
            try:
                fault = host.verdict(
                    folder, row.transport, server.stdio(self.program, folder, self.manner.settings), url
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                fault = str(error)
            version = host.version(folder)
        result = in_short(fault) if fault else "connected"
        return Line(client.title, version, row.transport, "its own", "not told", 0, "", result, fault is None)

    def address(self, stack: ExitStack, folder: Path, row: Row) -> str:
        """Where the server of this row is; it stops with the stack. Over stdio the client starts its own."""
        if row.transport == "stdio":
            return ""
        address = stack.enter_context(server.http(self.program, folder, self.manner.settings))
        return f"{address}/{'sse' if row.transport == 'sse' else 'mcp'}"


def fresh_folder(client: Client, row: Row) -> Path:
    """Where a row keeps its data and logs until the next run."""
    folder = PLACE / "rows" / f"{client.name}-{row.transport}-{row.era}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def run_script(command: list[str], folder: Path) -> tuple[dict[str, Any], str | None]:
    """The report of a client's script, and what is wrong if there is none."""
    environment = {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        # None of them has anything to tell anybody.
        "CREWAI_DISABLE_TELEMETRY": "true",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "OTEL_SDK_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with (folder / "err").open("wb") as errors:
        try:
            done = subprocess.run(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=ROW_S_MAX,
            )
        except subprocess.TimeoutExpired:
            return {}, f"no end after {ROW_S_MAX} s"
    (folder / "out").write_bytes(done.stdout)
    try:
        return json.loads(done.stdout.splitlines()[-1]), None
    except (IndexError, ValueError):
        said = (folder / "err").read_text(errors="replace").strip().splitlines() or ["nothing was said"]
        return {}, f"no report: {said[-1]}"


def in_short(failure: str) -> str:
    return failure.strip().splitlines()[0][:FAILURE_SHOWN_MAX]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/clients/run", description=__doc__)
    everybody = [*TYPESCRIPT, *PYTHON, *HOSTS]
    names = [client.name for client in everybody]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="where the table is written as Markdown too")
    parser.add_argument(
        "--cautious", action="store_true", help="have every change wait for a yes, not only the booking"
    )
    wanted = parser.parse_args()

    # A judge that finds nothing is worth what its examples are worth.
    if doctest.testmod(outcome).failed:
        return 1
    zoo = Zoo(server.binary(), CAUTIOUS if wanted.cautious else USUAL)
    for client in everybody:
        if client.name in wanted.only:
            zoo.visit(client)

    print(f"\n{plain(zoo.lines)}")
    if wanted.markdown:
        wanted.markdown.write_text(markdown(zoo.lines), encoding="utf-8")
    absent, passed = sum(line.is_absent for line in zoo.lines), sum(line.is_green for line in zoo.lines)
    failed = len(zoo.lines) - absent - passed
    print(f"tests/clients: {passed} passed, {failed} failed, {absent} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
