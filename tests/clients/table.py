"""The table that a run ends in, for people and for the documentation."""

from dataclasses import dataclass


@dataclass
class Line:
    """One line of the table."""

    client: str
    version: str
    transport: str
    era: str
    protocol: str
    calls: int
    approval: str
    result: str
    is_green: bool
    is_absent: bool = False
    """Whether the client could not be installed here."""

    def cells(self) -> list[str]:
        return [
            self.client,
            self.version,
            self.transport,
            self.era,
            self.protocol,
            str(self.calls),
            self.approval,
            self.result,
        ]


HEAD = ["client", "version", "transport", "era asked for", "protocol", "calls", "approval", "result"]

PREFACE = """\
# Clients

Written by `tests/clients/run --markdown docs/clients.md`. Each client makes the journey of
`tests/clients/journey.json`: it looks for a lead, creates it, finds it again, tags it, writes a note, opens a deal,
finds it again, goes astray once, moves the deal, looks for a free slot, books a call and reads the contact. The
booking needs a person's yes: a client that can ask its person does; for the others the plan is approved in the inbox,
and they call again. `same` means that all answers are those of the first row, but for ids and times. Hosts without
credentials only look whether the server is well.

"""


def markdown(lines: list[Line]) -> str:
    rows = [HEAD, ["---"] * len(HEAD), *(line.cells() for line in lines)]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return PREFACE + "".join(f"| {' | '.join(row)} |\n" for row in escaped)


def plain(lines: list[Line]) -> str:
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)
