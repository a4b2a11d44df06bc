"""Repeats steps of the engine in PyTorch, from the same weights: reads the documents of
test/python/engine-steps.ts, prints how far apart they are."""

import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

from rademark import RandomLabelHeads
from rademark.heads import Mix

WIDTH, CLASSES = 8, 10


class Mlp(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.dense1, self.dense2 = nn.Linear(inputs, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        first = F.relu(self.dense1(x))
        second = F.relu(self.dense2(first))
        return {"hidden 1": first, "hidden 2": second}, self.head(second)


NAMES = {
    "trunk/dense1/weights": ("dense1", "weight"),
    "trunk/dense1/bias": ("dense1", "bias"),
    "trunk/dense2/weights": ("dense2", "weight"),
    "trunk/dense2/bias": ("dense2", "bias"),
    "trunk/class-head/weights": ("head", "weight"),
    "trunk/class-head/bias": ("head", "bias"),
}


def transposed(value):
    """The engine's dense weights are [inputs, outputs]."""
    return value.T if value.dim() == 2 else value


def tensors(model, heads):
    """By the engine's names."""
    found = {
        name: transposed(getattr(getattr(model, layer), part))
        for name, (layer, part) in NAMES.items()
    }
    for tap in (0, 1):
        found[f"heads/tap{tap + 1}/weights"] = heads.weights[tap]
        found[f"heads/tap{tap + 1}/bias"] = heads.biases[tap]
        found[f"heads/tap{tap + 1}/mean-square"] = heads.mean_square[tap]
    return {name: value.detach() for name, value in found.items()}


def apart(model, heads, state):
    """The largest difference over all tensors."""
    mine = tensors(model, heads)
    return max(
        (value.flatten() - torch.tensor(state[name])).abs().max().item()
        for name, value in mine.items()
    )


def repeated(document):
    regularizers, samples = document["regularizers"], len(document["index"])
    pixels = torch.tensor(document["pixels"], dtype=torch.float32).view(samples, -1, 3) / 255
    mean, std = (torch.tensor(document["normalize"][name]) for name in ("mean", "std"))
    images = ((pixels - mean) / std).flatten(1)
    classes = torch.tensor(document["classes"])
    model = Mlp(images.shape[1])
    optimizer = torch.optim.SGD(
        model.parameters(), lr=1.0, momentum=0.9, weight_decay=regularizers["weightDecay"]
    )
    rl = regularizers["randomLabel"]
    heads = RandomLabelHeads(
        {"hidden 1": WIDTH, "hidden 2": WIDTH},
        samples,
        n=[100, 10],
        rate=optimizer,
        regularize=rl["lambda"],
        form=rl["form"],
        tap=None if rl["tap"] is None else f"hidden {rl['tap']}",
        index=document["index"],
        seed=document["seed"],
    )
    with torch.no_grad():
        for name, value in tensors(model, heads).items():
            value.copy_(torch.tensor(document["states"][0][name]).view(value.shape))
    distances = [apart(model, heads, document["states"][0])]
    steps, batch = len(document["rates"]), document["batch"]
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = document["rates"][step]
        index = torch.tensor(document["order"][step * batch : (step + 1) * batch])
        partner = index.flip(0)
        is_mixed = regularizers["mixup"] > 0
        weight = document["mix"][step] if is_mixed else 1.0
        taps, logits = model(weight * images[index] + (1 - weight) * images[partner])
        loss = weight * F.cross_entropy(logits, classes[index])
        loss = loss + (1 - weight) * F.cross_entropy(logits, classes[partner])
        optimizer.zero_grad()
        (loss + heads(taps, index, mix=Mix(partner, weight) if is_mixed else None)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), document["clipNorm"])
        optimizer.step()
        if step in (0, steps - 1):
            distances.append(apart(model, heads, document["states"][1 if step == 0 else 2]))
    return {
        "distances": distances,
        "online": [row["onlineCorrect"] for row in heads.end_epoch()],
    }


print(json.dumps([repeated(document) for document in json.load(sys.stdin)]))
