"""A study as TOML text: what a run folder keeps, and what a run's name is a hash of."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from bayesgap.study.study import Study


def study_text(study: Study) -> str:
    """Resolved study as TOML in a fixed order; `load_study` reads it back to an equal study."""
    return "\n".join(_table(study.model_dump(mode="json"), ())).strip() + "\n"


def _table(content: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    values = {k: v for k, v in content.items() if not isinstance(v, dict) and v is not None}
    if path and values:
        yield f"\n[{'.'.join(_key(part) for part in path)}]"
    for key, value in values.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _table(cast(dict[str, Any], value), (*path, key))


def _key(name: str) -> str:
    plain = name.replace("_", "").replace("-", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in cast(list[object], value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
