"""What every Python client does: reads its mission, makes the journey with the calls it is given, and reports.

A mission is one JSON object, the only argument: `transport` (stdio, http, sse), `era` (legacy, modern, or auto for
the client's own choice), `command` or `url`, `journey`, the file with the steps, and `approve`, the command by which
a person says yes to a plan. The report is the last line printed.
"""

import asyncio
import json
import re
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

ANSWER_SHOWN_MAX = 600
"""How much of an unexpected answer is shown, in characters."""

APPROVAL_S_MAX = 20
"""How long the command may take that says yes."""

Answer = dict[str, Any]
Call = Callable[[str, dict[str, Any]], Awaitable[Answer]]


class Astray(Exception):
    """The journey did not go as its steps say."""


@dataclass
class Mission:
    transport: str
    era: str
    command: list[str]
    url: str
    journey: str
    approve: list[str]
    protocol: str | None = None
    """The revision agreed with the server, set by the client."""
    questions: list[str] = field(default_factory=list)
    """What the server asked the person at the client, who always says yes."""
    plans: list[str] = field(default_factory=list)
    """The plans that were approved elsewhere, as the client has no way to ask."""
    steps: list[dict[str, Any]] = field(default_factory=list)

    async def travel(self, call: Call) -> None:
        """Makes every step of the journey. A refusal that the step does not expect ends it."""
        answers: dict[str, Answer] = {}
        for step in json.loads(Path(self.journey).read_text(encoding="utf-8")):
            arguments = filled(step["arguments"], answers)
            answer = await call(step["tool"], arguments)
            if plan := waiting_plan(answer):
                subprocess.run([*self.approve, plan], check=True, capture_output=True, timeout=APPROVAL_S_MAX)
                self.plans.append(plan)
                answer = await call(step["tool"], arguments | {"approval_plan_id": plan})
            answers[step["step"]] = answer
            self.steps.append({"step": step["step"], "answer": answer})
            if answer.get("error", {}).get("code") != step.get("fails_with"):
                raise Astray(f"step `{step['step']}`, {step['tool']}: {json.dumps(answer)[:ANSWER_SHOWN_MAX]}")


def filled(arguments: Any, answers: dict[str, Answer]) -> Any:
    """The arguments with each `{step.path}` replaced by what that step's answer holds there."""
    if isinstance(arguments, dict):
        return {name: filled(value, answers) for name, value in arguments.items()}
    if isinstance(arguments, list):
        return [filled(value, answers) for value in arguments]
    if isinstance(arguments, str):
        return re.sub(r"\{([^}]+)\}", lambda found: held(answers, found[1]), arguments)
    return arguments


def held(value: Any, path: str) -> str:
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return str(value)


def waiting_plan(answer: Answer) -> str | None:
    """The plan that a refused call waits for, as its refusal tells whoever reads it."""
    error = answer.get("error", {})
    found = re.search(r"pln_[0-9a-f-]{36}", error.get("hint", ""))
    return found[0] if found and error.get("code") == "approval_required" else None


def answer_of(structured: Any, text: str | None = None) -> Answer:
    """The answer of a tool: its structured content, or what a model reads where a framework keeps only that.

    The text of an answer is JSON; that of a refusal is `code: message`, what to do next, and the candidates, each on a
    line of its own.
    """
    if isinstance(structured, dict):
        return structured
    try:
        return json.loads(text or "")
    except ValueError:
        pass
    refusal = re.match(r"(\w+): (.+)(?:\nnext: (.+))?", text or "")
    if not refusal:
        raise Astray(f"neither an answer nor a refusal of ours: {text!r}")
    code, message, hint = refusal.groups()
    return {"error": {"code": code, "message": message} | ({"hint": hint} if hint else {})}


def note_protocol(mission: Mission) -> None:
    """Notes what is agreed on in a framework that hides it, which all do that stand on the SDK's first generation."""
    from mcp import ClientSession

    initialize = ClientSession.initialize

    async def noting(session: ClientSession) -> Any:
        result = await initialize(session)
        mission.protocol = str(result.protocolVersion)
        return result

    ClientSession.initialize = noting  # type: ignore[method-assign]


def run(package: str, visit: Callable[[Mission], Awaitable[None]]) -> None:
    """Runs a client on the mission of the command line and prints the report, with the version of `package`."""
    mission = Mission(**json.loads(sys.argv[1]))
    failure = None
    try:
        asyncio.run(visit(mission))
    except Exception as error:
        traceback.print_exc()
        failure = innermost(error)
    report = {
        "version": version(package),
        "protocol": mission.protocol,
        "questions": mission.questions,
        "plans": mission.plans,
        "steps": mission.steps,
        "failure": failure,
    }
    print(json.dumps(report), flush=True)


def innermost(error: BaseException) -> str:
    """What went wrong first: task groups wrap it in groups of one."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) if isinstance(error, Astray) else f"{type(error).__name__}: {error}"
