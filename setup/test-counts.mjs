/** @file A vitest reporter that leaves the counts of a run in the file RADEMARK_TEST_COUNTS names. */

import fs from "node:fs";

export default class TestCounts {
  /** A test file that could not be loaded, and an error outside any test, count as failed. */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) counts[test.result().state]++;
      const isBroken = module.errors().length > 0;
      if (isBroken) counts.failed++;
    }
    fs.writeFileSync(process.env.RADEMARK_TEST_COUNTS, JSON.stringify(counts));
  }
}
