"""pydantic-ai: an agent with an `MCPToolset`, whose model is a function that asks for one tool call."""

from typing import Any

from fastmcp.client import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from journey import Answer, Mission, answer_of, run
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel


def transport(mission: Mission) -> StdioTransport | SSETransport | StreamableHttpTransport:
    if mission.transport == "stdio":
        return StdioTransport(command=mission.command[0], args=mission.command[1:])
    return SSETransport(mission.url) if mission.transport == "sse" else StreamableHttpTransport(mission.url)


def one_call(tool: str, arguments: dict[str, Any]) -> FunctionModel:
    """A model that wants this call, and is content once it has an answer."""

    def respond(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        is_first = len(messages) == 1
        return ModelResponse(parts=[ToolCallPart(tool, arguments) if is_first else TextPart("done")])

    return FunctionModel(respond)


async def visit(mission: Mission) -> None:
    async def agree(message: str, _kind: Any, _params: Any, _context: Any) -> ElicitResult[Any]:
        mission.questions.append(message)
        return ElicitResult(action="accept", content={"approve": True})

    mode = {"auto": "auto", "legacy": "legacy", "modern": "2026-07-28"}[mission.era]
    client = Client(transport(mission), mode=mode, elicitation_handler=agree)
    # A failed call is shown to the model as it is, instead of being tried again.
    agent = Agent(toolsets=[MCPToolset(client, tool_error_behavior="failed")])
    async with agent:
        mission.protocol = client.protocol_version

        async def call(tool: str, arguments: dict[str, Any]) -> Answer:
            result = await agent.run("Go on.", model=one_call(tool, arguments))
            parts = [part for message in result.all_messages() for part in message.parts]
            returned = [part for part in parts if isinstance(part, ToolReturnPart)]
            content = returned[-1].content
            return answer_of(content, str(content))

        await mission.travel(call)


run("pydantic-ai-slim", visit)
