"""Answers the benchmark's questions with PyTorch: `python torch_engine.py eager|compiled`. Two threads."""

import os
import platform
import sys

import torch
from torch.nn import functional as F

import torch_models
from serve import CLASSES, IMAGES, MOMENTUM, RANDOM_LABELS, RATE, input_shape, serve, timed

COMPILED = sys.argv[1] == "compiled"
torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))


class Heads(torch.nn.Module):
    """Trunk, class head and one random-label head whose gradient never enters the trunk; returns the joint loss."""

    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        self.classes, self.random = (torch.nn.Linear(trunk.width, n) for n in (CLASSES, RANDOM_LABELS))

    def forward(self, images, classes, random_labels):
        z = self.trunk(images)
        return F.cross_entropy(self.classes(z), classes) + F.cross_entropy(self.random(z.detach()), random_labels)


def make_step(model, batch, memory_format):
    torch.manual_seed(0)
    shape = input_shape(model)
    images = torch.randn(IMAGES, *(shape if len(shape) == 1 else (3, 32, 32))).to(memory_format=memory_format)
    classes, random_labels = (torch.randint(n, (IMAGES,)) for n in (CLASSES, RANDOM_LABELS))
    network = Heads(torch_models.build(model)).to(memory_format=memory_format)
    optimizer = torch.optim.SGD(network.parameters(), RATE, MOMENTUM, fused=True)
    forward = torch.compile(network) if COMPILED else network

    def step(_):
        indices = torch.randint(IMAGES, (batch,))
        loss = forward(images[indices], classes[indices], random_labels[indices])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    timed(step, 3)
    return step


def prepare(model, batch):
    """The quicker of the memory layouts PyTorch offers for this model."""
    if model.split("-")[0] in ("mlp", "vit"):
        return make_step(model, batch, torch.contiguous_format)
    steps = [make_step(model, batch, layout) for layout in (torch.contiguous_format, torch.channels_last)]
    rounds = [[timed(step, 3) for step in steps] for _ in range(3)]
    return min(zip(map(min, zip(*rounds)), steps), key=lambda pair: pair[0])[1]


def sgemm(size, matrices={}):
    a = matrices.setdefault(size, torch.ones(size, size))
    return (a @ a)[0, 0]


serve({"torch": torch.__version__, "python": platform.python_version()}, prepare, sgemm)
