"""Content-Security-Policy of pages that ask for nothing outside themselves."""

import base64
import hashlib


def content_policy(style: str, code: str | None = None, *, images: bool = False) -> str:
    """Policy that allows this style, this script if any, images in the page, and nothing else."""
    rules = {
        "default-src": "'none'",
        **({} if code is None else {"script-src": _allowed(code)}),
        "style-src": _allowed(style),
        **({"img-src": "data:"} if images else {}),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
