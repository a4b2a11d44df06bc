"""The null and the equivalent width, and the statistics beside them, against vectors and published values."""

import math
import unittest

from rademark.method import METHOD
from rademark.null import Leverage, cloud_of_width, equivalent_width, null_accuracy
from rademark.statistics import selectivity_p, t_interval, t_quantile

VECTORS = METHOD["vectors"]


class Null(unittest.TestCase):
    def test_clouds_give_what_a_summation_over_every_count_gives(self):
        for width, samples, n, accuracy in map(dict.values, VECTORS["nullOfWidth"]):
            found = null_accuracy(samples, n, cloud_of_width(width, samples))
            self.assertLess(abs(found - accuracy), 1e-6, (width, samples, n))
        for vector in VECTORS["nullOfLeverages"]:
            cloud = [Leverage(**each) for each in vector["cloud"]]
            found = null_accuracy(vector["samples"], vector["n"], cloud)
            self.assertAlmostEqual(found, vector["accuracy"], 8)

    def test_the_equivalent_width_of_a_cloud_is_its_own(self):
        for samples, n in [(2500, 100), (50_000, 2000), (30, 5)]:
            for share in (0.0004, 0.005, 0.01):
                width = share * (samples - 1)
                accuracy = null_accuracy(samples, n, cloud_of_width(width, samples))
                found = equivalent_width(samples, n, accuracy)
                self.assertIsNone(found.bound)
                self.assertLess(abs(found.width / width - 1), 1e-4, (samples, n, width))

    def test_what_no_cloud_gives_is_a_bound(self):
        self.assertEqual(equivalent_width(2500, 100, 0.01), (0.0, "at most"))
        width, bound = equivalent_width(2500, 100, 1.0)
        self.assertEqual(bound, "at least")
        everything = null_accuracy(2500, 100, cloud_of_width(width, 2500))
        self.assertAlmostEqual(everything, 1 - 1 / 2500, 6)

    def test_without_directions_the_commonest_label_is_left(self):
        # the product of the counts' chances, of equal ones the lowest label
        self.assertAlmostEqual(null_accuracy(2500, 100, cloud_of_width(0, 2500)), 0.015326, 6)


class Statistics(unittest.TestCase):
    def test_selectivity_is_ranked_exactly(self):
        for vector in VECTORS["selectivityP"]:
            runs = [(run["told"], run["redraws"]) for run in vector["runs"]]
            self.assertAlmostEqual(selectivity_p(runs), vector["p"], 14, vector["about"])
        self.assertIsNone(selectivity_p([]))

    def test_quantiles_are_those_of_printed_tables(self):
        # one degree of freedom is Cauchy's distribution; the others from a table of Student's t to four digits
        self.assertAlmostEqual(t_quantile(0.95, 1), math.tan(math.pi * 0.475), 9)
        for df, t in [(2, 4.3027), (4, 2.7764), (7, 2.3646), (30, 2.0423), (120, 1.9799)]:
            self.assertAlmostEqual(t_quantile(0.95, df), t, 4)

    def test_intervals_need_two_values_that_differ_or_a_step(self):
        self.assertEqual(t_interval([0.3]), (0.3, None, None))
        self.assertEqual(t_interval([0.25] * 3), (0.25, None, None))
        _, low, high = t_interval([0.25] * 3, least=0.01**2 / 12)
        t = 0.95 * math.sqrt(2 / (1 - 0.95**2))  # of two degrees of freedom, in closed form
        half = t * 0.01 / math.sqrt(12 * 3)
        self.assertAlmostEqual(high - low, 2 * half, 12)


if __name__ == "__main__":
    unittest.main()
