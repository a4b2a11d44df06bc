"""The random labels, against vectors that the other implementation gives as well."""

import unittest

import numpy as np

from rademark import random_labels
from rademark.method import METHOD


class RandomLabels(unittest.TestCase):
    def test_they_are_those_of_the_method(self):
        for vector in METHOD["vectors"]["randomLabels"]:
            given = {name: vector[name] for name in ("seed", "n", "draw", "index", "kind")}
            self.assertEqual(random_labels(**given).tolist(), vector["labels"], given)

    def test_a_number_stands_for_the_first_samples_and_arrays_for_their_own(self):
        first = random_labels(1, 100, 0, 8)
        self.assertEqual((first.dtype, first.shape), (np.dtype(np.int64), (8,)))
        for index in (range(8), np.arange(8), np.arange(8, dtype=np.uint8), list(range(8))):
            np.testing.assert_array_equal(random_labels(1, 100, 0, index), first)
        np.testing.assert_array_equal(random_labels(1, 100, 0, [5, 2]), first[[5, 2]])
        self.assertEqual(random_labels(1, 100, 0, []).shape, (0,))

    def test_what_is_out_of_range_is_named(self):
        for given, said in [
            ({"seed": -1, "n": 2}, "seed: a whole number from 0"),
            ({"seed": 1, "n": 1}, "n: a whole number from 2 to 1000000; found 1"),
            ({"seed": 1.5, "n": 2}, "seed"),
            ({"seed": 1, "n": 2, "draw": True}, "draw"),
            ({"seed": 1, "n": 2, "kind": "told"}, "kind: one of random-label"),
            ({"seed": 1, "n": 2, "index": [1.0]}, "index: whole numbers; found float64"),
            ({"seed": 1, "n": 2, "index": [[1]]}, r"index: \[samples\]; found shape \[1, 1\]"),
            ({"seed": 1, "n": 2, "index": [3, -1]}, "found -1 in row 1"),
            ({"seed": 1, "n": 2, "index": [True]}, "flatnonzero"),
        ]:
            with self.assertRaisesRegex(ValueError, said):
                random_labels(**given)


if __name__ == "__main__":
    unittest.main()
