/** @file Everything below the path that a report is asked for. */

import { basename, resolve } from "node:path";
import { type Difference, differenceText, differences } from "../../record/conditions.ts";
import type { Protocol } from "../../record/protocols.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { openFolders } from "../sweep/sweep-folder.ts";
import { type Trained, conditionsOf, readTrained } from "./trained.ts";

export interface Study {
  /** The folder's own name, without where it lies. */
  name: string;
  protocol: Protocol;
  protocolId: string;
  configurations: Trained[];
  /** What decides numbers and is not the same in all of them, by their places. */
  differing: Difference[];
}

/** @throws UserError for a path that is no output folder, for damage, and for numbers that do not compare. */
export function readStudy(path: string): Study {
  const configurations = openFolders(path).map(readTrained);
  const [first] = configurations;
  if (!first) throw new UserError(`${path} holds no configuration.`);
  const { protocol, configuration } = first.folder;
  const names = configurations.map(({ folder }) => basename(folder.path));
  const differing = differences(configurations.map(conditionsOf));
  requireOneProtocol(differing, names, `${path} holds`, EXIT.verification);
  const { protocolId } = configuration;
  return { name: basename(resolve(path)), protocol, protocolId, configurations, differing };
}

/** How many each run has; the same for all. */
export function epochsOf({ protocol, configurations }: Study): number {
  return Math.min(protocol.epochs, configurations[0]?.folder.configuration.limit ?? Infinity);
}

/**
 * @param what such as `runs/grid holds`.
 * @throws UserError naming all that a protocol of another id would decide.
 */
export function requireOneProtocol(
  differing: readonly Difference[],
  names: readonly string[],
  what: string,
  exitCode: ExitCode = EXIT.usage,
): void {
  const refused = differing.filter(({ weight }) => weight === "refused");
  if (refused.length === 0) return;
  throw new UserError(
    [
      `${what} numbers that cannot be compared: they follow another protocol, or depart from it otherwise.`,
      ...refused.map((difference) => `  ${differenceText(difference, names)}`),
      "Look at each alone, or train all of them alike.",
    ].join("\n"),
    exitCode,
  );
}
