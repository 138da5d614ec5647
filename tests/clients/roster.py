"""Who makes the journey, over which transports, and what each of them is expected to agree on with the server."""

from dataclasses import dataclass, field

SESSIONS = "2025-11-25"
"""The last revision with sessions."""
STATELESS = "2026-07-28"
"""The first without."""


@dataclass(frozen=True)
class Row:
    """One way to the server: the era that the client is told to use, and the revision that it should arrive at."""

    transport: str
    era: str
    protocol: str | None


def sessions_only() -> list[Row]:
    return [Row(transport, "auto", SESSIONS) for transport in ("stdio", "http", "sse")]


def both_eras() -> list[Row]:
    """For clients that look for the newer era first, unless they are told not to."""
    eras = (("auto", STATELESS), ("legacy", SESSIONS))
    return [Row(transport, *era) for transport in ("stdio", "http", "sse") for era in eras]


def sessions_over_sse() -> list[Row]:
    """For fastmcp, which looks for the newer era everywhere but on the older transport."""
    return [*(row for row in both_eras() if row.transport != "sse"), Row("sse", "auto", SESSIONS)]


def newest_only() -> list[Row]:
    """For frameworks that look for the newer era first and leave no choice."""
    return [Row(transport, "auto", STATELESS) for transport in ("stdio", "http", "sse")]


@dataclass(frozen=True)
class Client:
    """`name` is that of its script, `with_<name>`, and of its requirements."""

    name: str
    title: str
    rows: list[Row]
    can_be_asked: bool = True
    """Whether it can put a question of the server to a person."""
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    """What is known not to work, by transport and era, and whose fault it is."""


PYTHON = [
    Client("python_sdk_2", "Python SDK 2", both_eras()),
    Client("python_sdk_1", "Python SDK 1", sessions_only()),
    Client("fastmcp", "fastmcp", sessions_over_sse()),
    Client("openai_agents", "OpenAI Agents", newest_only(), can_be_asked=False),
    Client("pydantic_ai", "pydantic-ai", sessions_over_sse()),
    Client("langchain", "LangChain", sessions_only()),
    Client("crewai", "CrewAI", sessions_only(), can_be_asked=False),
    Client("autogen", "AutoGen", sessions_only(), can_be_asked=False),
]

TYPESCRIPT = [
    Client("typescript_sdk_2", "TypeScript SDK 2", both_eras()),
    Client("typescript_sdk_1", "TypeScript SDK 1", sessions_only()),
]

HOSTS = [
    Client("claude_code", "Claude Code", [Row(transport, "auto", None) for transport in ("stdio", "http", "sse")]),
    Client("gemini_cli", "Gemini CLI", [Row(transport, "auto", None) for transport in ("stdio", "http", "sse")]),
]
"""Programs for people. Without credentials they only look whether the server is well."""
