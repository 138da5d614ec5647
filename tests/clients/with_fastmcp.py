"""fastmcp: a client over the Python SDK's second generation, with its own transports and result type."""

from typing import Any

from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from journey import Answer, Mission, answer_of, run


def transport(mission: Mission) -> StdioTransport | SSETransport | StreamableHttpTransport:
    if mission.transport == "stdio":
        return StdioTransport(command=mission.command[0], args=mission.command[1:])
    return SSETransport(mission.url) if mission.transport == "sse" else StreamableHttpTransport(mission.url)


async def visit(mission: Mission) -> None:
    async def agree(message: str, _kind: Any, _params: Any, _context: Any) -> ElicitResult[Any]:
        mission.questions.append(message)
        return ElicitResult(action="accept", content={"approve": True})

    mode = {"auto": "auto", "legacy": "legacy", "modern": "2026-07-28"}[mission.era]
    async with Client(transport(mission), mode=mode, elicitation_handler=agree) as client:
        mission.protocol = client.protocol_version

        async def call(tool: str, arguments: dict[str, Any]) -> Answer:
            result = await client.call_tool(tool, arguments, raise_on_error=False)
            return answer_of(result.structured_content)

        await client.list_tools()
        await mission.travel(call)


run("fastmcp", visit)
