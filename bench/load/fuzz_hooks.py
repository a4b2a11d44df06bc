"""Hooks of schemathesis: ids that exist and bodies that are accepted, as nobody guesses a SHA-256 or signs at random.

The file RADEMARK_FUZZ names holds {"parameters": {path: {name: [values]}}, "bodies": {path: [bodies]}}.
"""

import hashlib
import json
import os

import schemathesis

with open(os.environ["RADEMARK_FUZZ"], encoding="utf-8") as file:
    KNOWN = json.load(file)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Gives parameters and bodies examples; the document is the server's otherwise."""
    for path, operations in raw_schema["paths"].items():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                values = KNOWN["parameters"].get(path, {}).get(parameter["name"], [])
                if values:
                    parameter["examples"] = named(values)
            bodies = KNOWN["bodies"].get(path, [])
            if bodies and "requestBody" in operation:
                operation["requestBody"]["content"]["application/json"]["examples"] = named(bodies)


def named(values):
    return {f"example{i}": {"value": value} for i, value in enumerate(values)}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return with_known(context.operation.path, path_parameters)


@schemathesis.hook
def map_query(context, query):
    return with_known(context.operation.path, query)


def with_known(path, given):
    """Replaces half of the values that the schema allows by ones that exist; the same half each time."""
    known = KNOWN["parameters"].get(path, {})
    if not isinstance(given, dict):
        return given
    return {name: chosen(known.get(name, []), value) for name, value in given.items()}


def chosen(values, value):
    is_like_known = isinstance(value, str) and any(is_alike(value, other) for other in values)
    if not is_like_known:
        return value
    number = hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()[0]
    return values[number // 2 % len(values)] if number % 2 == 0 else value


def is_alike(value, known):
    """Hexadecimal digits stand for hexadecimal digits; other text for other text of an ordinary length."""
    if len(known) == 64:
        return len(value) == 64 and all(digit in "0123456789abcdef" for digit in value)
    return 1 <= len(value) <= 80 and value.isascii() and value.isprintable()
