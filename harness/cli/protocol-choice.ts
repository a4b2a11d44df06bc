/** @file The protocol a person asked for, with their own changes. */

import { resolve } from "node:path";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { Protocol, namedProtocol } from "../../record/protocols.ts";
import { RecordError, schemaProblems } from "../../record/problem.ts";
import { UserError } from "../errors.ts";
import { readGivenJson } from "../files.ts";
import type { Effects } from "./effects.ts";

/** @throws UserError naming the option, with every mistake. */
export function chooseProtocol(
  { protocol, set }: { protocol: string; set: string[] },
  { cwd }: Pick<Effects, "cwd">,
): Protocol {
  const base = blame("--protocol", () =>
    protocol.endsWith(".json") ? readProtocol(resolve(cwd, protocol)) : namedProtocol(protocol),
  );
  return blame("--set", () => deriveProtocol(base, set));
}

function readProtocol(path: string): Protocol {
  const parsed = Protocol.safeParse(readGivenJson(path, path));
  if (!parsed.success) throw new RecordError(schemaProblems(parsed.error));
  return parsed.data;
}

function blame<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(`${option}: ${error.message}`, error.exitCode, { cause: error });
    if (!(error instanceof RecordError)) throw error;
    throw new UserError(error.problems.map((problem) => `${option}: ${problem}`).join("\n"));
  }
}
