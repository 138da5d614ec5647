"""The official Python SDK, first generation, which many frameworks stand on: sessions only."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from journey import Answer, Mission, answer_of, run
from mcp import ClientSession, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.types import ElicitResult


def streams(mission: Mission) -> AbstractAsyncContextManager[Any]:
    if mission.transport == "stdio":
        return stdio_client(StdioServerParameters(command=mission.command[0], args=mission.command[1:]))
    return sse_client(mission.url) if mission.transport == "sse" else streamablehttp_client(mission.url)


async def visit(mission: Mission) -> None:
    async def agree(_context: Any, params: Any) -> ElicitResult:
        mission.questions.append(params.message)
        return ElicitResult(action="accept", content={"approve": True})

    async with streams(mission) as (read, write, *_):
        async with ClientSession(read, write, elicitation_callback=agree) as session:
            mission.protocol = str((await session.initialize()).protocolVersion)

            async def call(tool: str, arguments: dict[str, Any]) -> Answer:
                result = await session.call_tool(tool, arguments)
                return answer_of(result.structuredContent)

            await session.list_tools()
            await mission.travel(call)


run("mcp", visit)
