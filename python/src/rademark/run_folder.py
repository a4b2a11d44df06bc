"""Output folders of `rademark run` and `rademark sweep`: what is read of them, and checked."""

from __future__ import annotations

import json
import warnings
from hashlib import sha256
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

Document = Dict[str, Any]


class RunFolder(NamedTuple):
    """The finished runs of one configuration."""

    path: Path
    configuration: Document
    protocol: Document
    #: final.json of each finished seed, in the configuration's order: a run as counts.
    runs: List[Document]
    #: Of each of them: where it was made; several where it went on elsewhere, none where that is not known.
    environments: List[List[Document]]


def open_folders(path) -> List[RunFolder]:
    """The folders of a sweep, or the run's own. Warns of seeds that are not finished.

    Raises:
        FileNotFoundError: where there is no output folder.
        ValueError: for a file that is damaged, edited since training, or of another version; names it.
    """
    top = Path(path)
    if (top / "sweep.json").exists():
        names = _read(top / "sweep.json")["folders"]
        if not names:
            raise ValueError(f"{path} is a part of a sweep that has no configuration of its own: read the others")
        return [_open(top / name) for name in names]
    return [_open(top)]


def _open(path: Path) -> RunFolder:
    if not (path / "config.json").exists():
        raise FileNotFoundError(f"{path} is not an output folder of a run or a sweep: it has no config.json")
    configuration, protocol = _read(path / "config.json"), _read(path / "protocol.json")
    seeds = configuration["seeds"]
    finals = [f"seeds/{seed}/final.json" for seed in seeds]
    own = [f"seeds/{seed}/env.json" for seed in seeds]
    _check_digests(path, ["config.json", "protocol.json", *finals, *own])
    finished = [seed for seed, final in zip(seeds, finals) if (path / final).exists()]
    pending = [seed for seed in seeds if seed not in finished]
    if pending:
        named = ", ".join(map(str, pending))
        warnings.warn(f"{path.name}: not finished and left out: seeds {named}", stacklevel=4)
    runs = [_run(path / "seeds" / str(seed) / "final.json") for seed in finished]
    return RunFolder(path, configuration, protocol, runs, [_made(path, seed) for seed in finished])


def _run(path: Path) -> Document:
    run = _read(path)
    missing = [name for name in ("epochs", "frozenHeads", "controls", "timing") if name not in run]
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}: it is damaged, or of version 0.1 of rademark")
    return run


def _made(path: Path, seed: int) -> List[Document]:
    own = _read_if_there(path / "seeds" / str(seed) / "env.json")
    if own is not None:
        return own
    began = _read_if_there(path / "env.json")
    return [] if began is None else [began]


def _check_digests(path: Path, names: List[str]) -> None:
    """A folder without a manifest is not finished, and is not checked."""
    manifest = _read_if_there(path / "manifest.json")
    if manifest is None:
        return
    digests = {each["path"]: each["sha256"] for each in manifest["files"]}
    for name in names:
        file = path / name
        if file.exists() and sha256(file.read_bytes()).hexdigest() != digests.get(name):
            raise ValueError(
                f"{file} was changed after training finished: its SHA-256 is not the one in manifest.json. Restore it, or "
                "delete it and continue with `rademark resume`."
            )


def _read_if_there(path: Path) -> Optional[Any]:
    return _read(path) if path.exists() else None


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
