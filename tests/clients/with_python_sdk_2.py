"""The official Python SDK, second generation: both eras."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from journey import Answer, Mission, answer_of, run
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.types import ElicitResult


def server(mission: Mission) -> StdioServerParameters | AbstractAsyncContextManager[Any] | str:
    if mission.transport == "stdio":
        return StdioServerParameters(command=mission.command[0], args=mission.command[1:])
    return sse_client(mission.url) if mission.transport == "sse" else mission.url


async def visit(mission: Mission) -> None:
    async def agree(_context: Any, params: Any) -> ElicitResult:
        mission.questions.append(params.message)
        return ElicitResult(action="accept", content={"approve": True})

    mode = {"auto": "auto", "legacy": "legacy", "modern": "2026-07-28"}[mission.era]
    async with Client(server(mission), mode=mode, elicitation_callback=agree) as client:
        mission.protocol = client.protocol_version

        async def call(tool: str, arguments: dict[str, Any]) -> Answer:
            result = await client.call_tool(tool, arguments)
            return answer_of(result.structured_content)

        await client.list_tools()
        await mission.travel(call)


run("mcp", visit)
