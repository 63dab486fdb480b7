"""Meta's description of its API, corrected by our list of deviations and made strict, ready to judge a call by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from .closing import URN, Schema, branch, closed, lookup
from .deviations import DEVIATIONS
from .patch import Deviation, StaleDeviation
from .shapes import PATHS

JSON = "application/json"
ERROR = {"$ref": "#/components/schemas/GraphAPIError"}


class Description:
    """Answers, for one operation of the file, what is wrong with a request or an answer: sentences, or none."""

    def __init__(self, document: Schema, deviations: tuple[Deviation, ...] = DEVIATIONS) -> None:
        self.document = deepcopy(document)
        self.stale = [f"the file now has {path}" for path in PATHS if path in self.document["paths"]]
        self.document["paths"].update(PATHS)
        for deviation in deviations:
            try:
                deviation.apply(self.document)
            except StaleDeviation as problem:
                self.stale.append(str(problem))
        schemas = self.document["components"]["schemas"]
        strict = {name: branch(schema, self.document) for name, schema in schemas.items()}
        resource = Resource.from_contents({"components": {"schemas": strict}}, default_specification=DRAFT202012)
        self.registry: Registry[Any] = Registry().with_resource(URN, resource)

    def operation(self, method: str, path: str) -> Schema:
        """Raises KeyError when the file has no such operation."""
        found: Schema = self.document["paths"][path][method.lower()]
        return found

    def parameters(self, method: str, path: str, place: str) -> dict[str, Schema]:
        """The operation's parameters in "path", "query" or "header", by name."""
        listed = [
            *self.document["paths"][path].get("parameters", []),
            *self.operation(method, path).get("parameters", []),
        ]
        found = [self.resolved(one) for one in listed]
        return {one["name"]: one for one in found if one["in"] == place}

    def faults_of_body(self, method: str, path: str, body: Any) -> list[str]:
        content = self.operation(method, path).get("requestBody", {}).get("content", {})
        if JSON not in content:
            return [] if body is None else ["a body, where the file has none"]
        return [] if body is None else self.faults(content[JSON]["schema"], body)

    def faults_of_answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """An error of any operation has Graph's error shape, whether or not the file lists its status there."""
        return self.faults(self.answer_schema(method, path) if status == 200 else ERROR, body)

    def answer_schema(self, method: str, path: str) -> Schema:
        answer = self.resolved(self.operation(method, path)["responses"]["200"])
        found: Schema = answer["content"][JSON]["schema"]
        return found

    def resolved(self, schema: Schema) -> Schema:
        return lookup(self.document, schema["$ref"]) if "$ref" in schema else schema

    def faults(self, schema: Schema, value: Any) -> list[str]:
        """What is wrong with a value, told once for each place it is wrong at."""
        validator = Draft202012Validator(closed(schema, self.document), registry=self.registry)
        errors = list(validator.iter_errors(value))
        # A branch that failed names nothing, so whatever it would have named looks unknown: noise beside the cause.
        causes = [error for error in errors if error.validator != "unevaluatedProperties"] or errors
        return [told(error) for error in causes]


def told(error: ValidationError) -> str:
    deepest = best_match([error]) or error
    place = "/".join(str(part) for part in deepest.absolute_path) or "the top"
    return f"at {place}: {deepest.message[:300]}"


def load(path: Path) -> Schema:
    """The file as it is. It is 30,000 lines of YAML, so libyaml's reader is used: half a second instead of twenty."""
    found: Schema = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return found


def field_names(fields: str) -> Iterator[tuple[str, str]]:
    """`a,b{c,d}` as ("a", ""), ("b", "c,d")."""
    for found in re.finditer(r"([a-z_0-9]+)(?:\{((?:[^{}]|\{[^{}]*\})*)\})?", fields):
        yield found.group(1), found.group(2) or ""
