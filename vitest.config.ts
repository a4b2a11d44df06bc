/** @file Tests run in forked processes: the native addon cannot be loaded twice into one. */

import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const env = {
  TF_CPP_MIN_LOG_LEVEL: "3",
  // A test that is about threads starts its own process.
  TF_NUM_INTRAOP_THREADS: "1",
  // Commands, servers and builds that tests start compile in half the time. The folder is Node's own choice.
  NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
};

/** Tests that look at their own process, what it has loaded and started, or that load an addon of their own. */
const ALONE = ["test/doctor/*.test.ts", "test/setup/engine.test.ts"];

/** What takes longest, in that order, so that no core is idle at the end; then by size. */
const LONG = [
  ...[
    "end-to-end/pglite",
    "base/dump-site",
    "train/recorded",
    "deployments/server",
    "cli/training",
  ],
  ...[
    "data/pages",
    "site/states",
    "data/board.browser",
    "train/resume",
    "data/budget",
    "cli/start",
  ],
  ...["end-to-end/", "data/entry.browser", "bench/load", "data/large-board", "deployments/worker"],
  ...["train/", "deployments/", "cli/", "db/board", "api/accept/same-counts", "study/"],
].map((path) => `/test/${path}`);

/** Of the API and the database, but without a query. */
const NO_SQL = ["deployment", "response-cache", "accept/request-body"]
  .map((name) => `test/api/${name}.test.ts`)
  .concat("test/db/stores/unavailable.test.ts");

/**
 * Of the API, what the two stores could answer differently: writes, answers of one moment, failures. The rest asks the same
 * queries through the same db/, whose tests run on both, and each case costs a PGlite half a second.
 */
const ON_BOTH = ["accept/results", "read/moments", "read/faults"].map(
  (name) => `test/api/${name}.test.ts`,
);

const PROJECTS = ["alone", "all", "on PostgreSQL"];

/** A process is used again only for a file of the same project, so each project's files come together. */
class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const project = ({ project }: TestSpecification) => PROJECTS.indexOf(project.name);
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((path) => moduleId.includes(path));
      return at < 0 ? LONG.length : at;
    };
    const size = ({ moduleId }: TestSpecification) => statSync(moduleId).size;
    return Promise.resolve(
      files.sort((a, b) => project(a) - project(b) || rank(a) - rank(b) || size(b) - size(a)),
    );
  }
}

export default defineConfig({
  test: {
    environment: "node",
    pool: "forks",
    // On two cores: two more work while others wait for a browser, a server or a clock.
    maxWorkers: 4,
    // What tests import is loaded once for many files.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // How long a busy machine may take; how soon something should come is measured by `npm run bench`.
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { name: "alone", include: ALONE, isolate: true, env },
      },
      {
        extends: true,
        test: {
          name: "all",
          include: ["test/!(api)/**/*.test.ts", "test/*.test.ts", ...NO_SQL, ...ON_BOTH],
          exclude: ALONE,
          globalSetup: ["test/world/databases.ts", "test/site/data/shell.ts"],
          env,
        },
      },
      {
        extends: true,
        test: {
          name: "on PostgreSQL",
          include: ["test/{api,db}/**/*.test.ts"],
          exclude: NO_SQL,
          globalSetup: "test/world/databases.ts",
          env: { ...env, RADEMARK_TEST_STORE: "postgres" },
        },
      },
    ],
  },
});
