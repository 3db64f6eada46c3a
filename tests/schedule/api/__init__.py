import json
from typing import Any


def compact(body: Any) -> str:
    """What an answer must be, byte by byte: the order of keys counts, and 1 is not true."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
