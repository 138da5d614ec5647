"""What a journey brought home, in a form that can be compared: ids and instants masked, refusals in short."""

import json
import re
from typing import Any

ID = re.compile(r"\b(?:(?=\w*[a-z])(?=\w*[A-Z])[0-9A-Za-z]{20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
"""A record's is 20 characters of base62, a stage's a UUID."""
INSTANT = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:\d\d))?\b|[+-]?\b\d\d:\d\d\b|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b"
)
"""A date and time, or a part of one: the next free slot is another one soon."""


def canonical(steps: list[dict[str, Any]]) -> list[Any]:
    """The steps as every client should report them.

    >>> one, other = "aB3defghijklmnopqrst", "zY9defghijklmnopqrst"
    >>> canonical([{"step": "open", "answer": {"id": one, "of": [one, other], "at": "2026-11-20T09:30:00-08:00"}}])
    [{'step': 'open', 'answer': {'at': '<instant>', 'id': '<id 1>', 'of': ['<id 1>', '<id 2>']}}]
    >>> canonical([{"step": "read", "answer": {"text": {"untrusted": "a ⟦b⟧", "source": "note"}, "value": 2.0}}])
    [{'step': 'read', 'answer': {'text': '⟦untrusted note⟧a |b|⟦/untrusted⟧', 'value': 2}}]
    """
    seen: dict[str, str] = {}
    return [{"step": step["step"], "answer": masked(step["answer"], seen)} for step in steps]


def masked(value: Any, seen: dict[str, str]) -> Any:
    match value:
        case {"untrusted": str(text), "source": str(source)}:
            # Clients that keep the text of an answer see outsiders' words in a fence.
            return masked(f"⟦untrusted {source}⟧{re.sub('[⟦⟧]', '|', text)}⟦/untrusted⟧", seen)
        case {"error": {**error}}:
            # The text of a refusal carries the candidates in another form.
            return {"error": {name: error.get(name) for name in ("code", "message", "hint")}}
        case dict():
            return {name: "cursor" if name == "next_cursor" else masked(value[name], seen) for name in sorted(value)}
        case list():
            return [masked(item, seen) for item in value]
        case str():
            return masked_text(value, seen)
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def masked_text(text: str, seen: dict[str, str]) -> str:
    """The same id is the same mask throughout a journey, so that mixing up two records shows."""
    numbered = ID.sub(lambda found: seen.setdefault(found[0], f"<id {len(seen) + 1}>"), text)
    return INSTANT.sub("<instant>", numbered)


def difference(expected: Any, found: Any, place: str = "") -> str | None:
    """The first place where two outcomes differ, with both values.

    >>> difference([{"created": True}], [{"created": True}])
    >>> difference([{"created": True}], [{"created": False}])
    '/0/created is false, elsewhere true'
    >>> difference([{"tags": []}], [{}])
    '/0 is {}, elsewhere {"tags": []}'
    """
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        pairs = [(expected[name], found[name], f"{place}/{name}") for name in expected]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [
            (one, other, f"{place}/{index}") for index, (one, other) in enumerate(zip(expected, found, strict=True))
        ]
    elif expected == found:
        return None
    else:
        here, elsewhere = (json.dumps(value, ensure_ascii=False) for value in (found, expected))
        return f"{place or '/'} is {here}, elsewhere {elsewhere}"
    return next((told for pair in pairs if (told := difference(*pair))), None)


def contradiction(journey: list[dict[str, Any]], steps: list[dict[str, Any]]) -> str | None:
    """The first thing that a step should show and does not. `shows` maps JSON pointers into the answer to values.

    >>> journey = [{"step": "move", "shows": {"/after/stage": "Contacted"}}]
    >>> contradiction(journey, [{"step": "move", "answer": {"after": {"stage": "Contacted"}}}])
    >>> contradiction(journey, [])
    'step `move` shows null at /after/stage, not "Contacted"'
    """
    answers = {step["step"]: step["answer"] for step in steps}
    for step in journey:
        for pointer, value in step.get("shows", {}).items():
            if (found := pointed_at(answers.get(step["step"]), pointer)) != value:
                return f"step `{step['step']}` shows {json.dumps(found)} at {pointer}, not {json.dumps(value)}"
    return None


def pointed_at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return value
