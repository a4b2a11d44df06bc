"""The numbers made of a run's further measures (docs/method.md section 5)."""

from __future__ import annotations

import math
from typing import Any, Dict, Optional

Document = Dict[str, Any]

#: Names and order of record/measure-numbers.ts.
MEASURES = [
    *["margin", "spectralProduct", "spectralProductOverMargin"],
    *["frobeniusProduct", "frobeniusProductOverMargin", "stableRanks"],
    *["frobeniusDistance", "spectralDistance", "pathNorm", "pathNormOverMargin"],
    *["sharpness", "pacBayes", "daviesBouldin", "mixupAccuracy", "noisyLabelFit", "canaryFit"],
]


def measure_numbers(run: Document) -> Dict[str, Optional[float]]:
    """One number for each of MEASURES; None where the run does not have it, as without `--measures`."""
    measures = run.get("measures")
    found = dict.fromkeys(MEASURES)
    if measures is None:
        return found
    margin = 2 * math.log(measures["margin"]) if measures["margin"] > 0 else None
    norms = _of_layers(measures["layers"])
    path = _log(measures["pathNorm"])
    sharpness = -2 * math.log(measures["flatness"]["sigma"])
    distance = norms.get("frobeniusDistance")
    return {
        **found,
        **norms,
        "margin": measures["margin"],
        "spectralProductOverMargin": _minus(norms.get("spectralProduct"), margin),
        "frobeniusProductOverMargin": _minus(norms.get("frobeniusProduct"), margin),
        "pathNorm": path,
        "pathNormOverMargin": _minus(path, margin),
        "sharpness": sharpness,
        "pacBayes": 2 * math.log(distance / 2) + sharpness if distance else None,
        "daviesBouldin": measures["daviesBouldin"],
        "mixupAccuracy": _share(measures["mixup"], "correct", "pairs"),
        "noisyLabelFit": _share(measures["noisyLabels"], "fitted", "changed"),
        "canaryFit": _share(measures["canaries"], "fitted", "samples"),
    }


def _of_layers(layers: Any) -> Dict[str, Optional[float]]:
    if layers is None:
        return {}
    ranks = all(layer["spectral"] > 0 for layer in layers)
    return {
        "spectralProduct": _log_product(layers, "spectral"),
        "frobeniusProduct": _log_product(layers, "frobenius"),
        "stableRanks": sum((w["frobenius"] / w["spectral"]) ** 2 for w in layers) if ranks else None,
        "frobeniusDistance": math.sqrt(sum(w["frobeniusDistance"] ** 2 for w in layers)),
        "spectralDistance": math.sqrt(sum(w["spectralDistance"] ** 2 for w in layers)),
    }


def _log_product(layers: Any, norm: str) -> Optional[float]:
    """Of the squared norms."""
    logs = [_log(layer[norm]) for layer in layers]
    return None if None in logs else sum(2 * each for each in logs if each is not None)


def _log(value: Optional[float]) -> Optional[float]:
    return math.log(value) if value else None


def _minus(a: Optional[float], b: Optional[float]) -> Optional[float]:
    return None if a is None or b is None else a - b


def _share(counts: Optional[Document], part: str, whole: str) -> Optional[float]:
    return counts[part] / counts[whole] if counts and counts[whole] else None
