"""Heads beside a training loop: what they learn, what the network feels of them, and what survives an interruption."""

import copy
import io
import math
import unittest

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from rademark import Indexed, RandomLabelHeads, embed, random_labels
from rademark.heads import FORMS, Mix

torch.set_num_threads(1)
M, D = 60, 12
X = torch.randn(M, 5, generator=torch.Generator().manual_seed(1))
Y = (X[:, 0] > 0).long()


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.first, self.second, self.head = nn.Linear(5, D), nn.Linear(D, D), nn.Linear(D, 2)

    def features(self, x):
        early = torch.relu(self.first(x))
        return {"early": early, "late": torch.relu(self.second(early))}


def heads_of(**changes):
    given = {"widths": {"early": D, "late": D}, "samples": M, "n": [10, 2], "rate": 0.1, "seed": 5}
    return RandomLabelHeads(**{**given, **changes})


def train(heads, epochs=3, model=None, generator=7, **options):
    """A loop as people write it. Returns the network."""
    model = model or Network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.01)
    loader = DataLoader(
        Indexed(TensorDataset(X, Y)),
        20,
        shuffle=True,
        generator=torch.Generator().manual_seed(generator),
    )
    for _ in range(epochs):
        for x, y, index in loader:
            taps = model.features(x)
            loss = F.cross_entropy(model.head(taps["late"]), y)
            optimizer.zero_grad()
            (loss + heads(taps, index, **options)).backward()
            optimizer.step()
        heads.end_epoch()
    return model


def weights_of(module):
    return {name: value.detach().clone() for name, value in module.named_parameters()}


class Learning(unittest.TestCase):
    def test_a_step_is_that_of_the_definition(self):
        z = torch.randn(8, D)
        index = torch.arange(8) + 3
        heads = RandomLabelHeads(D, M, n=10, draws=2, rate=0.5, seed=5)
        v, velocity, w, b = 0.0, 0.0, np.zeros((D, 20)), np.zeros(20)
        labels = np.stack([random_labels(5, 10, k, M) for k in (0, 1)], 1)[index.numpy()]
        bias_velocity = 0.0
        for step in range(3):
            heads(z * (step + 1), index)
            x = z.double().numpy() * (step + 1)
            v = (x**2).mean() if step == 0 else 0.9 * v + 0.1 * (x**2).mean()
            read = x / math.sqrt(v + 1e-5)
            scores = np.exp(read @ w + b).reshape(8, 2, 10)
            error = scores / scores.sum(2, keepdims=True) - np.eye(10)[labels]
            velocity = 0.9 * velocity + read.T @ error.reshape(8, 20) / 8
            bias_velocity = 0.9 * bias_velocity + error.reshape(8, 20).mean(0)
            w, b = w - 0.5 * velocity, b - 0.5 * bias_velocity
        np.testing.assert_allclose(heads.weights[0].detach(), w, atol=1e-5)
        np.testing.assert_allclose(heads.biases[0].detach(), b, atol=1e-5)

    def test_the_network_is_the_same_with_a_pure_probe_and_without(self):
        class Nothing:
            def __call__(self, taps, index):
                return 0

            def end_epoch(self):
                pass

        without, beside = weights_of(train(Nothing())), weights_of(train(heads_of()))
        for name, value in without.items():
            self.assertTrue(torch.equal(value, beside[name]), name)

    def test_the_regularizer_reaches_the_network_up_to_its_tap_and_no_head(self):
        model, heads = Network(), heads_of(regularize=2.0, tap="early", rate=0.0)
        for parameter in heads.parameters():
            nn.init.normal_(parameter)
        loss = heads(model.features(X[:20]), torch.arange(20))
        loss.backward()
        self.assertGreater(float(model.first.weight.grad.abs().max()), 0)
        self.assertIsNone(model.second.weight.grad)
        self.assertTrue(all(parameter.grad is None for parameter in heads.parameters()))
        read = model.features(X[:20])["early"] / (heads.mean_square[0] + 1e-5).sqrt()
        s = (read @ heads.weights[0] + heads.biases[0])[:, :10]
        p = s.softmax(1)[torch.arange(20), heads.labels_10[:20, 0]]
        self.assertAlmostEqual(loss.item(), -2 * torch.log(1 - p).mean().item(), 5)

    def test_the_forms_have_the_gradients_of_the_method(self):
        s = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
        r = torch.tensor([0, 1, 2, 3, 0, 1])
        p, own = s.softmax(1), F.one_hot(r, 4).double()
        pr = (p * own).sum(1, keepdim=True)
        expected = {
            "log1m": pr * own - pr * p / (1 - pr) * (1 - own),
            "confusion": p - 0.25,
            "reversal": own - p,
        }
        for name, form in FORMS.items():
            (gradient,) = torch.autograd.grad(form(s, r).sum(), s, retain_graph=True)
            torch.testing.assert_close(gradient, expected[name].detach(), msg=name)

    def test_suppression_keeps_the_head_that_it_acts_on_at_chance(self):
        free, held = heads_of(), heads_of(regularize=5.0)
        for heads in (free, held):
            train(heads, epochs=25)
        of = {heads: [r["online"] for r in heads.epochs[-12:] if (r["tap"], r["n"]) == (2, 10)] for heads in (free, held)}
        self.assertGreater(of[free][0], of[held][0] + 0.1)
        marked = [(r["name"], r["n"], r["draw"]) for r in held.epochs[-8:] if r["regularized"]]
        self.assertEqual(marked, [("late", 10, 0)])

    def test_mixed_samples_learn_mixed_labels_and_count_the_heavier(self):
        index, partner = torch.arange(10), torch.arange(10).flip(0)
        z = torch.randn(10, D)
        mixed, heads = (RandomLabelHeads(D, M, n=4, draws=1, rate=1.0) for _ in range(2))
        mixed(z, index, mix=Mix(partner, 0.3))
        heads.optimizer.param_groups[0]["momentum"] = 0
        gradients = []
        for rows in (index, partner):
            heads(z, rows)
            gradients.append(-heads.weights[0].detach().clone())
            nn.init.zeros_(heads.weights[0])
            nn.init.zeros_(heads.biases[0])
        blend = 0.3 * gradients[0] + 0.7 * gradients[1]
        torch.testing.assert_close(-mixed.weights[0].detach(), blend)
        # a head of zeros predicts label 0
        self.assertEqual(mixed.end_epoch()[0]["onlineCorrect"], int((heads.labels_4[partner, 0] == 0).sum()))

    def test_accumulated_parts_are_one_batch(self):
        z, index = torch.randn(12, D), torch.arange(12)
        whole, parts = (RandomLabelHeads(D, M, rate=0.3, head_input="raw") for _ in range(2))
        for _ in range(2):
            whole(z, index)
            parts(z[:5], index[:5], update=False)
            parts(z[5:9], index[5:9], update=False)
            parts(z[9:], index[9:])
        torch.testing.assert_close(whole.weights[0], parts.weights[0])
        self.assertEqual(whole.end_epoch(), parts.end_epoch())

    def test_half_precision_features_are_read_in_float32(self):
        full, half = heads_of(regularize=1.0), heads_of(regularize=1.0)
        train(full, epochs=2)
        model = Network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.01)
        scaler = torch.amp.GradScaler("cpu")
        loader = DataLoader(Indexed(TensorDataset(X, Y)), 20, shuffle=True, generator=torch.Generator().manual_seed(7))
        for _ in range(2):
            for x, y, index in loader:
                optimizer.zero_grad()
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    taps = model.features(x)
                    self.assertEqual(taps["late"].dtype, torch.bfloat16)
                    loss = F.cross_entropy(model.head(taps["late"]), y) + heads_step(half, taps, index)
                scaler.scale(loss).backward()
                scaler.step(optimizer)
                scaler.update()
            half.end_epoch()
        self.assertEqual({p.dtype for p in half.parameters()}, {torch.float32})
        torch.testing.assert_close(half.weights[1], full.weights[1], atol=0.05, rtol=0.05)

    def test_a_rate_follows_the_network_s_optimizer(self):
        optimizer = torch.optim.AdamW(Network().parameters(), lr=0.2)
        heads = RandomLabelHeads(D, M, rate=optimizer)
        heads(torch.randn(4, D), torch.arange(4))
        optimizer.param_groups[0]["lr"] = 0.0
        before = heads.weights[0].clone()
        heads(torch.randn(4, D), torch.arange(4))
        self.assertGreater(float(before.detach().abs().max()), 0)
        self.assertTrue(torch.equal(before, heads.weights[0]))

    def test_weight_decay_and_clipping_of_the_network_do_not_reach_heads_among_its_modules(self):
        alone, inside = heads_of(), heads_of()
        train(alone)
        model = Network()
        model.heads = inside
        train(inside, model=model)
        self.assertTrue(torch.equal(alone.weights[1], inside.weights[1]))

    def test_a_tap_whose_features_are_all_zero_is_divided_by_the_epsilon_s_root(self):
        heads = RandomLabelHeads(D, M, n=10, draws=1, rate=0.5, seed=5)
        for _ in range(2):  # zeros over zero would be seen in the weights of the second step
            heads(torch.zeros(8, D), torch.arange(8))
        heads.end_epoch()
        self.assertTrue(all(torch.isfinite(weight).all() for weight in heads.weights))

    def test_a_frozen_network_is_read_without_gradients(self):
        for mode in (torch.no_grad, torch.inference_mode):
            heads = heads_of()
            with mode():
                heads(Network().features(X[:20]), torch.arange(20))
            self.assertGreater(float(heads.weights[1].detach().abs().max()), 0, mode)


def heads_step(heads, taps, index):
    return heads(taps, index)


class Resuming(unittest.TestCase):
    def test_training_goes_on_from_a_state_as_if_nothing_had_happened(self):
        whole = heads_of(regularize=1.0)
        model = train(whole, 4)
        first = heads_of(regularize=1.0)
        begun = train(first, 2)
        kept = io.BytesIO()
        torch.save({"heads": first.state_dict(), "model": begun.state_dict()}, kept)
        kept.seek(0)
        state = torch.load(kept, weights_only=True)
        second, again = heads_of(regularize=1.0), Network()
        second.load_state_dict(state["heads"])
        again.load_state_dict(state["model"])
        optimizer = torch.optim.SGD(again.parameters(), lr=0.1, weight_decay=0.01)
        generator = torch.Generator().manual_seed(7)
        loader = DataLoader(Indexed(TensorDataset(X, Y)), 20, shuffle=True, generator=generator)
        for epoch in range(4):
            for x, y, index in loader:
                if epoch < 2:
                    continue
                taps = again.features(x)
                optimizer.zero_grad()
                (F.cross_entropy(again.head(taps["late"]), y) + second(taps, index)).backward()
                optimizer.step()
            if epoch >= 2:
                second.end_epoch()
        self.assertEqual(second.epochs, whole.epochs)
        for name, value in weights_of(whole).items():
            self.assertTrue(torch.equal(value, dict(second.named_parameters())[name]), name)
        for name, value in weights_of(model).items():
            self.assertTrue(torch.equal(value, dict(again.named_parameters())[name]), name)

    def test_the_middle_of_an_epoch_is_kept_too(self):
        one, other = heads_of(), heads_of()
        taps = {name: z.detach() for name, z in Network().features(X).items()}
        one(taps, torch.arange(M))
        other.load_state_dict(copy.deepcopy(one.state_dict()))
        for heads in (one, other):
            heads(taps, torch.arange(M))
        self.assertEqual(one.end_epoch(), other.end_epoch())
        self.assertEqual(one.epochs[0]["seen"], 2 * M)

    def test_heads_of_other_labels_are_refused_by_name(self):
        state = heads_of().state_dict()
        for changes, said in [
            ({"seed": 6}, "seed 5, here 6"),
            ({"n": [2, 10]}, r"n \[10, 2\], here \[2, 10\]"),
            ({"index": range(1, M + 1)}, "index"),
        ]:
            with self.assertRaisesRegex(ValueError, said):
                heads_of(**changes).load_state_dict(state)


class Measuring(unittest.TestCase):
    def test_heads_that_know_every_label_are_right_and_unseen_labels_are_chance(self):
        z = torch.eye(M) * 9
        heads = RandomLabelHeads(M, M, n=5, rate=30.0)
        for _ in range(60):
            heads(z, torch.arange(M))
        for row in heads.evaluate(z):
            self.assertEqual((row["finalCorrect"], row["final"], row["normalized"]), (M, 1.0, 1.0))
            told = random_labels(1, 5, row["draw"], M)
            unseen = random_labels(1, 5, row["draw"], M, "unseen-label")
            self.assertEqual(row["unseenCorrect"], int((told == unseen).sum()))
            self.assertAlmostEqual(row["bits"], math.log2(5), 2)
        chosen = torch.tensor([5, 3])
        self.assertEqual(heads.evaluate(z[chosen], chosen)[0]["finalCorrect"], 2)

    def test_the_controls_are_the_probe_s_and_need_no_order(self):
        heads = heads_of(index=range(100, 100 + M))
        start = Network()
        model = train(heads, 2)
        model.eval()
        loader = DataLoader(Indexed(TensorDataset(X, Y)), 7, shuffle=True)
        z, index = embed(model.features, loader)
        frozen, order = embed(start.features, loader)
        back = {name: value[order.argsort()][index] for name, value in frozen.items()}
        report = heads.controls(z, index, frozen=back, permutations=9)
        from rademark import probe

        sorted_z = z["late"][index.argsort()]
        plain = probe(sorted_z, index=range(100, 100 + M), n=10, seed=5)["taps"][0]
        self.assertEqual(report["capacity"], plain["refit"][0]["capacity"])
        self.assertEqual(report["effectiveRank"], report["probe"]["taps"][1]["effectiveRank"])
        free = [r["normalized"] for r in report["heads"] if (r["tap"], r["n"]) == (2, 10)]
        self.assertAlmostEqual(report["learnedComplexity"], sum(free) / 2, 12)
        self.assertIsNone(report["regularizedComplexity"])
        self.assertEqual(len(report["probe"]["taps"][0]["refit"][0]["redraws"]), 9)
        for name in ("frozenCapacity", "selectivity", "countsNull", "equivalentWidth", "bits"):
            self.assertTrue(math.isfinite(report[name]), name)

    def test_counts_of_an_epoch_are_before_each_update(self):
        heads = RandomLabelHeads(D, M, n=4, draws=1, rate=0.1)
        z = torch.randn(M, D)
        heads(z, torch.arange(M))
        first = heads.end_epoch()[0]
        self.assertEqual(first["onlineCorrect"], int((heads.labels_4[:, 0] == 0).sum()))
        self.assertEqual((first["epoch"], first["seen"], first["trunk"]), (1, M, "network"))
        expected = int((heads._logits(0, z / (heads.mean_square[0] * 0.9 + 0.1 * z.square().mean() + 1e-5).sqrt())[0].argmax(-1)[:, 0] == heads.labels_4[:, 0]).sum())
        heads(z, torch.arange(M))
        self.assertEqual(heads.end_epoch()[0]["onlineCorrect"], expected)
        self.assertEqual(len(heads.table()), 2)


class Mistakes(unittest.TestCase):
    def test_items_end_with_their_index(self):
        self.assertEqual(Indexed([(1, 2), (3, 4)])[1], (3, 4, 1))
        self.assertEqual(Indexed([{"x": 1}])[0], {"x": 1, "index": 0})
        self.assertEqual(Indexed([7])[0], (7, 0))

        class Stream(IterableDataset):
            def __iter__(self):
                return iter([])

        with self.assertRaisesRegex(TypeError, "iterable one has no index"):
            Indexed(Stream())

    def test_mistakes_are_named(self):
        heads = heads_of()
        taps = {name: z.detach() for name, z in Network().features(X[:4]).items()}
        for call, said in [
            (lambda: heads(taps, torch.tensor([0, 1, 2, M])), f"index: from 0 to {M - 1}; found 0 to {M}"),
            (lambda: heads(taps, torch.arange(3)), r"index: \[4\] whole numbers"),
            (lambda: heads(taps, torch.rand(4)), "float32"),
            (lambda: heads(taps["late"], torch.arange(4)), "taps early, late"),
            (lambda: heads({**taps, "late": taps["late"][:, :3]}, torch.arange(4)), r"late: features \[B, 12\]"),
            (lambda: heads_of(form="log"), "form: one of log1m"),
            (lambda: heads_of(tap="middle"), "tap: one of early, late"),
            (lambda: heads_of(samples=0), "samples"),
            (lambda: heads_of(index=range(3)), "found 3"),
        ]:
            with self.assertRaisesRegex(ValueError, said):
                call()
        heads.eval()
        with self.assertRaisesRegex(RuntimeError, "evaluation mode"):
            heads(taps, torch.arange(4))

    def test_features_that_are_not_finite_end_the_epoch(self):
        heads = RandomLabelHeads(D, M, rate=0.1)
        heads(torch.full((4, D), math.inf), torch.arange(4))
        with self.assertRaisesRegex(FloatingPointError, "epoch 1: features are not finite"):
            heads.end_epoch()


if __name__ == "__main__":
    unittest.main()
