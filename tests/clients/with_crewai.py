"""CrewAI: the tools of crewai-tools' `MCPServerAdapter`, invoked as an agent's executor does.

CrewAI fills in an explicit null for every optional argument that the model left out.
"""

from typing import Any

from crewai_tools import MCPServerAdapter
from journey import Answer, Mission, answer_of, note_protocol, run
from mcp import StdioServerParameters


def parameters(mission: Mission) -> StdioServerParameters | dict[str, Any]:
    if mission.transport == "stdio":
        return StdioServerParameters(command=mission.command[0], args=mission.command[1:])
    return {"url": mission.url, "transport": "sse" if mission.transport == "sse" else "streamable-http"}


async def visit(mission: Mission) -> None:
    note_protocol(mission)
    with MCPServerAdapter(parameters(mission)) as listed:
        tools = {tool.name: tool.to_structured_tool() for tool in listed}

        async def call(tool: str, arguments: dict[str, Any]) -> Answer:
            return answer_of(None, tools[tool].invoke(arguments))

        await mission.travel(call)


run("crewai-tools", visit)
