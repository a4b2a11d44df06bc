/** @file Is a statement's configuration one that is taken, written in the one way that it has? */

import { canonicalConfiguration, NO_ABLATIONS } from "../configuration.ts";
import { problemAt, type Problem } from "../problem.ts";
import type { Protocol } from "../protocol.ts";
import { RecordError } from "../record-error.ts";

const NO_SOURCE = "null: custom architectures are not taken yet, only those that `arch` names";

/** Empty for one that the protocol knows and that is written canonically. */
export function configurationProblems(
  statement: { arch: string; regs: string; source: string | null },
  protocol: Protocol,
): Problem[] {
  const { arch, regs, source } = statement;
  if (source !== null) return [problemAt(statement, ["source"], NO_SOURCE)];
  const canonical = (regs: string) => {
    const choice = { arch, regs, seeds: protocol.panelSeeds, threads: 1, save: [] };
    const rest = { engine: "cpu", limit: null, ablations: NO_ABLATIONS } as const;
    return canonicalConfiguration(protocol, { ...choice, ...rest });
  };
  try {
    canonical("none");
  } catch (error) {
    return [problemAt(statement, ["arch"], ruleOf(error))];
  }
  try {
    const written = canonical(regs);
    return (["arch", "regs"] as const)
      .filter((name) => written[name] !== statement[name])
      .map((name) => problemAt(statement, [name], `canonical: ${written[name]}`));
  } catch (error) {
    return [problemAt(statement, ["regs"], ruleOf(error))];
  }
}

function ruleOf(error: unknown): string {
  if (error instanceof RecordError) return error.problems.join("; ");
  throw error;
}
