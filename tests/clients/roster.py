"""Who makes the journey, over which transports, and what each of them is expected to agree on with the server."""

from dataclasses import dataclass, field

SESSIONS = "2025-11-25"
"""The last revision with sessions."""
STATELESS = "2026-07-28"
"""The first without."""


@dataclass(frozen=True)
class Row:
    """One way for a client to reach the server: the era that it is told to use, and the revision it should arrive at."""

    transport: str
    era: str
    protocol: str | None


def sessions_only() -> list[Row]:
    return [Row(transport, "auto", SESSIONS) for transport in ("stdio", "http", "sse")]


def both_eras() -> list[Row]:
    """For clients that look for the newer era first. The older transport belongs to the older era."""
    rows = [Row(transport, *era) for transport in ("stdio", "http") for era in (("auto", STATELESS), ("legacy", SESSIONS))]
    return [*rows, Row("sse", "auto", SESSIONS)]


def newest_only() -> list[Row]:
    """For frameworks that leave no choice of era."""
    return [Row("stdio", "auto", STATELESS), Row("http", "auto", STATELESS), Row("sse", "auto", SESSIONS)]


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
    Client("fastmcp", "fastmcp", both_eras()),
    Client("openai_agents", "OpenAI Agents", newest_only(), can_be_asked=False),
    Client("pydantic_ai", "pydantic-ai", both_eras()),
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
