"""What a run reports at its end: heads beside ridge refits and the null, at the last tap and the headline n."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from .method import METHOD
from .null import equivalent_width
from .probe import probe
from .statistics import mean, normalized

Row = Dict[str, Any]


def controls_report(
    heads: List[Row],
    features: Mapping[str, Any],
    frozen: Optional[Mapping[str, Any]],
    *,
    index: List[int],
    n: int,
    seed: int,
    permutations: int,
) -> Row:
    """Numbers of one network by the names of `rademark export`'s runs (docs/method.md section 4).

    Args:
        heads: rows of `RandomLabelHeads.evaluate`.
        features: final features by tap, [m, D] each.
        frozen: those at initialization.
        index: the number of each sample in the full training set, [m].
        n: of the headline.
        permutations: redraws that the told labelling is ranked among.
    """
    redraws = METHOD["refit"]["redraws"]
    asked = {"index": index, "n": n, "seed": seed}
    final = probe(features, draws=max(redraws, permutations), told=permutations > 0, **asked)
    start = None if frozen is None else probe(frozen, draws=redraws, **asked)
    here = [row for row in heads if row["n"] == n and row["tap"] == len(features)]
    return {
        **_learned(here),
        **_capacity(final, n),
        "frozenCapacity": None if start is None else start["taps"][-1]["refit"][0]["capacity"],
        "heads": heads,
        "probe": final,
        "frozenProbe": start,
    }


def _learned(here: List[Row]) -> Row:
    free = [row for row in here if not row["regularized"]]
    acted = [row["normalized"] for row in here if row["regularized"]]
    return {
        "learnedComplexity": mean([row["normalized"] for row in free]) if free else None,
        "regularizedComplexity": acted[0] if acted else None,
        "bits": mean([row["bits"] for row in free]) if free else None,
    }


def _capacity(final: Row, n: int) -> Row:
    """The first redraws give the capacity, as in a run; all of them rank the told labelling."""
    samples, tap = final["samples"], final["taps"][-1]
    refit, rungs = tap["refit"][0], tap["null"][0]
    accuracy = mean(refit["redraws"][: METHOD["refit"]["redraws"]]) / samples
    width, bound = equivalent_width(samples, n, accuracy)
    return {
        "capacity": normalized(accuracy, n),
        "equivalentWidth": width,
        "equivalentWidthBound": bound,
        "selectivity": refit["selectivity"],
        "selectivityP": refit["selectivityP"],
        **{f"{rung}Null": normalized(rungs[rung], n) for rung in ("counts", "spectrum", "leverages")},
        "effectiveRank": tap["effectiveRank"],
        "participationRatio": tap["participationRatio"],
    }
