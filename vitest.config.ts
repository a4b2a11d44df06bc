/** @file Tests run in forked processes: the native addon cannot be loaded twice into one. */

import { defineConfig } from "vitest/config";

// Two forks on two cores; a test that is about threads starts its own process.
const env = { TF_CPP_MIN_LOG_LEVEL: "3", TF_NUM_INTRAOP_THREADS: "1" };

export default defineConfig({
  test: {
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["test/**/*.test.ts"],
          globalSetup: "test/world/databases.ts",
          env,
        },
      },
      {
        extends: true,
        test: {
          name: "on PostgreSQL",
          include: ["test/{api,db}/**/*.test.ts"],
          exclude: [
            "test/api/{reported,settings,coalesced}.test.ts",
            "test/api/**/*address.test.ts",
            "test/api/write/address-block.test.ts",
          ],
          globalSetup: "test/world/databases.ts",
          env: { ...env, RADEMARK_TEST_STORE: "postgres" },
        },
      },
    ],
  },
});
