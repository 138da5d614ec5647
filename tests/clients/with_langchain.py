"""LangChain: the tools of `langchain-mcp-adapters`, invoked with tool calls as a chat model returns them."""

from typing import Any

from journey import Answer, Mission, answer_of, note_protocol, run
from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools
from mcp.types import ElicitResult


def connection(mission: Mission) -> dict[str, Any]:
    if mission.transport == "stdio":
        return {"transport": "stdio", "command": mission.command[0], "args": mission.command[1:]}
    return {"transport": "sse" if mission.transport == "sse" else "streamable_http", "url": mission.url}


async def visit(mission: Mission) -> None:
    async def agree(_mcp: Any, params: Any, _context: Any) -> ElicitResult:
        mission.questions.append(params.message)
        return ElicitResult(action="accept", content={"approve": True})

    note_protocol(mission)
    callbacks = Callbacks(on_elicitation=agree)
    client = MultiServerMCPClient({"luminar": connection(mission)}, callbacks=callbacks)
    async with client.session("luminar") as session:
        tools = {tool.name: tool for tool in await load_mcp_tools(session, callbacks=callbacks)}

        async def call(tool: str, arguments: dict[str, Any]) -> Answer:
            wanted = {"type": "tool_call", "name": tool, "args": arguments, "id": "call"}
            message = await tools[tool].ainvoke(wanted)
            structured = (message.artifact or {}).get("structured_content")
            return answer_of(structured, message.text if isinstance(message.text, str) else message.text())

        await mission.travel(call)


run("langchain-mcp-adapters", visit)
