"""Class labels of a probe, renumbered 0..N-1: the same ridge regression is fitted to them."""

from __future__ import annotations

from typing import List, NamedTuple, Optional

import numpy as np

from .labels import as_array
from .method import METHOD

#: More classes than this are a mistake, such as regression targets or sample numbers.
MOST_CLASSES = METHOD["probe"]["mostClasses"]


class ClassTask(NamedTuple):
    """The classes that occur in training, ascending; a label's place among them is its number."""

    classes: List[int]
    #: The training labels as given, [m].
    found: List[int]
    #: Their numbers, int64 [m].
    train: np.ndarray
    #: The test labels as given, and their numbers: -1 for a class that training does not have.
    test_found: Optional[List[int]]
    test: Optional[np.ndarray]


def class_task(labels, test_labels, samples: int, test_samples: Optional[int]) -> ClassTask:
    """Reads the labels. Raises ValueError, naming what does not fit."""
    found = _read(labels, "labels", samples)
    classes = sorted(set(found))
    if len(classes) < 2:
        raise ValueError("labels: at least two classes; found one")
    if len(classes) > MOST_CLASSES:
        raise ValueError(f"labels: up to {MOST_CLASSES} classes; found {len(classes)} different values")
    numbers = {label: number for number, label in enumerate(classes)}
    test_found = None if test_labels is None else _read(test_labels, "test_labels", test_samples)

    def numbered(values: List[int]) -> np.ndarray:
        return np.array([numbers.get(value, -1) for value in values], dtype=np.int64)

    test = None if test_found is None else numbered(test_found)
    return ClassTask(classes, found, numbered(found), test_found, test)


def _read(labels, name: str, samples: Optional[int]) -> List[int]:
    given = as_array(labels)
    if given.dtype.kind not in "iub":
        advice = {
            "f": f'Whole ones: {name}.astype("int64").',
            "U": f"Names become numbers: np.unique({name}, return_inverse=True)[1].",
        }.get(given.dtype.kind, "")
        raise ValueError(f"{name}: whole numbers; found {given.dtype}. {advice}".rstrip())
    if given.ndim != 1:
        raise ValueError(
            f"{name}: [samples], one class number each; found shape {list(given.shape)}. One-hot rows: {name}.argmax(1)."
        )
    if len(given) != samples:
        raise ValueError(f"{name}: one for each of {samples} samples; found {len(given)}")
    return [int(value) for value in given.tolist()]
