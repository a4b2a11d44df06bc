/** @file Is the harness new enough for the protocol? */

import { problemAt, valueAt, type Path, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";

/** @param path where the version stands in the statement. */
export function harnessProblems(
  statement: object,
  path: Path,
  { minimumHarness }: Protocol,
): Problem[] {
  const parts = (version: string) => version.split(".").map(Number);
  const [found, least] = [parts(String(valueAt(statement, path))), parts(minimumHarness)];
  const at = found.findIndex((part, i) => part !== least[i]);
  if (at < 0 || found[at]! > least[at]!) return [];
  return [problemAt(statement, path, `at least ${minimumHarness}`)];
}
