"""OpenAI Agents: its function tools, called with the JSON text that a model would have written."""

import json
from typing import Any

from agents import Agent
from agents.mcp import MCPServer, MCPServerSse, MCPServerStdio, MCPServerStreamableHttp, MCPUtil
from agents.run_context import RunContextWrapper
from agents.tool import FunctionTool
from agents.tool_context import ToolContext
from journey import Answer, Mission, answer_of, run


def server(mission: Mission) -> MCPServer:
    options: dict[str, Any] = {"use_structured_content": True}
    if mission.transport == "stdio":
        return MCPServerStdio({"command": mission.command[0], "args": mission.command[1:]}, **options)
    if mission.transport == "sse":
        return MCPServerSse({"url": mission.url}, **options)
    return MCPServerStreamableHttp({"url": mission.url}, **options)


async def visit(mission: Mission) -> None:
    async with server(mission) as luminar:
        mission.protocol = luminar.session.protocol_version
        agent = Agent(name="traveller", mcp_servers=[luminar])
        # Schemas are made strict where they can be, as the vendor's models prefer them.
        listed = await MCPUtil.get_all_function_tools([luminar], True, RunContextWrapper(None), agent)
        tools = {tool.name: tool for tool in listed if isinstance(tool, FunctionTool)}

        async def call(tool: str, arguments: dict[str, Any]) -> Answer:
            written = json.dumps(arguments)
            context = ToolContext(None, tool_name=tool, tool_call_id="call", tool_arguments=written)
            output = await tools[tool].on_invoke_tool(context, written)
            return answer_of(None, output["text"] if isinstance(output, dict) else output)

        await mission.travel(call)


run("openai-agents", visit)
