"""The probe: ridge regression against a solution by least squares, what it refuses, what it marks."""

import json
import unittest

import numpy as np

import rademark
from rademark import random_labels

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(90, 7)) @ np.diag([3, 2, 1, 1, 0.5, 0.1, 0.01]) + 5
Z32 = Z.astype(np.float32)


def least_squares(x, labels, n, penalty=1e-3):
    """Samples right under the ridge regression, as least squares with D further rows: nothing is factorised."""
    x = x.astype(np.float64)
    z = x - x.mean(0)
    z /= np.sqrt((z**2).mean())
    one_hot = np.eye(n)[labels]
    m, width = z.shape
    further = np.sqrt(m * penalty) * np.eye(width)
    right = np.vstack([one_hot - one_hot.mean(0), np.zeros((width, n))])
    weights = np.linalg.lstsq(np.vstack([z, further]), right, rcond=None)[0]
    return int(((z @ weights + one_hot.mean(0)).argmax(1) == labels).sum())


class Probe(unittest.TestCase):
    def test_counts_are_those_of_least_squares(self):
        index = RNG.permutation(1000)[:90]
        document = rademark.probe(Z32, draws=5, index=index, n=[2, 10], seed=4, told=True)
        for refit in document["taps"][0]["refit"]:
            n = refit["n"]
            redraws = [random_labels(4, n, k, index, "redraw") for k in range(5)]
            self.assertEqual(refit["redraws"], [least_squares(Z32, r, n) for r in redraws])
            self.assertEqual(refit["told"], least_squares(Z32, random_labels(4, n, 0, index), n))
            self.assertAlmostEqual(refit["accuracy"], np.mean(refit["redraws"]) / 90, 12)

    def test_rows_in_another_order_are_the_same_samples(self):
        order = RNG.permutation(90)
        one = rademark.probe(Z32, index=np.arange(90), n=10)
        other = rademark.probe(Z32[order], index=order, n=10)
        self.assertEqual(one["index"], other["index"])
        self.assertEqual(one["taps"][0]["refit"], other["taps"][0]["refit"])

    def test_chunks_and_blocks_change_nothing(self):
        whole = rademark.probe(Z32, n=[2, 10])
        module = __import__("rademark.features", fromlist=["CHUNK"])
        kept, module.CHUNK = module.CHUNK, 64
        try:
            parts = rademark.probe(Z32, n=[2, 10])
        finally:
            module.CHUNK = kept
        for one, other in zip(whole["taps"][0]["refit"], parts["taps"][0]["refit"]):
            self.assertEqual(one["redraws"], other["redraws"])

    def test_types_are_rounded_to_float32(self):
        expected = rademark.probe(Z32, n=10)["taps"][0]["refit"]
        self.assertEqual(rademark.probe(Z32.astype(np.float64), n=10)["taps"][0]["refit"], expected)
        half = rademark.probe(Z.astype(np.float16), n=10)["taps"][0]["refit"]
        same = rademark.probe(Z.astype(np.float16).astype(np.float32), n=10)["taps"][0]["refit"]
        self.assertEqual(half, same)

    def test_taps_test_samples_and_classes_have_their_places(self):
        y = (Z[:, 0] > 5).astype(int) + 3
        document = rademark.probe(
            {"early": Z32[:, :3], "late": Z32},
            y,
            n=2,
            test_features={"early": Z32[:20, :3], "late": Z32[:20]},
            test_labels=y[:20],
        )
        self.assertEqual([tap["name"] for tap in document["taps"]], ["early", "late"])
        self.assertEqual([tap["width"] for tap in document["taps"]], [3, 7])
        self.assertEqual((document["classCount"], document["testSamples"]), (2, 20))
        self.assertGreater(document["taps"][1]["classes"]["test"]["accuracy"], 0.9)
        json.dumps(document)

    def test_near_ties_are_counted(self):
        # two copies of each row, one label each: no order between the labels of a pair
        rows = np.repeat(RNG.normal(size=(4, 2)), 2, axis=0)
        found = rademark.probe(rows, n=2, draws=3)
        self.assertEqual(found.near_ties, ())
        flat = rademark.probe(np.ones((8, 2)), n=10, draws=1)
        counts = np.bincount(random_labels(1, 10, 0, 8, "redraw"), minlength=10)
        tied = int((counts == counts.max()).sum()) > 1
        self.assertEqual([tie.samples for tie in flat.near_ties], [8] if tied else [])
        self.assertTrue(tied)

    def test_numbers_that_mean_nothing_are_marked(self):
        def codes(*args, **kwargs):
            return [notice["code"] for notice in rademark.probe(*args, **kwargs)["notices"]]

        self.assertEqual(codes(np.ones((50, 2)), n=2), ["features-do-not-vary"])
        self.assertEqual(codes(Z32[:8], n=2), ["width-fits-any-labels", "few-samples-a-label"])
        self.assertEqual(codes(Z32[:, :1], n=2), ["one-feature"])
        self.assertEqual(codes(Z32, n=100), ["few-samples-a-label"])
        self.assertEqual(codes(Z32, n=2, told=True), ["few-draws"])
        self.assertEqual(codes(Z32 * 1e-6 + 100, n=2), ["features-are-rounded"])
        self.assertIn("few-samples-a-class", codes(Z32, np.arange(90), n=2))
        text = str(rademark.probe(Z32, n=100))
        self.assertIn("few-samples-a-label", text)

    def test_what_cannot_be_probed_is_refused_by_name(self):
        infinite = Z.copy()
        infinite[3, 2] = np.inf
        y = np.arange(90) % 3
        for args, more, said in [
            ([Z[0]], {}, r"features: \[samples, width\]; found shape \[7\]"),
            ([Z.astype(int)], {}, "found int64"),
            ([infinite], {}, "row 3, column 2 is inf"),
            ([np.full((4, 2), 1e60)], {}, "row 0, column 0 is inf as float32"),
            ([Z[:1]], {}, "at least two samples"),
            ([{}], {}, "empty"),
            ([{"a": Z, "b": Z[:9]}], {}, "'b' has 9"),
            ([Z, y[:5]], {}, "labels: one for each of 90 samples; found 5"),
            ([Z, y * 0], {}, "at least two classes"),
            ([Z, y / 2], {}, "astype"),
            ([Z], {"draws": 0}, "draws: a whole number from 1 to 1000"),
            ([Z], {"n": 1}, "n: a whole number from 2"),
            ([Z], {"n": []}, "n: at least one"),
            ([Z], {"index": np.zeros(90, int)}, "two rows"),
            ([Z], {"index": [1, 2]}, "index: a number for each of 90 samples"),
            ([Z], {"test_features": Z}, "belong together"),
        ]:
            with self.assertRaisesRegex(ValueError, said):
                rademark.probe(*args, **more)


if __name__ == "__main__":
    unittest.main()
