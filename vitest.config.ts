/** @file Tests run in forked processes: the native addon cannot be loaded twice into one. */

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two forks on two cores; a test that is about threads starts its own process.
    env: { TF_CPP_MIN_LOG_LEVEL: "3", TF_NUM_INTRAOP_THREADS: "1" },
  },
});
