"""Runs of the command line and boards of a server as tidy tables (docs/export.md)."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import urllib.error
import urllib.request
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from .measures import MEASURES, measure_numbers
from .run_folder import RunFolder, open_folders
from .run_metrics import (
    NUMBERS,
    estimate,
    headline_selectivity_p,
    least_variance,
    run_metrics,
    tap_count,
    width_bound,
)
from .statistics import normalized

Row = Dict[str, Any]
#: Names and types of columns: text, integer, number or boolean.
Columns = List[Tuple[str, str]]

#: pandas' types that know a missing value.
PANDAS_TYPES = {"text": "object", "integer": "Int64", "number": "float64", "boolean": "boolean"}


def frame(rows: List[Row], columns: Sequence[Tuple[str, str]]):
    """A DataFrame with these columns, in which whole numbers stay whole beside missing ones; without pandas the rows.

    Args:
        rows: each with every column; None: not measured.
    """
    if importlib.util.find_spec("pandas") is None:
        return [{name: row[name] for name, _ in columns} for row in rows]
    import pandas

    series = {
        name: pandas.Series([row[name] for row in rows], dtype=PANDAS_TYPES[kind])
        for name, kind in columns
    }
    return pandas.DataFrame(series)


def read_run(folder) -> Dict[str, Any]:
    """The tables of `rademark export`, of the finished runs of a run's or a sweep's folder.

    Every number is computed from the runs' counts. Seeds that are not finished are left out, with a warning.

    Args:
        folder: path of a run or a sweep.

    Returns:
        `configurations`, `runs`, `heads`, `epochs`, `head_epochs`, `controls`, `redraws`: each a DataFrame where pandas is
        installed, else a list of dicts. None or missing: not measured.

    Raises:
        FileNotFoundError: where there is no output folder.
        ValueError: for a damaged or edited file, and where no run is finished.

    >>> read_run("runs/grid")["runs"]  # doctest: +SKIP
    """
    sources = [_Source(each) for each in open_folders(folder) if each.runs]
    if not sources:
        raise ValueError(f"{folder} has no finished run yet. Train it: rademark resume {folder}")
    tables = {
        name: [row for source in sources for row in source.rows(name)] for name in RUN_COLUMNS
    }
    return {name: frame(rows, RUN_COLUMNS[name]) for name, rows in tables.items()}


def _of(kind: str, names: str) -> Columns:
    return [(name, kind) for name in names.split()]


_MADE = [
    *_of("text", "device library precision cpu gpus"),
    *_of("integer", "threads"),
    *_of("text", "harness"),
]
_KEYS = [*_of("text", "protocol arch regs"), *_of("integer", "seed")]
_PLACE = [*_of("text", "trunk"), *_of("integer", "tap n")]
_HEAD = [*_KEYS, *_PLACE, *_of("integer", "draw"), *_of("boolean", "regularized")]
_CONFIGURED = _of("text", "protocol protocolId arch regs")


def _ends(name: str) -> List[str]:
    return [name, f"{name}Low", f"{name}High"]


#: Those of record/tidy-tables.ts.
RUN_COLUMNS: Dict[str, Columns] = {
    "configurations": [
        *_CONFIGURED,
        *_of("integer", "params runs diverged"),
        *[(end, "number") for name in NUMBERS for end in _ends(name)],
        *_of("text", "equivalentWidthBound"),
        *_of("number", "selectivityP"),
        *[(e, "number") for name in ("effectiveRank", "participationRatio") for e in _ends(name)],
        *_MADE,
    ],
    "runs": [
        *_CONFIGURED,
        *_of("integer", "seed"),
        *_of("text", "status"),
        *_of("integer", "epochs params trainSamples testSamples"),
        *_of("integer", "trainCorrect trainCleanCorrect testCorrect"),
        *[(name, "number") for name in NUMBERS],
        *_of("text", "equivalentWidthBound"),
        *_of("number", "effectiveRank participationRatio"),
        *[(name, "number") for name in MEASURES],
        *_of("number", "trainSeconds evaluateSeconds controlSeconds"),
        *_MADE,
    ],
    "heads": [
        *_HEAD,
        *_of("number", "online final normalized bits unseen"),
        *_of("integer", "onlineCorrect finalCorrect unseenCorrect"),
    ],
    "epochs": [
        *_KEYS,
        *_of("integer", "epoch seen onlineCorrect"),
        *_of("number", "onlineAccuracy onlineLoss"),
        *_of("integer", "clipped trainCorrect testCorrect"),
        *_of("number", "trainAccuracy testAccuracy gap"),
    ],
    "head_epochs": [
        *_HEAD,
        *_of("integer", "epoch seen onlineCorrect"),
        *_of("number", "online normalized"),
    ],
    "controls": [
        *_KEYS,
        *_PLACE,
        *_of("number", "accuracy capacity told"),
        *_of("integer", "toldCorrect redraws width"),
        *_of("number", "countsNull spectrumNull leveragesNull"),
    ],
    "redraws": [*_KEYS, *_PLACE, *_of("integer", "redraw correct")],
}


class _Source:
    """One configuration, and what is computed of its runs."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.headline = folder.protocol["headline"]
        self.metrics = [run_metrics(run, folder.protocol) for run in folder.runs]
        first = folder.runs[0]
        self.names = {
            **{"protocol": folder.protocol["name"], "protocolId": first["protocol"]},
            **{"arch": first["arch"], "regs": first["regs"]},
        }

    def rows(self, table: str) -> Iterable[Row]:
        if table == "configurations":
            return [self._configuration()]
        of = {
            **{"runs": self._run, "heads": self._heads, "epochs": self._epochs},
            **{"head_epochs": self._head_epochs, "controls": self._controls},
            "redraws": self._redraws,
        }[table]
        keyed = zip(self.folder.runs, self.metrics, self.folder.environments)
        return [
            {**self.names, "seed": run["seed"], **row}
            for run, metrics, made in keyed
            for row in of(run, metrics, made)
        ]

    def _configuration(self) -> Row:
        first = self.folder.runs[0]
        row: Row = {**self.names, "params": first["params"], "runs": len(self.metrics)}
        row["diverged"] = sum(run["status"] == "diverged" for run in self.folder.runs)
        for name in [*NUMBERS, "effectiveRank", "participationRatio"]:
            values = [each[name] for each in self.metrics]
            found = estimate(values, least_variance(name, first, self.headline))
            row.update(zip(_ends(name), found))
        row["equivalentWidthBound"] = width_bound(self.metrics)
        row["selectivityP"] = headline_selectivity_p(self.metrics, self.headline)
        every = [each for made in self.folder.environments for each in made]
        return {**row, **self._made(every)}

    def _run(self, run: Row, metrics: Row, made: List[Row]) -> Iterable[Row]:
        final = run["final"] or dict.fromkeys(["trainCorrect", "trainCleanCorrect", "testCorrect"])
        counts = {name: run[name] for name in ("status", "params", "trainSamples", "testSamples")}
        known = {**run["timing"], **final, **metrics, **measure_numbers(run), **self._made(made)}
        yield {**known, **counts, "epochs": len(run["epochs"])}

    def _heads(self, run: Row, metrics: Row, made: List[Row]) -> Iterable[Row]:
        yield from ({**head, "trunk": "network"} for head in metrics["heads"])
        place = {"trunk": "frozen", "tap": tap_count(run), "n": self.headline}
        yield from ({**head, **place, "regularized": False} for head in metrics["frozenHeads"])

    def _epochs(self, run: Row, metrics: Row, made: List[Row]) -> Iterable[Row]:
        for number, epoch in enumerate(run["epochs"], 1):
            seen, evaluated = epoch["seen"], epoch["evaluated"] or {}
            train, test = evaluated.get("trainCorrect"), evaluated.get("testCorrect")
            shares = None if train is None else train / run["trainSamples"], (
                None if test is None else test / run["testSamples"]
            )
            yield {
                **{"epoch": number, "seen": seen, "onlineCorrect": epoch["correct"]},
                "onlineAccuracy": epoch["correct"] / seen,
                "onlineLoss": epoch["lossSum"] / seen,
                **{"clipped": epoch["clipped"], "trainCorrect": train, "testCorrect": test},
                **{"trainAccuracy": shares[0], "testAccuracy": shares[1]},
                "gap": None if shares[0] is None else shares[0] - shares[1],
            }

    def _head_epochs(self, run: Row, metrics: Row, made: List[Row]) -> Iterable[Row]:
        heads = list(self._heads(run, metrics, made))
        for number, epoch in enumerate(run["epochs"], 1):
            seen = epoch["seen"]
            for head, correct in zip(heads, [*epoch["online"], *epoch["frozenOnline"]]):
                share = correct / seen
                yield {
                    **{**head, "epoch": number, "seen": seen, "onlineCorrect": correct},
                    **{"online": share, "normalized": normalized(share, head["n"])},
                }

    def _controls(self, run: Row, metrics: Row, made: List[Row]) -> Iterable[Row]:
        for trunk, refit in self._refits(metrics):
            rungs = self._rungs(run, trunk, refit)
            yield {
                **refit,
                **{"trunk": trunk, "redraws": len(refit["redraws"]), "width": rungs.get("width")},
                **{
                    f"{rung}Null": normalized(rungs[rung], refit["n"]) if rungs else None
                    for rung in ("counts", "spectrum", "leverages")
                },
            }

    def _redraws(self, run: Row, metrics: Row, made: List[Row]) -> Iterable[Row]:
        for trunk, refit in self._refits(metrics):
            for redraw, correct in enumerate(refit["redraws"]):
                yield {**refit, "trunk": trunk, "redraw": redraw, "correct": correct}

    def _refits(self, metrics: Row) -> Iterable[Tuple[str, Row]]:
        yield from (("network", refit) for refit in metrics["refit"])
        yield from (("frozen", refit) for refit in metrics["frozen"])

    def _rungs(self, run: Row, trunk: str, refit: Row) -> Row:
        place = refit["tap"], refit["n"]
        found = [each for each in run["controls"]["null"] if (each["tap"], each["n"]) == place]
        return found[0] if found and trunk == "network" else {}

    def _made(self, environments: List[Row]) -> Row:
        """What a run was made on; None also for what was not the same in all environments."""
        configuration = self.folder.configuration

        def common(values: List[Optional[str]]) -> Optional[str]:
            return values[0] if len(set(values)) == 1 else None

        def each(say) -> Optional[str]:
            return common([say(environment) for environment in environments])

        return {
            "device": configuration["engine"],
            "library": each(lambda e: e["tensorflow"] and f"tensorflow {e['tensorflow']}"),
            "precision": each(lambda e: (e.get("numerics") or {}).get("precision")),
            "cpu": each(lambda e: e["cpu"]),
            "gpus": each(lambda e: "; ".join(gpu["name"] for gpu in e["gpus"]) or None),
            "threads": configuration["threads"],
            "harness": each(lambda e: e["harness"]),
        }


def read_board(url: str, protocol: str = "micro-1", *, timeout: float = 60):
    """Every entry of a board, those set aside as well: `state` and `counted` tell.

    Args:
        url: of a server, such as `http://localhost:8787`, or of a board's page, which names its protocol itself.
        protocol: name or id.
        timeout: seconds without an answer.

    Returns:
        The columns of a board's CSV, by the names of `rademark export`: a DataFrame where pandas is installed, else a list
        of dicts. `custom`, `counted` and `weighs` are booleans; missing: not measured.

    Raises:
        ValueError: where the server refuses; says why.
        OSError: where there is no server.
    """
    server, named = re.fullmatch(r"(.*?)(?:/boards/([^/?#]+))?/*(?:[?#].*)?", url).groups()
    address = f"{server}/v1/export/{named or protocol}.csv"
    try:
        with urllib.request.urlopen(address, timeout=timeout) as response:
            text = response.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        raise ValueError(f"{address} answered {error.code}: {_reason(error)}") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    head = next(reader)
    columns = [(name, _board_type(name)) for name in head]
    rows = [
        {name: _cell(cell, kind) for (name, kind), cell in zip(columns, cells)} for cells in reader
    ]
    return frame(rows, columns)


def _reason(error: urllib.error.HTTPError) -> str:
    """Of a problem document (RFC 9457), else the status alone."""
    try:
        problem = json.loads(error.read().decode("utf-8"))
        return str(problem.get("detail") or problem["title"])
    except (ValueError, KeyError, AttributeError):
        return error.reason


BOARD_TYPES = {
    **dict.fromkeys(["custom", "counted", "weighs"], "boolean"),
    **dict.fromkeys(
        (
            "params runs agree disagree inconclusive challengesCompleted challengesIssued "
            "challengeHolders challengesAbandoned ownChallengesCompleted ownChallengesIssued "
            "ownChallengesAbandoned"
        ).split(),
        "integer",
    ),
    **{end: "number" for name in [*NUMBERS, "effectiveRank"] for end in _ends(name)},
    "selectivityP": "number",
}


def _board_type(name: str) -> str:
    return BOARD_TYPES.get(name, "text")


def _cell(cell: str, kind: str) -> Any:
    if cell == "":
        return None
    if kind == "text":
        # an apostrophe keeps a spreadsheet from taking text for a formula
        return re.sub(r"^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])", "", cell)
    if kind == "boolean":
        return cell == "yes"
    return int(cell) if kind == "integer" else float(cell)
