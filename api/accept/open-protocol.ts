/** @file The open protocols of this server, and the configurations that they know, in the one way they are written. */

import { RecordError, problemAt } from "../../record/problem.ts";
import { type Protocol, findProtocol, protocols } from "../../record/protocols.ts";
import { configurationProblems } from "../../record/statement/result-problems.ts";
import { decisionsOn } from "../../db/index/standings.ts";
import { Refusal } from "../problem.ts";
import type { Acceptance } from "./acceptance.ts";

interface Configured {
  protocol: string;
  arch: string;
  regs: string;
  source: string | null;
}

/**
 * @throws Refusal `unknown-protocol`, for a quarantined one as well, or `malformed-statement` for a configuration
 * that is not taken, or not canonical.
 */
export async function openProtocol({ tx }: Acceptance, statement: Configured): Promise<Protocol> {
  const protocol = publishedProtocol(statement);
  const { quarantine } = (await decisionsOn(tx, [statement.protocol]))(statement.protocol);
  if (quarantine !== null)
    throw new Refusal("unknown-protocol", `It is quarantined: ${quarantine}`, [
      problemAt(statement, ["protocol"], "a protocol that is not quarantined"),
    ]);
  const problems = configurationProblems(statement, protocol);
  if (problems.length === 0) return protocol;
  throw new Refusal(
    "malformed-statement",
    "The configuration is none that is taken, or is not written canonically.",
    problems,
  );
}

function publishedProtocol(statement: Configured): Protocol {
  try {
    return findProtocol(statement.protocol);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const rule = `the id of one of ${Object.keys(protocols).join(", ")}`;
    throw new Refusal("unknown-protocol", "This server has no board for it.", [
      problemAt(statement, ["protocol"], rule),
    ]);
  }
}
