"""Random-label heads beside any PyTorch training loop (docs/method.md sections 2 to 4)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence
from typing import Tuple, Union

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .labels import Index, random_labels, sample_numbers, whole
from .method import METHOD
from .report import controls_report
from .statistics import normalized
from .tables import frame

Features = Union[Tensor, Mapping[str, Tensor]]
Rate = Union[float, Callable[[], float], torch.optim.Optimizer]
Row = Dict[str, Any]

CONSTANTS = METHOD["heads"]


class Indexed(torch.utils.data.Dataset):
    """A data set whose items end with their index: (x, y) becomes (x, y, i), a mapping gets the key `index`.

    A sample keeps its random labels for the whole of training, so a loop has to know which samples are in a batch. The
    loader may shuffle as it likes.
    """

    def __init__(self, dataset) -> None:
        if isinstance(dataset, torch.utils.data.IterableDataset) or not hasattr(dataset, "__len__"):
            raise TypeError(
                "Indexed: a data set with a length and an order; an iterable one has no index to give. Yield the number "
                "of each sample from the data set itself."
            )
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int):
        item = self.dataset[index]
        if isinstance(item, Mapping):
            return {**item, "index": index}
        return (*item, index) if isinstance(item, (tuple, list)) else (item, index)


class Mix(NamedTuple):
    """mixup or cutmix: each sample's image is `weight` of its own and the rest of its partner's."""

    #: [B], which samples the partners are.
    partner: Tensor
    weight: float


class Place(NamedTuple):
    """One head."""

    #: From 1, in order of depth.
    tap: int
    name: str
    n: int
    draw: int


class RandomLabelHeads(nn.Module):
    """Linear heads that must predict random labels; their gradient never enters the network.

    One call a step learns the batch and returns what is added to the loss, lambda L_reg (0 for a pure probe)::

        heads = RandomLabelHeads(512, samples=len(train), rate=optimizer)
        for x, y, index in DataLoader(Indexed(train), 128, shuffle=True):
            z = model.features(x)
            loss = criterion(model.classifier(z), y) + heads(z, index)

    The heads have an optimizer of their own, `heads.optimizer`: SGD with momentum 0.9 and nothing else. Weight decay,
    clipping or Adam on the network's parameters do not reach them; keep `heads.parameters()` out of the network's optimizer.

    Args:
        widths: D of the features, or the width of each tap by its name, in order of depth; the last is what the class
            head reads.
        samples: size m of the training set.
        n: sizes of the label spaces; the first is the headline's, which `regularize` acts on.
        draws: independent labellings of each size.
        rate: learning rate, or what gives the present one: a function, or the network's optimizer, whose first group's
            is followed.
        regularize: lambda; 0 for a pure probe. Acts on draw 0.
        form: of the regularizer: log1m, confusion or reversal.
        tap: that `regularize` acts on; None for the last.
        index: the number of each sample in the full training set, [m]; None: 0..m-1.
        seed: of the random labels.
        head_input: `rms`, or `raw` for features that are not divided by their running root mean square (the papers').
        distributed: where processes of torch.distributed train one network together, heads learn from the batches of all;
            False where each process trains a network of its own.

    Raises:
        ValueError: naming the argument, the rule and what was found.
    """

    def __init__(
        self,
        widths: Union[int, Mapping[str, int]],
        samples: int,
        n: Union[int, Sequence[int]] = CONSTANTS["n"],
        draws: int = CONSTANTS["draws"],
        *,
        rate: Rate,
        regularize: float = 0.0,
        form: str = "log1m",
        tap: Optional[str] = None,
        index: Optional[Index] = None,
        seed: int = 1,
        head_input: str = "rms",
        distributed: bool = True,
    ) -> None:
        super().__init__()
        self.widths = {"z": widths} if isinstance(widths, int) else dict(widths)
        sizes = [n] if isinstance(n, int) else n
        self.spaces = list(dict.fromkeys(whole("n", size, 2) for size in sizes))
        self.draws, self.samples = whole("draws", draws, 1), whole("samples", samples, 1)
        self.rate, self.seed, self.distributed = rate, whole("seed", seed), distributed
        self.regularize, self.form = float(regularize), _one_of("form", form, list(FORMS))
        self.tap = _one_of("tap", tap or list(self.widths)[-1], list(self.widths))
        self.head_input = _one_of("head_input", head_input, ["rms", "raw"])
        self.index = sample_numbers(samples if index is None else index)
        if len(self.index) != samples:
            raise ValueError(f"index: one number for each of {samples} samples; found {len(self.index)}")
        self._add_tables()
        #: SGD with momentum, over the heads alone.
        self.optimizer = torch.optim.SGD(
            self.parameters(), lr=self._rate_now(), momentum=CONSTANTS["momentum"]
        )
        #: A row for each head and finished epoch: counts before each update.
        self.epochs: List[Row] = []
        self._seen = self._waiting = 0
        self._started = False

    def _add_tables(self) -> None:
        columns = sum(self.spaces) * self.draws
        widths = self.widths.values()
        # zero at the start; the draws of a label space next to each other
        self.weights = nn.ParameterList(nn.Parameter(torch.zeros(D, columns)) for D in widths)
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(columns)) for _ in widths)
        #: Running mean square of each tap's features.
        self.register_buffer("mean_square", torch.zeros(len(widths)))
        #: Correct of each head in this epoch.
        self.register_buffer("online", torch.zeros(len(self.places), dtype=torch.int64))
        for size in self.spaces:
            table = self._labels(size, "random-label")
            self.register_buffer(f"labels_{size}", table, persistent=False)

    def _labels(self, n: int, kind: str) -> Tensor:
        """int64 [m, draws]."""
        draws = [random_labels(self.seed, n, k, self.index, kind) for k in range(self.draws)]
        return torch.tensor(np.stack(draws, axis=1))

    @property
    def places(self) -> List[Place]:
        """Every head, in the order of all rows: by tap, label space, draw."""
        return [
            Place(tap, name, size, draw)
            for tap, name in enumerate(self.widths, 1)
            for size in self.spaces
            for draw in range(self.draws)
        ]

    def forward(
        self, features: Features, index: Tensor, *, update: bool = True, mix: Optional[Mix] = None
    ) -> Tensor:
        """Learns the batch; returns lambda L_reg, a scalar whose gradient reaches the features alone.

        Args:
            features: [B, D], or such a tensor for each tap by its name, as the network computed them for its own loss.
            index: [B], which samples these are; Indexed yields it.
            update: False for all but the last part of a batch whose gradients are accumulated. The heads then learn from all
                parts at once; their running mean square moves with each part.
            mix: where images are mixed; random labels are mixed alike, and counts are of the heavier sample.
        """
        if not self.training:
            raise RuntimeError(
                "RandomLabelHeads are in evaluation mode: heads.train() to learn, heads.evaluate(...) to measure"
            )
        taps = self._taps(features)
        batch = self._batch(taps, index, mix)
        device_type = next(iter(taps.values())).device.type
        with torch.autocast(device_type, enabled=False):
            divisors = self._update_divisors(list(taps.values()))
            extra = self._suppress(taps, divisors, batch)
            with torch.inference_mode(False), torch.enable_grad():
                self._learn(
                    [z.detach().float() / d for z, d in zip(taps.values(), divisors)], batch
                )
        self._seen += batch.size
        if update:
            self._step()
        return extra

    def end_epoch(self) -> List[Row]:
        """Closes an epoch; returns one row for each head, in the columns of `rademark export`'s head_epochs.

        Raises:
            FloatingPointError: where features were not finite: the run has diverged.
        """
        counts, seen = self.online, self.online.new_tensor(self._seen)
        _sum_over_processes([counts, seen], self.distributed)
        epoch = 1 + (self.epochs[-1]["epoch"] if self.epochs else 0)
        if not torch.isfinite(self.mean_square).all():
            raise FloatingPointError(
                f"epoch {epoch}: features are not finite, so the heads have diverged with the network"
            )
        rows = [
            self._online_row(place, epoch, int(count), int(seen))
            for place, count in zip(self.places, counts.tolist())
        ]
        self.epochs += rows
        self.online.zero_()
        self._seen = 0
        return rows

    def _online_row(self, place: Place, epoch: int, correct: int, seen: int) -> Row:
        share = correct / seen if seen > 0 else None
        return {
            **self._place_row(place),
            **{"epoch": epoch, "seen": seen, "onlineCorrect": correct, "online": share},
            "normalized": None if share is None else normalized(share, place.n),
        }

    def _place_row(self, place: Place) -> Row:
        acted = (self.tap, self.spaces[0], 0) == (place.name, place.n, place.draw)
        row = {"tap": place.tap, "name": place.name, "n": place.n, "draw": place.draw}
        return {"trunk": "network", **row, "regularized": acted and self.regularize > 0}

    def table(self):
        """All epochs: a DataFrame where pandas is installed, else a list of dicts."""
        return frame(self.epochs, EPOCH_COLUMNS)

    @torch.no_grad()
    def evaluate(self, features: Features, index: Optional[Tensor] = None) -> List[Row]:
        """One row for each head, in the columns of `rademark export`'s heads; nothing is learned.

        Args:
            features: [m', D], or by tap: of the training set in evaluation mode, not augmented (see `embed`).
            index: [m'], which samples these are; None: 0..m-1.
        """
        taps = self._taps(features)
        rows = torch.arange(self.samples) if index is None else index
        rows = self._checked(rows, next(iter(taps.values())))
        unseen = [self._labels(size, "unseen-label") for size in self.spaces]
        size = max(1, 2**24 // self.biases[0].numel())
        found: List[Row] = []
        for tap, z in enumerate(taps.values()):
            parts = [
                self._evaluate_part(tap, z[at], rows[at], [table[rows[at]] for table in unseen])
                for at in torch.arange(len(rows)).split(size)
            ]
            for place, sums in zip(self._places_of(tap), torch.stack(parts).sum(0).tolist()):
                found.append(self._final_row(place, sums, len(rows)))
        return found

    def _places_of(self, tap: int) -> List[Place]:
        heads = len(self.spaces) * self.draws
        return self.places[tap * heads : (tap + 1) * heads]

    def _evaluate_part(
        self, tap: int, z: Tensor, rows: Tensor, unseen: List[Tensor]
    ) -> Tensor:
        """Of each head: correct against told and unseen labels, and summed loss; float64 [heads, 3] on the CPU."""
        device = self.online.device
        read = z.to(device).float() / self._divisors()[tap]
        sums = []
        for size, logits, fresh in zip(self.spaces, self._logits(tap, read), unseen):
            told = self._told(size)[rows.to(device)]
            guess = logits.argmax(-1)
            losses = F.cross_entropy(logits.flatten(0, 1), told.flatten(), reduction="none")
            right, chance = (guess == told).sum(0), (guess == fresh.to(device)).sum(0)
            loss = losses.view_as(guess).cpu().double().sum(0)
            sums.append(torch.stack([right.cpu().double(), chance.cpu().double(), loss], 1))
        return torch.cat(sums)

    def _final_row(self, place: Place, sums: List[float], samples: int) -> Row:
        final, unseen, loss = int(sums[0]), int(sums[1]), sums[2]
        return {
            **self._place_row(place),
            **{"final": final / samples, "normalized": normalized(final / samples, place.n)},
            "bits": float(np.log2(place.n) - loss / samples / np.log(2)),
            **{"unseen": unseen / samples, "finalCorrect": final, "unseenCorrect": unseen},
        }

    def controls(
        self,
        features: Features,
        index: Optional[Tensor] = None,
        *,
        frozen: Optional[Features] = None,
        permutations: int = METHOD["refit"]["permutations"],
    ) -> Row:
        """What a run reports at its end, without which learned complexity and capacity cannot be read.

        Args:
            features: as for `evaluate`.
            index: as for `evaluate`.
            frozen: the same of the network as it was at initialization.
            permutations: redraws that the told labelling is ranked among; the first 8 give the capacity.

        Returns:
            `learnedComplexity`, `capacity`, `equivalentWidth`, `selectivity`, the null's rungs and the like by the names of
            `rademark export`'s runs, at the last tap and the first n; `heads`, the rows of `evaluate`; `probe` and
            `frozenProbe`, of every tap.
        """
        rows = np.arange(self.samples) if index is None else index.detach().cpu().numpy()
        named = self._taps(features), None if frozen is None else self._taps(frozen)
        return controls_report(
            self.evaluate(features, index),
            *named,
            index=[self.index[row] for row in rows.tolist()],
            n=self.spaces[0],
            seed=self.seed,
            permutations=permutations,
        )

    def get_extra_state(self) -> Row:
        return {
            "labels": self._labelling(),
            "optimizer": self.optimizer.state_dict(),
            "epochs": self.epochs,
            "seen": self._seen,
            "started": self._started,
        }

    def set_extra_state(self, state: Row) -> None:
        mine = self._labelling()
        differing = [name for name in mine if state["labels"].get(name) != mine[name]]
        if differing:
            each = [f"{name} {state['labels'].get(name)}, here {mine[name]}" for name in differing]
            raise ValueError(f"state of heads with other labels: {'; '.join(each)}")
        self.optimizer.load_state_dict(state["optimizer"])
        self.epochs, self._seen = list(state["epochs"]), state["seen"]
        self._started, self._waiting = state["started"], 0

    def _labelling(self) -> Row:
        """What decides labels and shapes: heads cannot go on with others."""
        numbers = "".join(f"{i}\n" for i in self.index)
        known = {"seed": self.seed, "n": list(self.spaces), "draws": self.draws}
        return {**known, "taps": dict(self.widths), "index": sha256(numbers.encode()).hexdigest()}

    def _taps(self, features: Features) -> Dict[str, Tensor]:
        taps = {"z": features} if isinstance(features, Tensor) else dict(features)
        if list(taps) != list(self.widths):
            raise ValueError(f"features of the taps {', '.join(self.widths)}, in this order; found {', '.join(taps)}")
        for name, z in taps.items():
            if z.dim() != 2 or z.shape[1] != self.widths[name]:
                raise ValueError(f"{name}: features [B, {self.widths[name]}]; found {list(z.shape)}")
        return taps

    def _batch(self, taps: Dict[str, Tensor], index: Tensor, mix: Optional[Mix]) -> _Batch:
        rows = self._checked(index, next(iter(taps.values()))).to(self.online.device)
        if mix is None:
            return _Batch(len(rows), rows, None, 1.0)
        partner, weight = mix
        partner = self._checked(partner, next(iter(taps.values()))).to(self.online.device)
        return _Batch(len(rows), rows, partner, float(weight))

    def _checked(self, index: Tensor, z: Tensor) -> Tensor:
        if index.dim() != 1 or len(index) != len(z) or index.is_floating_point():
            raise ValueError(f"index: [{len(z)}] whole numbers; found {list(index.shape)} {index.dtype}")
        # asking a GPU would wait for it
        if index.device.type == "cpu" and len(index) > 0:
            low, high = int(index.min()), int(index.max())
            if low < 0 or high >= self.samples:
                raise ValueError(f"index: from 0 to {self.samples - 1}; found {low} to {high}")
        return index.long()

    def _update_divisors(self, taps: List[Tensor]) -> Tensor:
        """v <- decay v + (1 - decay) mean(z^2), the first batch sets v; then the divisors, [T], constants."""
        with torch.no_grad():
            size = len(taps[0])
            sums = torch.stack([z.detach().float().square().mean() * size for z in taps])
            count = sums.new_tensor(float(size))
            _sum_over_processes([sums, count], self.distributed)
            now = (sums / count).to(self.mean_square.device)
            decay = CONSTANTS["rms"]["decay"] if self._started else 0.0
            self.mean_square.mul_(decay).add_(now, alpha=1 - decay)
            self._started = True
            return self._divisors()

    def _divisors(self) -> Tensor:
        if self.head_input == "raw":
            return torch.ones_like(self.mean_square)
        return (self.mean_square + CONSTANTS["rms"]["epsilon"]).sqrt()

    def _logits(self, tap: int, read: Tensor) -> List[Tensor]:
        """[B, draws, n] for each label space."""
        every = torch.addmm(self.biases[tap], read, self.weights[tap])
        parts = every.split([size * self.draws for size in self.spaces], 1)
        return [part.view(len(read), self.draws, n) for part, n in zip(parts, self.spaces)]

    def _told(self, n: int) -> Tensor:
        return getattr(self, f"labels_{n}")

    def _suppress(self, taps: Dict[str, Tensor], divisors: Tensor, batch: _Batch) -> Tensor:
        """lambda L_reg of draw 0 at the first label space, through copies of the head that get no gradient."""
        if self.regularize == 0:
            return divisors.new_zeros(())
        tap, n = list(self.widths).index(self.tap), self.spaces[0]
        # copies, because the heads are updated before the network's backward pass
        weight = self.weights[tap][:, :n].detach().clone()
        bias = self.biases[tap][:n].detach().clone()
        logits = torch.addmm(bias, taps[self.tap].float() / divisors[tap], weight)
        labels = self._told(n)[:, 0]
        rows = batch.mixed(lambda at: FORMS[self.form](logits, labels[at]))
        return self.regularize * rows.mean()

    def _learn(self, reads: List[Tensor], batch: _Batch) -> None:
        """Adds the gradients of the sum over the batch to those that wait for an update; counts."""
        losses, counts = [], []
        for tap, read in enumerate(reads):
            for n, logits in zip(self.spaces, self._logits(tap, read)):
                told, scores = self._told(n), logits.flatten(0, 1)
                losses.append(
                    batch.mixed(
                        lambda at: F.cross_entropy(scores, told[at].flatten(), reduction="sum")
                    )
                )
                counts.append((logits.detach().argmax(-1) == told[batch.heavier]).sum(0))
        parameters = list(self.parameters())
        gradients = torch.autograd.grad(torch.stack(losses).sum(), parameters)
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        self.online += torch.cat(counts)
        self._waiting += batch.size

    @torch.no_grad()
    def _step(self) -> None:
        """v = 0.9 v + g; w -= rate v, with g the gradient of the mean over all parts of the batch."""
        gradients = [parameter.grad for parameter in self.parameters()]
        count = gradients[0].new_tensor(float(self._waiting))
        _sum_over_processes([*gradients, count], self.distributed)
        for gradient in gradients:
            gradient.div_(count)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate_now()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._waiting = 0

    def _rate_now(self) -> float:
        if isinstance(self.rate, torch.optim.Optimizer):
            return float(self.rate.param_groups[0]["lr"])
        return float(self.rate() if callable(self.rate) else self.rate)


class _Batch(NamedTuple):
    size: int
    #: [B]: rows of the tables of labels.
    rows: Tensor
    partner: Optional[Tensor]
    weight: float

    def mixed(self, loss: Callable[[Tensor], Tensor]) -> Tensor:
        """The loss on the samples' labels, mixed with that on their partners'."""
        if self.partner is None:
            return loss(self.rows)
        return self.weight * loss(self.rows) + (1 - self.weight) * loss(self.partner)

    @property
    def heavier(self) -> Tensor:
        return self.rows if self.partner is None or self.weight >= 0.5 else self.partner


def log1m(logits: Tensor, labels: Tensor) -> Tensor:
    """-log(1 - p_r) of each row, [B]: logsumexp(s) - logsumexp(s without entry r). Suppresses p_r."""
    own = F.one_hot(labels, logits.shape[1]).bool()
    return torch.logsumexp(logits, 1) - torch.logsumexp(logits.masked_fill(own, -1e30), 1)


def confusion(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of the uniform distribution with p, [B]; gradient p - 1/n."""
    return -F.log_softmax(logits, 1).mean(1)


def reversal(logits: Tensor, labels: Tensor) -> Tensor:
    """+log p_r of each row, [B]; gradient one-hot - p."""
    return -F.cross_entropy(logits, labels, reduction="none")


FORMS = {"log1m": log1m, "confusion": confusion, "reversal": reversal}

#: Those of record/tidy-tables.ts, without what only a run of the command line has; `name` is the tap's.
EPOCH_COLUMNS = [
    *[("trunk", "text"), ("tap", "integer"), ("name", "text"), ("n", "integer")],
    *[("draw", "integer"), ("regularized", "boolean"), ("epoch", "integer"), ("seen", "integer")],
    *[("onlineCorrect", "integer"), ("online", "number"), ("normalized", "number")],
]


def embed(
    features_of: Callable[[Any], Features], loader: Iterable, device: Union[str, torch.device, None] = None
) -> Tuple[Features, Tensor]:
    """Features of every sample of a loader over `Indexed(...)`, on the CPU, and which samples they are.

    Put the network into evaluation mode first, and give a loader that does not augment.

    Args:
        features_of: the network up to its taps; gets the first part of a batch, or all of one that is a mapping.
        loader: may shuffle.
        device: that batches are moved to.
    """
    parts: Dict[str, List[Tensor]] = {}
    indices: List[Tensor] = []
    is_single = True
    with torch.no_grad():
        for batch in loader:
            given = isinstance(batch, Mapping)
            x = batch if given else batch[0]
            found = features_of(x.to(device) if isinstance(x, Tensor) and device else x)
            is_single = isinstance(found, Tensor)
            for name, z in ({"z": found} if is_single else found).items():
                parts.setdefault(name, []).append(z.float().cpu())
            indices.append(torch.as_tensor(batch["index"] if given else batch[-1]).cpu())
    if not indices:
        raise ValueError("loader: at least one batch; found none")
    taps = {name: torch.cat(each) for name, each in parts.items()}
    return taps["z"] if is_single else taps, torch.cat(indices)


def _one_of(name: str, value: str, allowed: List[str]) -> str:
    if value not in allowed:
        raise ValueError(f"{name}: one of {', '.join(allowed)}; found {value!r}")
    return value


def _sum_over_processes(tensors: List[Tensor], distributed: bool) -> None:
    """In place, where processes train one network together (DistributedDataParallel)."""
    library = torch.distributed
    if not distributed or not library.is_available() or not library.is_initialized():
        return
    if library.get_world_size() > 1:
        for tensor in tensors:
            library.all_reduce(tensor)
