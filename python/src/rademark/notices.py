"""Which of a probe's numbers mean nothing, and why (docs/probe.md, "When a number means nothing")."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from .class_labels import ClassTask
from .features import Features, Variation, variation_of

Notice = Dict[str, object]


class Tap(NamedTuple):
    """One representation of the samples, and of those held out."""

    name: Optional[str]
    train: Features
    test: Optional[Features]


class Probed(NamedTuple):
    taps: Sequence[Tap]
    #: taps of the document, in the same order.
    documents: Sequence[dict]
    #: Of each label space: in how many redraws all samples drew the same label.
    uniform: Dict[int, int]
    draws: int
    task: Optional[ClassTask]


def notices(probed: Probed) -> List[Notice]:
    """One notice for each reason, with JSON pointers to all the numbers it is about."""
    found = [
        *_of_taps(probed),
        *_of_random_labels(probed),
        *_of_told(probed),
        *(_of_classes(probed, probed.task) if probed.task else []),
    ]
    merged: Dict[Tuple[str, str], Notice] = {}
    for code, numbers, message in found:
        known = merged.setdefault((code, message), _notice(code, [], message))
        known["numbers"] += numbers
    return list(merged.values())


Found = Tuple[str, List[str], str]


def _notice(code: str, numbers: List[str], message: str) -> Notice:
    return {"code": code, "numbers": numbers, "message": message}


#: Rounding may make up this share of the variance without a notice.
MOST_ROUNDED = 0.01


def _of_taps(probed: Probed) -> List[Found]:
    found: List[Found] = []
    for i, (tap, document) in enumerate(zip(probed.taps, probed.documents)):
        at = f"/taps/{i}"
        variation = variation_of(tap.train)
        flat = not variation.varies or document["effectiveRank"] == 0
        found += _of_variation(variation, flat, "features", [at])
        if flat:
            continue
        if tap.test is not None and document["classes"] and document["classes"]["test"]:
            other = variation_of(tap.test)
            found += _of_variation(other, not other.varies, "test-features", [f"{at}/classes/test"])
        found += _of_width(document, tap.train.samples, at)
    return found


def _of_variation(variation: Variation, flat: bool, whose: str, numbers: List[str]) -> List[Found]:
    name = whose.replace("-", " ")
    remedy = (
        "Subtract the mean of the training samples and divide by their spread in float64 before."
    )
    if flat:
        hidden = (
            f" They do differ as given, but by too little for float32. {remedy}"
            if variation.varies_as_given
            else ""
        )
        message = f"As float32 the {name} of all samples are the same, so this says nothing about them.{hidden}"
        return [(f"{whose}-do-not-vary", numbers, message)]
    if variation.rounded_share <= MOST_ROUNDED:
        return []
    percent = round(variation.rounded_share * 100)
    message = (
        f"Rounding makes up about {percent} % of the variance of the {name}, so this number partly measures the "
        f"rounding. {remedy}"
    )
    return [(f"{whose}-are-rounded", numbers, message)]


def _of_width(document: dict, samples: int, at: str) -> List[Found]:
    width = document["width"]
    ranks = [f"{at}/effectiveRank", f"{at}/participationRatio"]
    found: List[Found] = []
    if width + 1 >= samples:
        numbers = [f"{at}/refit", *(f"{at}/null/{k}/counts" for k in range(len(document["null"])))]
        numbers += ranks if width >= samples else []
        numbers += [f"{at}/classes/train"] if document["classes"] else []
        message = (
            f"There are no more samples ({samples}) than features plus a mean ({width + 1}). Almost any points so few "
            "can be given any labels, so this depends largely on the numbers of samples and features alone."
        )
        found.append(("width-fits-any-labels", numbers, message))
    if width == 1:
        message = "With one feature every rank is 1, whatever the feature is."
        found.append(("one-feature", ranks, message))
    return found


#: With fewer samples for each label the null's formula is off by two points and more, one way or the other.
ENOUGH_A_LABEL = 5


def _of_random_labels(probed: Probed) -> List[Found]:
    samples = probed.taps[0].train.samples
    taps = range(len(probed.taps))
    found: List[Found] = []
    for k, (n, uniform) in enumerate(probed.uniform.items()):
        if samples < ENOUGH_A_LABEL * n:
            places = ["counts", "spectrum", "leverages"]
            below = [f"refit/{k}/equivalentWidth", *(f"null/{k}/{rung}" for rung in places)]
            message = (
                f"There are fewer than {ENOUGH_A_LABEL} samples for each random label; then the formula of the clouds "
                "can be off by two points or more. Compare with another representation of the same samples instead."
            )
            numbers = [f"/taps/{i}/{place}" for i in taps for place in below]
            found.append(("few-samples-a-label", numbers, message))
        if uniform > 0:
            plural = "labelling" if probed.draws == 1 else "labellings"
            message = (
                f"In {uniform} of {probed.draws} {plural} all samples drew the same random label, so there was nothing "
                "to learn."
            )
            found.append(("one-random-label", [f"/taps/{i}/refit/{k}" for i in taps], message))
    return found


#: With fewer redraws the least p without ties, 2/(K + 1), is above .05.
ENOUGH_FOR_A_RANK = 39


def _of_told(probed: Probed) -> List[Found]:
    draws = probed.draws
    numbers = [
        f"/taps/{i}/refit/{k}/selectivityP"
        for i, document in enumerate(probed.documents)
        for k, refit in enumerate(document["refit"])
        if refit["told"] is not None
    ]
    if draws >= ENOUGH_FOR_A_RANK or not numbers:
        return []
    message = (
        f"Among {draws} {'redraw' if draws == 1 else 'redraws'} this p is {2 / (draws + 1):.2f} at least "
        f"({1 / (draws + 1):.2f} where counts tie), whatever the features hold. A run ranks the told labelling among "
        "99: draws=99."
    )
    return [("few-draws", numbers, message)]


def _of_classes(probed: Probed, task: ClassTask) -> List[Found]:
    def everywhere(*columns: str) -> List[str]:
        return [f"/taps/{i}/classes/{c}" for i in range(len(probed.taps)) for c in columns]

    columns = ["train"] if task.test is None else ["train", "test"]
    found = _of_commonest_class(probed, task)
    n, m = len(task.classes), len(task.train)
    if m < 2 * n:
        message = (
            f"With {n} classes among {m} samples there are fewer than two samples for each class: are the labels "
            "numbers or ids of samples?"
        )
        found.append(("few-samples-a-class", ["/classCount", *everywhere(*columns)], message))
    if task.test is None:
        return found
    about = [
        ("unseen-test-classes", _unseen(task)),
        ("absent-test-classes", _absent(task)),
        ("one-test-class", _single(task)),
        ("test-is-training", _held_out(probed)),
    ]
    return found + [
        (code, everywhere("test"), message) for code, message in about if message is not None
    ]


def _of_commonest_class(probed: Probed, task: ClassTask) -> List[Found]:
    """Class columns that a constant prediction would equal."""
    counts = np.bincount(task.train, minlength=len(task.classes))
    commonest = int(counts.argmax())
    most = int(counts[commonest])
    in_test = 0 if task.test is None else int((task.test == commonest).sum())
    found: List[Found] = []

    def add(i: int, column: str, constant: int, samples: int) -> None:
        message = (
            "This is no better than predicting the commonest training class for every sample, which gets "
            f"{constant / samples * 100:.1f} %."
        )
        found.append(("commonest-class", [f"/taps/{i}/classes/{column}"], message))

    for i, document in enumerate(probed.documents):
        classes = document["classes"]
        if classes["train"]["correct"] <= most:
            add(i, "train", most, len(task.train))
        if task.test is not None and 0 < in_test >= classes["test"]["correct"]:
            add(i, "test", in_test, len(task.test))
    return found


def _unseen(task: ClassTask) -> Optional[str]:
    found = task.test_found
    unseen = [label for label, number in zip(found, task.test) if number == -1]
    if not unseen:
        return None
    which = sorted(set(unseen))
    all_of_test = sorted(set(found))
    shift = all_of_test[0] - task.classes[0]
    counted = ""
    if shift != 0 and shift == all_of_test[-1] - task.classes[-1]:
        how = f"{shift} higher" if shift > 0 else f"{-shift} lower"
        counted = f" All test labels seem to be {how} than those of training; if so, the whole column is wrong."
    plural = "label" if len(which) == 1 else "labels"
    return (
        f"{len(unseen)} of {len(found)} test samples can never be right, because no training sample has their {plural}, "
        f"{_listed(which)}.{counted}"
    )


#: If this many samples of a class are to be expected, finding none is not chance.
EXPECTED_ENOUGH = 20


def _absent(task: ClassTask) -> Optional[str]:
    counts = np.bincount(task.train, minlength=len(task.classes))
    expected = counts / len(task.train) * len(task.test)
    absent = [
        label
        for number, label in enumerate(task.classes)
        if expected[number] >= EXPECTED_ENOUGH and not (task.test == number).any()
    ]
    if not absent:
        return None
    plural = "label" if len(absent) == 1 else "labels"
    return (
        f"No test sample has the training {plural} {_listed(absent)}, of which at least {EXPECTED_ENOUGH} samples were "
        "to be expected: are both counted from the same number?"
    )


def _single(task: ClassTask) -> Optional[str]:
    labels = set(task.test_found)
    return f"All test samples are of one class, {labels.pop()}." if len(labels) == 1 else None


def _held_out(probed: Probed) -> Optional[str]:
    same = all(np.array_equal(tap.train.stored, tap.test.stored) for tap in probed.taps)
    return "The test features are the training features, so nothing was held out." if same else None


def _listed(items: Sequence[int]) -> str:
    """The first few of them."""
    few = ", ".join(str(item) for item in items[:5])
    return f"{few} and {len(items) - 5} more" if len(items) > 5 else few
