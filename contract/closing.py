"""Makes a loose OpenAPI description strict: a key that no schema names becomes an error.

Meta's file says `additionalProperties: false` where two halves are put together by `allOf`, so that each half forbids
the other; elsewhere it says nothing, so that a misspelt key passes. Both become `unevaluatedProperties: false` at the
place where an object stands, which sees through `allOf`, `oneOf` and `$ref`.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

BRANCHES = ("allOf", "oneOf", "anyOf")
URN = "urn:graph"


def closed(schema: Schema, document: Schema) -> Schema:
    """The schema of a whole value: as a branch, and with nothing allowed beside what its branches name."""
    strict = branch(schema, document)
    if is_list_of_names(schema, document) and "additionalProperties" not in strict:
        strict["unevaluatedProperties"] = False
    return strict


def branch(schema: Schema, document: Schema) -> Schema:
    """The schema as a part of another: strict within, open at its own level."""
    strict = {key: value for key, value in schema.items() if key not in ("example", "examples", "discriminator")}
    if strict.get("additionalProperties") is False:
        del strict["additionalProperties"]
    if strict.pop("nullable", False):
        strict["type"] = [strict["type"], "null"]
    if "$ref" in strict:
        strict["$ref"] = URN + strict["$ref"]
    if "properties" in strict:
        strict["properties"] = {name: closed(value, document) for name, value in strict["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(strict.get(key), dict):
            strict[key] = closed(strict[key], document)
    for key in BRANCHES:
        if key in strict:
            strict[key] = [branch(part, document) for part in strict[key]]
    if "oneOf" in schema and "mapping" in schema.get("discriminator", {}):
        chosen_by_name(strict, schema["discriminator"])
    return strict


def chosen_by_name(strict: Schema, discriminator: Schema) -> None:
    """Replaces `oneOf` by a choice on the discriminator, so that an error names the fault and not eleven misfits."""
    name, mapping = discriminator["propertyName"], discriminator["mapping"]
    del strict["oneOf"]
    strict["required"] = [*strict.get("required", []), name]
    strict["properties"] = {**strict.get("properties", {}), name: {"enum": sorted(mapping)}}
    strict["allOf"] = [
        {"if": {"properties": {name: {"const": value}}}, "then": {"$ref": URN + reference}}
        for value, reference in sorted(mapping.items())
    ]


def is_list_of_names(schema: Schema, document: Schema, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a schema, or one that it is made of, names properties: then those are all there are."""
    if schema.get("properties"):
        return True
    reference = schema.get("$ref")
    if reference and reference not in seen:
        return is_list_of_names(lookup(document, reference), document, seen | {reference})
    return any(is_list_of_names(part, document, seen) for key in BRANCHES for part in schema.get(key, []))


def lookup(document: Schema, reference: str) -> Schema:
    """What `#/components/schemas/X` points at. Raises KeyError."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    assert isinstance(found, dict)
    return found
