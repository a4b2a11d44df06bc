"""Random-label measures of representations and of networks that train: the Rademark benchmark beside your own loop.

`probe` measures features; `RandomLabelHeads` and `Indexed` (with PyTorch) train heads beside a network; `read_run` and
`read_board` read what the command line and a server hold.
"""

from __future__ import annotations

from .labels import random_labels
from .null import equivalent_width, null_accuracy
from .probe import Probe, probe
from .tables import read_board, read_run

__version__ = "0.3.0"

#: What needs PyTorch is loaded when it is asked for.
_OF_TORCH = ("Indexed", "RandomLabelHeads", "embed")

__all__ = [
    "Probe",
    "equivalent_width",
    "null_accuracy",
    "probe",
    "random_labels",
    "read_board",
    "read_run",
    *_OF_TORCH,
]


def __getattr__(name: str):
    if name not in _OF_TORCH:
        raise AttributeError(f"module 'rademark' has no attribute {name!r}")
    try:
        from . import heads
    except ImportError as error:
        if error.name != "torch":
            raise
        raise ImportError(f"rademark.{name} needs PyTorch: pip install torch", name="torch") from error
    return getattr(heads, name)
