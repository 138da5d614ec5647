"""AutoGen: the tool adapters of autogen-ext over one session, run with JSON as its agents do."""

import json
from typing import Any

from autogen_core import CancellationToken
from autogen_ext.tools.mcp import (
    McpServerParams,
    SseServerParams,
    StdioServerParams,
    StreamableHttpServerParams,
    create_mcp_server_session,
    mcp_server_tools,
)
from journey import Answer, Mission, answer_of, note_protocol, run


def parameters(mission: Mission) -> McpServerParams:
    if mission.transport == "stdio":
        return StdioServerParams(command=mission.command[0], args=mission.command[1:])
    return (
        SseServerParams(url=mission.url) if mission.transport == "sse" else StreamableHttpServerParams(url=mission.url)
    )


async def visit(mission: Mission) -> None:
    note_protocol(mission)
    where = parameters(mission)
    async with create_mcp_server_session(where) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in await mcp_server_tools(where, session)}

        async def call(tool: str, arguments: dict[str, Any]) -> Answer:
            try:
                blocks = await tools[tool].run_json(arguments, CancellationToken())
            except Exception as failure:  # the adapter raises nothing narrower; its text is the content blocks as JSON
                return answer_of(None, json.loads(str(failure))[0]["text"])
            return answer_of(None, blocks[0].text)

        await mission.travel(call)


run("autogen-ext", visit)
