"""DistributedDataParallel: two processes that train one network have the heads of one process with both batches."""

import os
import tempfile
import unittest

import torch
import torch.distributed
import torch.multiprocessing
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from rademark import RandomLabelHeads

M, D, STEPS = 16, 6, 3


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.trunk, self.head = nn.Linear(4, D), nn.Linear(D, 2)

    def forward(self, x):
        z = torch.relu(self.trunk(x))
        return z, self.head(z)


def train(network, rows):
    """A few steps on these samples of each batch, and what came of it."""
    x = torch.randn(M, 4, generator=torch.Generator().manual_seed(2))
    y = torch.arange(M) % 2
    heads = RandomLabelHeads(D, M, n=5, rate=0.5, regularize=1.0)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(STEPS):
        z, logits = network(x[rows])
        optimizer.zero_grad()
        (F.cross_entropy(logits, y[rows]) + heads(z, rows)).backward()
        optimizer.step()
    weights = [p.detach().tolist() for p in [*heads.parameters(), *network.parameters()]]
    return {"weights": weights, "epoch": heads.end_epoch()}


def work(rank, folder):
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2
    )
    found = train(DistributedDataParallel(Network()), torch.arange(M)[rank::2])
    torch.save(found, os.path.join(folder, f"{rank}.pt"))
    torch.distributed.destroy_process_group()


class Distributed(unittest.TestCase):
    def test_two_processes_learn_what_one_learns(self):
        with tempfile.TemporaryDirectory() as folder:
            # forked before this process has computed anything, so that PyTorch is loaded once
            torch.multiprocessing.start_processes(work, (folder,), nprocs=2, start_method="fork")
            both = [torch.load(os.path.join(folder, f"{rank}.pt")) for rank in (0, 1)]
        torch.set_num_threads(1)
        alone = train(Network(), torch.arange(M))
        for found in both:
            self.assertEqual(found["epoch"], alone["epoch"])
            for one, other in zip(found["weights"], alone["weights"]):
                torch.testing.assert_close(torch.tensor(one), torch.tensor(other), atol=1e-6, rtol=1e-5)


if __name__ == "__main__":
    unittest.main()
