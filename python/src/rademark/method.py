"""The method's constants, which stand in one file for both implementations: record/method.json of the repository."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Dict

#: What docs/method.md fixes, and vectors that every implementation has to give.
METHOD: Dict[str, Any] = json.loads(files("rademark").joinpath("method.json").read_text("utf-8"))
