/** @file Is a statement's configuration written in the one way that it has? */

import { parseArchitecture } from "../architecture.ts";
import { canonicalConfiguration, NO_ABLATIONS } from "../configuration.ts";
import { problemAt, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import { RecordError } from "../record-error.ts";

/** Empty for one that the protocol knows and that is written canonically. */
export function configurationProblems(
  statement: { arch: string; regs: string },
  protocol: Protocol,
): Problem[] {
  const { arch, regs } = statement;
  try {
    parseArchitecture(arch);
  } catch (error) {
    return [problemAt(statement, ["arch"], ruleOf(error))];
  }
  try {
    const choice = { arch, regs, seeds: protocol.panelSeeds, threads: 1, save: [] };
    const rest = { engine: "cpu", limit: null, ablations: NO_ABLATIONS } as const;
    const canonical = canonicalConfiguration(protocol, { ...choice, ...rest });
    return (["arch", "regs"] as const)
      .filter((name) => canonical[name] !== statement[name])
      .map((name) => problemAt(statement, [name], `canonical: ${canonical[name]}`));
  } catch (error) {
    return [problemAt(statement, ["regs"], ruleOf(error))];
  }
}

function ruleOf(error: unknown): string {
  if (error instanceof RecordError) return error.problems.join("; ");
  throw error;
}
