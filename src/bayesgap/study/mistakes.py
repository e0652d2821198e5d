"""What is wrong with a file that a user wrote: key, what must hold, what was found."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bayesgap.errors import nearest

FOUND = 60  # characters of what was found
SMALL = "must have small letters, digits, - and _ only, and begin with a letter or digit"
SAYINGS: Mapping[str, str] = {  # by pydantic's type of error
    "missing": "must be given",
    "string_pattern_mismatch": SMALL,
    "string_too_short": "must have at least {min_length} characters",
    "string_type": "must be text",
    "too_short": "must not be empty",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be one of {expected}",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a table of keys and values",
    "mapping_type": "must be a table of keys and values",
    "model_type": "must be a table of keys and values",
    "model_attributes_type": "must be a table of keys and values",
}
SILENT = {"missing", "extra_forbidden", "union_tag_not_found"}  # what was found says nothing more


def mistakes(
    errors: Sequence[Any], schema: Mapping[str, Any], place: Callable[[Any], str]
) -> list[str]:
    """One line a mistake.

    Parameters
    ----------
    errors : as pydantic lists them
    schema : JSON schema of the file, which knows the keys
    place : key of a mistake
    """
    inner = {item["loc"][:depth] for item in errors for depth in range(len(item["loc"]))}
    return [
        f"  - {place(item)}: {saying(item, schema)}"
        for item in errors
        if item["type"] != "too_short" or item["loc"] not in inner  # entries that are wrong
    ]


def saying(item: Any, schema: Mapping[str, Any]) -> str:
    """What must hold, and what was found there."""
    kind, about = item["type"], item.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return item["msg"].partition(", ")[2]
    found = f"; found {str(item['input'])[:FOUND]!r}" if kind not in SILENT else ""
    if kind == "extra_forbidden":
        hint = nearest(str(item["loc"][-1]), keys_of(schema, len(item["loc"]) == 1))
        return f"there is no such key.{hint or ' Remove it or correct its name.'}"
    if kind == "union_tag_not_found":
        return f"must say {about['discriminator'].split('(')[0]}"
    if kind == "union_tag_invalid":
        known = [tag.strip(" '") for tag in about["expected_tags"].split(",")]
        hint = nearest(about["tag"], known)
        key = about["discriminator"].strip("'").split("(")[0].replace("_kind_of_strength", "dist")
        return f'there is no {key} "{about["tag"]}".{hint} Known: {", ".join(known)}'
    return SAYINGS.get(kind, "is not valid").format(**about) + found


def keys_of(schema: Mapping[str, Any], top: bool) -> list[str]:
    """Keys that a file may have: at its top, or in any of its tables."""
    tables = [schema] if top else schema.get("$defs", {}).values()
    return list(dict.fromkeys(name for table in tables for name in table.get("properties", {})))
