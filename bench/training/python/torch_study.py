"""A study of one configuration as a PyTorch user would script it: everything that a run of micro-1 measures.

    python torch_study.py MODEL SEEDS THREADS EPOCHS OUT CIFAR     for example mlp-512 1,2 1 30 out ~/.cache/.../cifar10

Trains the seeds one after the other without regularizers, each with random-label heads at every tap and the same heads on
the frozen trunk; evaluates; then fits ridge regressions in float64 to random labels, computes their null and the spectrum,
and writes OUT/SEED/metrics.jsonl and final.json. Labels are drawn by PyTorch's generator instead of SHA-256; all shapes
and all counts of labellings are those of docs/method.md. Heads of a tap share one matrix product, labellings of a label
space share one solve and one product, and nothing is computed twice.
"""

import copy
import json
import math
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

import torch_models

BATCH, PEAK, MOMENTUM, CLIP, EVALUATE = 100, 0.05, 0.9, 5.0, 500
CLASSES, PER_CLASS, HEADLINE = 10, 250, 100
SPACES = [(2, 2), (10, 2), (100, 2)]  # labels, draws; at every tap
LAST_SPACES = SPACES + [(1000, 1)]
PENALTY, REDRAWS, PERMUTATIONS, BINS = 1e-3, 8, 99, 40
PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1]
MEAN, STD = ([0.4914, 0.48216, 0.44653], [0.24703, 0.24349, 0.26159])
BLOCK = 2**23  # most scores or weights of a block of labellings


def load(folder, model):
    """Normalized images and classes of the training subset and the test set; channels last in memory where quicker."""
    splits = []
    for name, count in (("train", 50_000), ("test", 10_000)):
        data = torch.frombuffer(bytearray((Path(folder) / f"{name}.bin").read_bytes()), dtype=torch.uint8)
        images, classes = data[: count * 3072].view(count, 32, 32, 3), data[count * 3072 :].long()
        if name == "train":
            rows = torch.cat([(classes == c).nonzero()[:PER_CLASS, 0] for c in range(CLASSES)]).sort().values
            images, classes = images[rows], classes[rows]
        x = (images.float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
        x = x.permute(0, 3, 1, 2)
        splits.append((x if torch_models.channels_last(model) else x.contiguous(), classes))
    return splits


class HeadBank(torch.nn.Module):
    """The random-label heads of one tap: one linear layer, zero at first, on features over their running root mean square."""

    def __init__(self, width, spaces):
        super().__init__()
        self.spaces, self.linear = spaces, torch.nn.Linear(width, sum(n * draws for n, draws in spaces))
        torch.nn.init.zeros_(self.linear.weight), torch.nn.init.zeros_(self.linear.bias)
        self.square = None

    def forward(self, z):
        """Logits of each label space, [B, draws, n]."""
        z = z.detach()
        if self.training:
            now = z.square().mean()
            self.square = now if self.square is None else 0.9 * self.square + 0.1 * now
        logits = self.linear(z / (self.square + 1e-5).sqrt())
        parts = logits.split([n * draws for n, draws in self.spaces], 1)
        return [part.view(len(z), draws, n) for part, (n, draws) in zip(parts, self.spaces)]

    def losses(self, logits, labels):
        """Summed over heads, each a mean over the batch; and how often each head is right."""
        loss = sum(F.cross_entropy(s.flatten(0, 1), labels[n].flatten()) * s.shape[1] for s, (n, _) in zip(logits, self.spaces))
        return loss, torch.cat([(s.argmax(2) == labels[n]).sum(0) for s, (n, _) in zip(logits, self.spaces)])


@torch.no_grad()
def initialise(trunk, model):
    """He et al. 2015 with normal values: by fan-out for the convolutions of residual networks, else by fan-in."""
    for layer in trunk.modules():
        if isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d)):
            fan = "fan_out" if model.startswith("wrn") and isinstance(layer, torch.nn.Conv2d) else "fan_in"
            torch.nn.init.kaiming_normal_(layer.weight, mode=fan, nonlinearity="relu")
            if layer.bias is not None:
                layer.bias.zero_()


def draw(n, samples, generator, count):
    return torch.randint(n, (samples, count), generator=generator)


def rate(step, steps, epochs):
    return PEAK * min(1, (step + 1) / steps) * (1 + math.cos(math.pi * step / (epochs * steps))) / 2


def run(model, seed, epochs, data, folder):
    torch.manual_seed(seed)
    labels_of = torch.Generator().manual_seed(seed)
    (images, classes), test = data
    m = len(images)
    told, unseen = ({n: draw(n, m, labels_of, draws) for n, draws in LAST_SPACES} for _ in range(2))
    trunk = torch_models.build(model)
    initialise(trunk, model)
    if torch_models.channels_last(model):
        trunk = trunk.to(memory_format=torch.channels_last)
    frozen = copy.deepcopy(trunk).requires_grad_(False)
    widths = trunk.tap_widths
    classify = torch.nn.Linear(widths[-1], CLASSES)
    torch.nn.init.normal_(classify.weight, std=widths[-1] ** -0.5), torch.nn.init.zeros_(classify.bias)
    banks = torch.nn.ModuleList(HeadBank(w, SPACES) for w in widths[:-1])
    banks.append(HeadBank(widths[-1], LAST_SPACES))
    frozen_bank = HeadBank(widths[-1], [(HEADLINE, 2)])
    own = [*trunk.parameters(), *classify.parameters()]
    heads = [*banks.parameters(), *frozen_bank.parameters()]
    optimizer = torch.optim.SGD([{"params": own}, {"params": heads}], PEAK, MOMENTUM, fused=True)
    steps, lines, start = m // BATCH, [], time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    for epoch in range(epochs):
        counts, class_sum = torch.zeros(2 + sum(d for b in banks for _, d in b.spaces) + 2, dtype=torch.long), 0.0
        for step, rows in enumerate(torch.randperm(m)[: steps * BATCH].split(BATCH)):
            for group in optimizer.param_groups:
                group["lr"] = rate(epoch * steps + step, steps, epochs)
            x, y, r = images[rows], classes[rows], {n: told[n][rows] for n in told}
            taps = trunk.taps(x)
            logits = classify(taps[-1])
            class_loss = F.cross_entropy(logits, y)
            with torch.no_grad():
                frozen_z = frozen.taps(x)[-1]  # batch statistics; the running ones are calibrated at the end
            found = [bank.losses(bank(z), r) for bank, z in zip([*banks, frozen_bank], [*taps, frozen_z])]
            optimizer.zero_grad()
            (class_loss + sum(loss for loss, _ in found)).backward()
            norm = torch.nn.utils.clip_grad_norm_(own, CLIP)
            optimizer.step()
            class_sum += class_loss.item() * BATCH
            right = (logits.argmax(1) == y).sum()
            counts += torch.cat([torch.stack([right, (norm > CLIP).long()]), *(c for _, c in found)])
        lines.append(json.dumps({"epoch": epoch + 1, "seen": steps * BATCH, "lossSum": class_sum, "counts": counts.tolist()}))
        (folder / "metrics.jsonl").write_text("\n".join(lines) + "\n")
        first = time.perf_counter() - start if epoch == 0 else first
    trained = time.perf_counter()
    final, features = evaluate(trunk, classify, banks, data, told, unseen)
    calibrate(frozen, images)
    frozen_heads, frozen_features = evaluate_frozen(frozen, frozen_bank, images, told, unseen)
    evaluated = time.perf_counter()
    controls = measure(features, frozen_features, told, labels_of)
    timing = {"epochs": epochs, "train": trained - start, "firstEpoch": first, "evaluate": evaluated - trained, "controls": time.perf_counter() - evaluated}
    record = {"seed": seed, "model": model, "final": final, "frozenHeads": frozen_heads, "controls": controls, "timing": timing}
    (folder / "final.json").write_text(json.dumps(record, indent=1))


def head_counts(bank, logits, told, unseen):
    found = []
    for s, (n, draws) in zip(logits, bank.spaces):
        guess = s.argmax(2)
        losses = F.cross_entropy(s.flatten(0, 1), told[n].flatten(), reduction="none").view(-1, draws).sum(0)
        for k in range(draws):
            right, chance = ((guess[:, k] == labels[n][:, k]).sum().item() for labels in (told, unseen))
            found.append({"n": n, "draw": k, "final": right, "unseen": chance, "lossSum": losses[k].item()})
    return found


@torch.no_grad()
def evaluate(trunk, classify, banks, data, told, unseen):
    trunk.eval(), banks.eval()
    final, features = {}, None
    for name, (images, classes) in zip(("train", "test"), data):
        taps = [torch.cat(parts) for parts in zip(*(trunk.taps(x) for x in images.split(EVALUATE)))]
        logits = classify(taps[-1])
        final[f"{name}Correct"] = (logits.argmax(1) == classes).sum().item()
        final[f"{name}LossSum"] = F.cross_entropy(logits, classes, reduction="sum").item()
        features = features or taps
    final["heads"] = [head_counts(bank, bank(z), told, unseen) for bank, z in zip(banks, features)]
    return final, features


@torch.no_grad()
def calibrate(trunk, images):
    """Running statistics: the mean over the full batches of one shuffled pass."""
    norms = [layer for layer in trunk.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    for rows in torch.randperm(len(images)).split(BATCH) if norms else []:
        trunk(images[rows])
    trunk.eval()


@torch.no_grad()
def evaluate_frozen(trunk, bank, images, told, unseen):
    bank.eval()
    taps = [torch.cat(parts) for parts in zip(*(trunk.taps(x) for x in images.split(EVALUATE)))]
    return head_counts(bank, bank(taps[-1]), told, unseen), taps


class Ridge:
    """Ridge regression of one representation in float64: factorised once, any labelling is a right-hand side."""

    def __init__(self, features):
        z = features.double()
        z = z - z.mean(0)
        self.z = z / z.square().mean().sqrt()
        self.gram = self.z.T @ self.z / len(z)
        self.factor = torch.linalg.cholesky(self.gram + PENALTY * torch.eye(z.shape[1], dtype=z.dtype))

    def correct(self, labels, n):
        """How many samples each labelling's fit predicts. labels [m, K]."""
        m, found = len(labels), []
        at_once = max(1, BLOCK // (n * max(m, self.z.shape[1])))
        for part in labels.split(at_once, 1):
            size = part.shape[1]
            y = F.one_hot(part, n).double().view(m, size * n)
            mean = y.mean(0)
            weights = torch.cholesky_solve(self.z.T @ (y - mean) / m, self.factor)
            scores = (self.z @ weights + mean).view(m, size, n)
            found += (scores.argmax(2) == part).sum(0).tolist()
        return found

    def leverages(self):
        """Diagonals of the hat matrix and of its square, [m] each."""
        y = torch.cholesky_solve(self.z.T, self.factor).T
        own = (y * self.z).sum(1) / len(self.z)
        return own, own - PENALTY * y.square().sum(1) / len(self.z)


def measure(features, frozen, told, generator):
    m = len(features[0])
    redraws = {n: draw(n, m, generator, PERMUTATIONS if n == HEADLINE else REDRAWS) for n, _ in LAST_SPACES}
    controls = {"refit": [], "frozen": [], "null": []}
    for t, (z, z0) in enumerate(zip(features, frozen), 1):
        ridge, ridge0 = Ridge(z), Ridge(z0)
        eigenvalues = torch.linalg.eigvalsh(ridge.gram).clamp(min=0)
        kept = eigenvalues / (eigenvalues + PENALTY)
        own, square = ridge.leverages()
        order = own.argsort()
        bins = [(len(b) / m, own[b].mean().item(), square[b].mean().item()) for b in order.tensor_split(BINS)]
        width, last = z.shape[1], t == len(features)
        for n, _ in LAST_SPACES if last else [(HEADLINE, 2)]:
            labels = redraws[n] if last else redraws[n][:, :REDRAWS]
            asked = torch.cat([told[n][:, :1], labels], 1) if last and n == HEADLINE else labels
            correct = ridge.correct(asked, n)
            told_first = asked.shape[1] - labels.shape[1]
            found = {"told": correct[0] if told_first else None, "redraws": correct[told_first:]}
            controls["refit"].append({"tap": t, "n": n, **found})
            controls["frozen"].append({"tap": t, "n": n, "redraws": ridge0.correct(labels[:, :REDRAWS], n)})
            rungs = {
                "counts": [(1, width / m, width / m)],
                "spectrum": [(1, kept.sum().item() / m, kept.square().sum().item() / m)],
                "leverages": bins,
            }
            null = {name: sum(share * null_accuracy(m, n, o, s) for share, o, s in cloud) for name, cloud in rungs.items()}
            controls["null"].append({"tap": t, "n": n, "width": width, **null})
    p = eigenvalues / eigenvalues.sum()
    controls["spectrum"] = {
        "effectiveRank": torch.special.entr(p).sum().exp().item(),
        "participationRatio": (eigenvalues.sum().square() / eigenvalues.square().sum()).item(),
        "ridge": [(eigenvalues / (eigenvalues + l)).sum().item() for l in PENALTIES],
    }
    return controls


def null_accuracy(m, n, own, square):
    """What ridge regression reaches on a cloud without structure, docs/method.md section 4, by one quadrature."""
    spread = math.sqrt(m / n * (1 - 1 / n))
    together = max(1, int(spread / 12))
    first, last = max(0, int(m / n - 8 * spread) - 8), min(m, int(m / n + 8 * spread) + 9)
    c = torch.arange(first, last + 1, dtype=torch.double)
    log = torch.lgamma(torch.tensor(m + 1.0, dtype=torch.double)) - torch.lgamma(c + 1) - torch.lgamma(m - c + 1)
    p = (log - c * math.log(n) + (m - c) * math.log1p(-1 / n)).exp()
    groups = torch.arange(len(c)) // together
    weight = torch.zeros(groups[-1] + 1, dtype=torch.double).index_add(0, groups, p)
    count = torch.zeros_like(weight).index_add(0, groups, p * c) / weight
    count, weight = count[weight > 1e-12], weight[weight > 1e-12]
    mu = -own / (m - 1)
    v = (square - own * own) / (m - 1) - mu * mu
    mine, weight_mine = count[count > 0], (n * weight * count / m)[count > 0]
    mean, deviation = mine / m + own + (mine - 1) * mu, ((mine - 1) * v).clamp(min=0).sqrt()
    nodes = torch.linspace(-7, 7, 57, dtype=torch.double)  # four for each standard deviation
    u = mean[:, None] + deviation[:, None] * nodes
    higher = torch.special.ndtr(-(u[..., None] - count / m - count * mu) / (count * v).sqrt().clamp(min=1e-300)) @ weight
    density = (-0.5 * nodes.square()).exp() / math.sqrt(2 * math.pi) / 4
    wins = ((n - 1) * torch.log1p(-higher.clamp(max=1))).exp() @ density
    return min(1.0, (wins @ weight_mine).item())


if __name__ == "__main__":
    model, seeds, threads, epochs, out, cifar = sys.argv[1:]
    torch.set_num_threads(int(threads))
    data = load(cifar, model)
    for seed in map(int, seeds.split(",")):
        run(model, seed, int(epochs), data, Path(out) / str(seed))
