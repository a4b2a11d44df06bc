"""Measures a representation: how easily it lets arbitrary labels be separated, with the controls of a run."""

from __future__ import annotations

import time
from hashlib import sha256
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from .class_labels import ClassTask, class_task
from .features import Features, read_features
from .labels import Index, random_labels, sample_numbers, whole
from .method import METHOD
from .notices import Probed, Tap, notices
from .null import (
    Cloud,
    EquivalentWidth,
    cloud_of_leverages,
    cloud_of_spectrum,
    cloud_of_width,
    equivalent_width,
    null_accuracy,
)
from .ridge import Correct, Ridge, spectrum_of
from .statistics import normalized, selectivity_p, t_interval
from .tables import frame

PENALTY = METHOD["refit"]["penalty"]
PENALTIES = METHOD["spectrum"]["penalties"]
LIMITS = METHOD["probe"]


class NearTies(NamedTuple):
    """Samples whose two best scores lie within 1e-9 of each other: another machine may count them differently."""

    #: From 1.
    tap: int
    n: int
    #: None: the told labelling.
    redraw: Optional[int]
    samples: int


class Probe(Dict[str, Any]):
    """The document of `rademark probe --json`, whose names and layout it has; `print` shows its figures."""

    #: Where counts may differ from those of another machine, and by how much at most.
    near_ties: Tuple[NearTies, ...] = ()

    def table(self):
        """One row for each tap and label space: a DataFrame where pandas is installed, else a list of dicts."""
        return frame(_rows(self), COLUMNS)

    def __str__(self) -> str:
        return _text(self)


def probe(
    features: Union[Any, Mapping[str, Any]],
    labels: Optional[Any] = None,
    draws: int = METHOD["refit"]["redraws"],
    index: Optional[Index] = None,
    *,
    n: Union[int, Sequence[int]] = tuple(LIMITS["labelSpaces"]),
    seed: int = LIMITS["seed"],
    told: bool = False,
    test_features: Union[Any, Mapping[str, Any], None] = None,
    test_labels: Optional[Any] = None,
) -> Probe:
    """What `rademark probe` measures of the same arrays (docs/probe.md); nothing is trained.

    Args:
        features: [m, D], float16 to float64, of NumPy, PyTorch or anything array-like; a mapping of such arrays, one for
            each tap in order of depth. They are rounded to float32 first, as the command line does.
        labels: class labels, [m], whole numbers; None: random labels need none.
        draws: K, ridge regressions are fitted to redraws 0..K-1 of each label space.
        index: the number of the sample in each row, [m], all different; None: row i is sample i.
        n: sizes of the label spaces.
        seed: of the random labels.
        told: fit the labelling that heads learn, too (draw 0), and rank it among the redraws.
        test_features: of samples held out, like `features`; for the accuracy on `test_labels` alone.

    Raises:
        ValueError: naming the argument, the rule and what was found.

    >>> z = np.random.default_rng(0).normal(size=(200, 20))
    >>> probe(z, n=10)["taps"][0]["refit"][0]["redraws"][:3]
    [74, 87, 65]
    """
    began = time.perf_counter()
    taps = _taps(features, test_features)
    work = _work(taps, labels, test_labels, index, draws=draws, n=n, seed=seed, told=told)
    documents, near_ties = [], []
    for number, tap in enumerate(taps, 1):
        document, near = _tap_document(tap, work, number)
        documents.append(document)
        near_ties += near
    uniform = {size: work.labellings.uniform(size) for size in work.spaces}
    found = Probe(
        {
            **_described(work, test_features is not None),
            "penalty": PENALTY,
            "taps": documents,
            "comparisons": [],
            "notices": notices(Probed(taps, documents, uniform, work.draws, work.task)),
            "seconds": time.perf_counter() - began,
        }
    )
    found.near_ties = tuple(near_ties)
    return found


class Work(NamedTuple):
    """What was asked for."""

    samples: int
    test_samples: Optional[int]
    #: The sample of each row, and whether somebody said so.
    index: List[int]
    indexed: bool
    seed: int
    spaces: List[int]
    draws: int
    told: bool
    task: Optional[ClassTask]
    labellings: Labellings


def _taps(features, test_features) -> List[Tap]:
    given = features if isinstance(features, Mapping) else {None: features}
    if len(given) == 0:
        raise ValueError("features: at least one tap; found an empty mapping")
    tests = test_features if isinstance(test_features, Mapping) else {None: test_features}
    if test_features is not None and list(tests) != list(given):
        raise ValueError(f"test_features: taps {list(given)}; found {list(tests)}")

    def read(arrays: Mapping, name: Optional[str], which: str) -> Optional[Features]:
        if test_features is None and which == "test_features":
            return None
        return read_features(arrays[name], which if name is None else f"{which}[{name!r}]")

    taps = [Tap(k, read(given, k, "features"), read(tests, k, "test_features")) for k in given]
    first = taps[0]
    for tap in taps:
        if tap.train.samples != first.train.samples:
            raise ValueError(
                f"features: all taps have the same samples; {tap.name!r} has {tap.train.samples}, {first.name!r} has "
                f"{first.train.samples}"
            )
        if tap.test is not None and tap.test.width != tap.train.width:
            raise ValueError(
                f"test_features: as wide as features, {tap.train.width}; found {tap.test.width}"
            )
    return taps


def _work(taps: List[Tap], labels, test_labels, index, *, draws, n, seed, told) -> Work:
    samples = taps[0].train.samples
    test_samples = None if taps[0].test is None else taps[0].test.samples
    if (test_labels is None) != (test_samples is None):
        raise ValueError("test_features and test_labels belong together; one is missing")
    if labels is None and test_labels is not None:
        raise ValueError("test_labels need labels: the classes are learnt on the training samples")
    rows = sample_numbers(samples if index is None else index)
    if len(rows) != samples:
        raise ValueError(f"index: a number for each of {samples} samples; found {len(rows)}")
    if len(set(rows)) != samples:
        raise ValueError("index: each sample is one row; some number stands in two rows")
    sizes = [n] if isinstance(n, (int, np.integer)) else list(n)
    spaces = list(dict.fromkeys(whole("n", size, 2, LIMITS["largestN"]) for size in sizes))
    if not spaces:
        raise ValueError("n: at least one label space; found none")
    draws = whole("draws", draws, 1, LIMITS["mostDraws"])
    seed = whole("seed", seed)
    task = None if labels is None else class_task(labels, test_labels, samples, test_samples)
    labellings = Labellings(seed, rows, keep=len(taps) > 1)
    indexed = index is not None
    return Work(
        samples, test_samples, rows, indexed, seed, spaces, draws, bool(told), task, labellings
    )


class Labellings:
    """The labels that a run gives to these samples; kept if several taps need them."""

    #: Bytes of labels that are kept.
    MOST_KEPT = 2**28

    def __init__(self, seed: int, index: List[int], keep: bool) -> None:
        self._seed, self._index = seed, index
        self._room = self.MOST_KEPT // (2 * len(index)) if keep else 0
        self._kept: Dict[Tuple[int, str, int], np.ndarray] = {}
        self._uniform: Dict[Tuple[int, str, int], bool] = {}

    def of(self, n: int, kind: str, draw: int) -> np.ndarray:
        """Labels in [0, n), int64 [m]."""
        key = (n, kind, draw)
        if key in self._kept:
            return self._kept[key].astype(np.int64)
        labels = random_labels(self._seed, n, draw, self._index, kind)
        self._uniform[key] = bool((labels == labels[0]).all())
        if len(self._kept) < self._room:
            self._kept[key] = labels.astype(np.uint16)
        return labels

    def uniform(self, n: int) -> int:
        """How many redraws gave all samples the same label."""
        return sum(
            flag for (size, kind, _), flag in self._uniform.items() if (size, kind) == (n, "redraw")
        )


def _described(work: Work, tested: bool) -> Dict[str, Any]:
    order = np.argsort(np.array(work.index, dtype=np.int64), kind="stable").tolist()
    task = work.task
    return {
        "probe": LIMITS["layout"],
        "files": [
            {"features": "features", "testFeatures": "test_features" if tested else None}
        ],
        "samples": work.samples,
        "testSamples": work.test_samples,
        "classCount": None if task is None else len(task.classes),
        "seed": work.seed,
        "draws": work.draws,
        "index": {
            "file": "index" if work.indexed else None,
            "sha256": _digest([work.index[row] for row in order]),
        },
        "labels": None
        if task is None
        else {"file": "labels", "sha256": _digest([task.found[row] for row in order])},
    }


def _digest(values: List[int]) -> str:
    """Of whole numbers in decimal, each followed by a line feed."""
    return sha256("".join(f"{value}\n" for value in values).encode()).hexdigest()


def _tap_document(tap: Tap, work: Work, number: int) -> Tuple[Dict[str, Any], List[NearTies]]:
    ridge = Ridge(tap.train, PENALTY)
    eigenvalues = ridge.eigenvalues()
    spectrum = cloud_of_spectrum(eigenvalues, PENALTY, ridge.samples)
    leverages = cloud_of_leverages(*ridge.diagonals())
    refit, near = [], []
    for n in work.spaces:
        found = ridge.correct(n, _labellings(work, n))
        first = 0 if work.told else None
        for i, each in enumerate(found):
            if each.near_ties > 0:
                redraw = None if i == first else i - int(work.told)
                near.append(NearTies(number, n, redraw, each.near_ties))
        refit.append(_refit_document(n, work.samples, work.told, found))
    return {
        "file": 0,
        "tap": number,
        "name": None if tap.name is None else str(tap.name),
        "width": ridge.width,
        "refit": refit,
        "null": [_rungs(n, ridge, spectrum, leverages) for n in work.spaces],
        **spectrum_of(eigenvalues, PENALTIES),
        "classes": _classes(ridge, tap, work.task),
    }, near


def _labellings(work: Work, n: int) -> Iterator[np.ndarray]:
    if work.told:
        yield work.labellings.of(n, "random-label", 0)
    for draw in range(work.draws):
        yield work.labellings.of(n, "redraw", draw)


def _rungs(n: int, ridge: Ridge, spectrum: Cloud, leverages: Cloud) -> Dict[str, Any]:
    m = ridge.samples
    shapeless = cloud_of_width(min(ridge.width, m - 1), m)
    return {
        "n": n,
        "width": ridge.width,
        "counts": null_accuracy(m, n, shapeless),
        "spectrum": null_accuracy(m, n, spectrum),
        "leverages": null_accuracy(m, n, leverages),
    }


def _refit_document(n: int, samples: int, with_told: bool, found: List[Correct]) -> Dict[str, Any]:
    """Everything that follows from counts of m samples."""
    told = found[0].count if with_told else None
    redraws = [each.count for each in found[int(with_told) :]]
    accuracy = sum(redraws) / (len(redraws) * samples)
    capacity = normalized(accuracy, n)
    return {
        "n": n,
        "told": told,
        "redraws": redraws,
        "accuracy": accuracy,
        "capacity": capacity,
        "equivalentWidth": _width(equivalent_width(samples, n, accuracy)),
        "interval": _interval(n, samples, redraws),
        "selectivity": None if told is None else normalized(told / samples, n) - capacity,
        "selectivityP": None if told is None else selectivity_p([(told, redraws)]),
    }


def _interval(n: int, samples: int, redraws: List[int]) -> Optional[Dict[str, Any]]:
    shares = [count / samples for count in redraws]
    _, low, high = t_interval(shares, least=(1 / samples) ** 2 / 12)
    if low is None or high is None:
        return None

    def width(share: float) -> Dict[str, Any]:
        return _width(equivalent_width(samples, n, min(1.0, max(0.0, share))))

    return {
        "accuracy": {"low": low, "high": high},
        "capacity": {"low": normalized(low, n), "high": normalized(high, n)},
        "equivalentWidth": {"low": width(low), "high": width(high)},
    }


def _width(found: EquivalentWidth) -> Dict[str, Any]:
    return {"width": found.width, "bound": found.bound}


def _classes(ridge: Ridge, tap: Tap, task: Optional[ClassTask]) -> Optional[Dict[str, Any]]:
    if task is None:
        return None

    def accuracy(correct: int, of: int) -> Dict[str, Any]:
        return {"correct": correct, "accuracy": correct / of}

    n = len(task.classes)
    if tap.test is None:
        own = ridge.correct(n, [task.train])[0].count
        return {"train": accuracy(own, ridge.samples), "test": None}
    own, others = ridge.correct_beyond(n, task.train, tap.test.values, task.test)
    return {"train": accuracy(own, ridge.samples), "test": accuracy(others, tap.test.samples)}


#: Of `Probe.table`, with their types.
COLUMNS = [
    *[("tap", "integer"), ("name", "text"), ("width", "integer"), ("n", "integer")],
    *[("accuracy", "number"), ("capacity", "number"), ("low", "number"), ("high", "number")],
    *[("equivalentWidth", "number"), ("equivalentWidthBound", "text")],
    *[("told", "integer"), ("selectivity", "number"), ("selectivityP", "number")],
    *[("countsNull", "number"), ("spectrumNull", "number"), ("leveragesNull", "number")],
]


def _rows(document: Probe) -> List[Dict[str, Any]]:
    """`low` and `high` are the ends of the capacity's interval; the null's rungs are A, as capacity is."""
    rows = []
    for tap in document["taps"]:
        for refit, rungs in zip(tap["refit"], tap["null"]):
            n, interval = refit["n"], refit["interval"]
            ends = interval["capacity"] if interval else {"low": None, "high": None}
            values = [
                *[tap["tap"], tap["name"], tap["width"], n],
                *[refit["accuracy"], refit["capacity"], ends["low"], ends["high"]],
                *[refit["equivalentWidth"]["width"], refit["equivalentWidth"]["bound"]],
                *[refit["told"], refit["selectivity"], refit["selectivityP"]],
                *[normalized(rungs[rung], n) for rung in ("counts", "spectrum", "leverages")],
            ]
            rows.append(dict(zip((name for name, _ in COLUMNS), values)))
    return rows


def _text(document: Probe) -> str:
    plural = "labelling" if document["draws"] == 1 else "labellings"
    lines = [
        f"{document['samples']} samples, seed {document['seed']}, {document['draws']} {plural} of each label space",
        f"{'tap':>12} {'width':>6} {'labels':>6}  {'capacity':>17}  {'equivalent':>11}  clouds: {'width':>7} {'spectrum':>9} "
        f"{'leverages':>10}",
    ]
    for row in _rows(document):
        tap = row["name"] or f"{row['tap']}"
        half = "" if row["low"] is None else f"± {(row['high'] - row['low']) * 50:.1f}"
        bound = f"{row['equivalentWidthBound'] or ''} {row['equivalentWidth']:.1f}".strip()
        clouds = [row[f"{rung}Null"] * 100 for rung in ("counts", "spectrum", "leverages")]
        lines.append(
            f"{tap[:12]:>12} {row['width']:>6} {row['n']:>6}  {row['capacity'] * 100:>7.1f} % {half:>7}  {bound:>11}  "
            f"        {clouds[0]:>5.1f} % {clouds[1]:>7.1f} % {clouds[2]:>8.1f} %"
        )
    for tap in document["taps"]:
        name = tap["name"] or f"tap {tap['tap']}"
        text = f"{name}: effective rank {tap['effectiveRank']:.1f}, participation ratio {tap['participationRatio']:.1f}"
        if tap["classes"]:
            each = [f"{k} {v['accuracy'] * 100:.1f} %" for k, v in tap["classes"].items() if v]
            text += f", class {', '.join(each)}"
        lines.append(text)
    lines += [f"{each['code']}: {each['message']}" for each in document["notices"]]
    near = sum(each.samples for each in document.near_ties)
    if near > 0:
        lines.append(
            f"near ties: {near} predictions have two best scores within 1e-9; another machine may count them otherwise."
        )
    return "\n".join(lines)
