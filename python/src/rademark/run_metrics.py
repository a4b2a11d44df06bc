"""From a run's counts to its numbers, and from runs to means (docs/method.md section 4, docs/trust.md section 4)."""

from __future__ import annotations

import math
import re
from typing import Any, Callable, Dict, List, Optional, Sequence

from .null import cloud_of_width, equivalent_width, null_accuracy
from .statistics import Interval, mean, normalized, selectivity_p, t_interval

Document = Dict[str, Any]

#: What means are taken of; names and order of record/metrics-schema.ts.
NUMBERS = [
    *["trainAccuracy", "cleanTrainAccuracy", "testAccuracy", "gap"],
    *["trainLoss", "testLoss", "lossGap", "learnedComplexity", "regularizedComplexity"],
    *["frozenComplexity", "learnedMinusFrozen"],
    *["capacity", "frozenCapacity", "capacityMinusFrozen", "equivalentWidth"],
    *["selectivity", "countsNull", "spectrumNull", "leveragesNull"],
    *["capacityMinusLeverages", "bits", "clippedShare", "seconds", "imagesPerSecond"],
]


def run_metrics(run: Document, protocol: Document) -> Document:
    """Everything that is shown of a run, recomputed from its counts.

    Returns:
        NUMBERS, `equivalentWidthBound`, and rows for `heads`, `frozenHeads`, `refit` and `frozen`; None: not measured.
    """
    samples, last = run["trainSamples"], (run["epochs"] or [None])[-1]
    taps = tap_count(run)
    heads = [
        {**place, **_head(run, i, place["n"], "heads", "online", last)}
        for i, place in enumerate(head_places(run, protocol, taps))
    ]
    frozen_heads = [
        {"draw": draw, **_head(run, i, protocol["headline"], "frozenHeads", "frozenOnline", last)}
        for i, draw in enumerate(_frozen_draws(protocol))
    ]
    controls = run["controls"]
    refits = {
        kind: [_refit(each, samples, protocol) for each in controls[kind]] if controls else []
        for kind in ("refit", "frozen")
    }
    timing = run["timing"]
    return {
        **_task(run),
        **_headline(run, protocol, taps, heads, frozen_heads, refits),
        "clippedShare": _clipped_share(run, protocol),
        "seconds": timing["trainSeconds"] + timing["evaluateSeconds"] + timing["controlSeconds"],
        "imagesPerSecond": timing["imagesPerSecond"],
        "effectiveRank": controls and controls["spectrum"]["effectiveRank"],
        "participationRatio": controls and controls["spectrum"]["participationRatio"],
        **{"heads": heads, "frozenHeads": frozen_heads, **refits},
    }


#: Taps of each family; a residual network's follow from its depth.
TAPS = {"mlp": 2, "cnn": 3, "vgg": 5, "wrn": 3, "vit": 4, "mixer": 4}


def tap_count(run: Document) -> int:
    """T, of what `arch` names."""
    if run.get("customTaps"):
        return len(run["customTaps"])
    family, *numbers = run["arch"].split("-")
    return {"18": 5}.get(numbers[0], 4) if family == "resnet" else TAPS[family]


def head_places(run: Document, protocol: Document, taps: int) -> List[Document]:
    """All heads, ordered by tap, then by label space as the protocol lists them, then by draw."""
    acted = re.search(r"(?:^|,)rl=[^,@]*(?:@(\d+))?", run["regs"])
    on = None if acted is None else (int(acted.group(1) or taps), protocol["headline"], 0)
    return [
        {"tap": tap, "n": plan["n"], "draw": k, "regularized": (tap, plan["n"], k) == on}
        for tap in range(1, taps + 1)
        for plan in protocol["heads"]
        if plan["taps"] == "all" or tap == taps
        for k in range(plan["draws"])
    ]


def _frozen_draws(protocol: Document) -> range:
    draws = [plan["draws"] for plan in protocol["heads"] if plan["n"] == protocol["headline"]]
    return range(draws[0] if protocol["frozenHeads"] and draws else 0)


def _head(
    run: Document, i: int, n: int, kind: str, online: str, last: Optional[Document]
) -> Document:
    """Of a diverged run only `online` is known."""
    samples = run["trainSamples"]
    counted = None if last is None else last[online][i]
    found = {
        "online": None if counted is None else counted / last["seen"],
        "onlineCorrect": counted,
    }
    if run[kind] is None:
        rest = ["final", "normalized", "bits", "unseen", "finalCorrect", "unseenCorrect"]
        return {**found, **dict.fromkeys(rest)}
    head = run[kind][i]
    final = head["final"] / samples
    return {
        **found,
        "final": final,
        "normalized": normalized(final, n),
        "bits": math.log2(n) - head["lossSum"] / samples / math.log(2),
        "unseen": head["unseen"] / samples,
        "finalCorrect": head["final"],
        "unseenCorrect": head["unseen"],
    }


def _refit(counts: Document, samples: int, protocol: Document) -> Document:
    redraws, told = counts["redraws"], counts.get("told")
    accuracy = mean(redraws[: protocol["measures"]["refit"]["redraws"]]) / samples
    return {
        **{"tap": counts["tap"], "n": counts["n"], "accuracy": accuracy},
        "capacity": normalized(accuracy, counts["n"]),
        "told": None if told is None else told / samples,
        **{"toldCorrect": told, "redraws": redraws},
    }


def _task(run: Document) -> Document:
    final, m, tested = run["final"], run["trainSamples"], run["testSamples"]
    if final is None:
        return dict.fromkeys(NUMBERS[:7])
    train, test = final["trainCorrect"] / m, final["testCorrect"] / tested
    train_loss, test_loss = final["trainLossSum"] / m, final["testLossSum"] / tested
    values = [train, final["trainCleanCorrect"] / m, test, train - test]
    return dict(zip(NUMBERS[:7], [*values, train_loss, test_loss, test_loss - train_loss]))


def _clipped_share(run: Document, protocol: Document) -> Optional[float]:
    steps = sum(epoch["seen"] / protocol["batch"] for epoch in run["epochs"])
    if steps == 0 or protocol["clipNorm"] is None:
        return None
    return sum(epoch["clipped"] for epoch in run["epochs"]) / steps


def _headline(
    run: Document,
    protocol: Document,
    taps: int,
    heads: List[Document],
    frozen_heads: List[Document],
    refits: Dict[str, List[Document]],
) -> Document:
    """The numbers at the last tap and the headline n."""
    n = protocol["headline"]

    def here(rows: List[Document]) -> List[Document]:
        return [row for row in rows if (row["tap"], row["n"]) == (taps, n)]

    free = [head for head in here(heads) if not head["regularized"]]
    draws = [head["draw"] for head in free]
    learned = _mean_of([head["normalized"] for head in free])
    frozen = _mean_of([head["normalized"] for head in frozen_heads if head["draw"] in draws])
    acted = [head["normalized"] for head in here(heads) if head["regularized"]]
    refit = (here(refits["refit"]) or [None])[0]
    start = (here(refits["frozen"]) or [{"capacity": None}])[0]["capacity"]
    rungs = here(run["controls"]["null"])[0] if run["controls"] else None
    kinds = ("counts", "spectrum", "leverages")
    nulls = {f"{kind}Null": rungs and normalized(rungs[kind], n) for kind in kinds}
    width = refit and equivalent_width(run["trainSamples"], n, refit["accuracy"])
    capacity = refit and refit["capacity"]
    return {
        "learnedComplexity": learned,
        "regularizedComplexity": acted[0] if acted else None,
        **{"frozenComplexity": frozen, "learnedMinusFrozen": minus(learned, frozen)},
        **{"capacity": capacity, "frozenCapacity": start},
        "capacityMinusFrozen": minus(capacity, start),
        "equivalentWidth": width and width.width,
        "equivalentWidthBound": width and width.bound,
        "selectivity": refit and _selectivity(refit, run["trainSamples"]),
        **nulls,
        "capacityMinusLeverages": minus(capacity, nulls["leveragesNull"]),
        "bits": _mean_of([head["bits"] for head in free]),
    }


def _selectivity(refit: Document, samples: int) -> Optional[float]:
    if refit["told"] is None:
        return None
    n = refit["n"]
    return normalized(refit["told"], n) - normalized(mean(refit["redraws"]) / samples, n)


def minus(a: Optional[float], b: Optional[float]) -> Optional[float]:
    """a - b; None when either is."""
    return None if a is None or b is None else a - b


def _mean_of(values: Sequence[Optional[float]]) -> Optional[float]:
    """Over heads of one run, of which either all or none were measured."""
    present = [value for value in values if value is not None]
    return mean(present) if present else None


NONE = Interval(None, None, None)  # type: ignore[arg-type]


def estimate(values: Sequence[Optional[float]], least: Callable[[float], float]) -> Interval:
    """Mean and interval over runs; none where a run lacks the number, as a mean over the others would mislead.

    Args:
        least: variance of a number with this mean, as counts move in steps.
    """
    present = [value for value in values if value is not None]
    if not present or len(present) < len(values):
        return NONE
    return t_interval(present, least(mean(present)))


def least_variance(name: str, run: Document, headline: int) -> Callable[[float], float]:
    """g^2/12 for each step g of the counts that a number is the sum or difference of; 0 without a step."""
    train, test = 1 / run["trainSamples"], 1 / run["testSamples"]
    one = headline / ((headline - 1) * run["trainSamples"])
    steps = {
        **dict.fromkeys(["trainAccuracy", "cleanTrainAccuracy"], [train]),
        **{"testAccuracy": [test], "gap": [train, test]},
        **dict.fromkeys(["learnedComplexity", "regularizedComplexity", "frozenComplexity"], [one]),
        **dict.fromkeys(["capacity", "frozenCapacity", "capacityMinusLeverages"], [one]),
        **dict.fromkeys(["learnedMinusFrozen", "capacityMinusFrozen", "selectivity"], [one, one]),
    }.get(name, [])

    def variance(center: float) -> float:
        found = _width_steps(run, headline, center) if name == "equivalentWidth" else steps
        return sum(step * step / 12 for step in found)

    return variance


def _width_steps(run: Document, headline: int, center: float) -> List[float]:
    """One count over what the accuracy of a cloud gains by one dimension more."""
    m = run["trainSamples"]
    start = min(max(center, 1e-6), m - 2)
    here, wider = (null_accuracy(m, headline, cloud_of_width(w, m)) for w in (start, start + 1))
    return [1 / m / (wider - here)] if wider > here else []


def width_bound(metrics: Sequence[Document]) -> Optional[str]:
    """One bound makes the mean a bound; two of opposite kinds say nothing together."""
    bounds = [each["equivalentWidthBound"] for each in metrics if each["equivalentWidthBound"]]
    return "unknown" if len(set(bounds)) == 2 else (bounds or [None])[0]


def headline_selectivity_p(metrics: Sequence[Document], headline: int) -> Optional[float]:
    """Of the told labelling at the last tap and the headline n; None as soon as one run lacks it."""
    runs = []
    for each in metrics:
        here = [refit for refit in each["refit"] if refit["n"] == headline]
        if here and here[-1]["toldCorrect"] is not None:
            runs.append((here[-1]["toldCorrect"], here[-1]["redraws"]))
    return selectivity_p(runs) if len(runs) == len(metrics) else None
