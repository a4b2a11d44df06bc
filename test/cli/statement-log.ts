/** @file A server whose log has one statement of every kind. */

import { join } from "node:path";
import { expect } from "vitest";
import { createKey } from "../../harness/listing/key-store.ts";
import { LogPage } from "../../record/answers/documents.ts";
import type { LogEntry } from "../../record/log/log-proof.ts";
import { type Person, aPerson, rademark } from "../world/command-line.ts";
import { run, sharedServer } from "../world/server.ts";

export type Kind = LogEntry["kind"];

export interface FilledLog {
  entry: string;
  challenge: string;
  /** Newest leaf of each kind, by its digest. */
  digests: Record<Kind, string>;
}

const idIn = (text: string) => /([0-9a-f]{64})/.exec(text)![1]!;

async function ran(person: Pick<Person, "run">, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await person.run(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** A server with an operator, whose key is kept in its folder. */
export const operatedServer = () =>
  sharedServer(async (root) => {
    const env = { RADEMARK_CONFIG: join(root, "operator") };
    const plannedRun = { name: "operator", displayName: null, passphrase: null };
    const { publicKey } = await createKey(plannedRun, { env });
    return [publicKey];
  });

/** One statement of every kind. @param server that has an operator. */
export async function fillLog(server: { root: string; url: string }): Promise<FilledLog> {
  const [ada, ben] = [await aPerson(server.url), await aPerson(server.url)];
  const entry = idIn(await ran(ada, run("--challenge", "--submit")));
  const { challenge } = ada.json("a/challenge.json") as { challenge: { id: string } };
  await ran(ben, ["repro", entry, "--out", "again"]);
  await ran(ada, ["retract", entry, "--reason", "trained on the wrong data"]);
  const env = { RADEMARK_CONFIG: join(server.root, "operator"), RADEMARK_API: server.url };
  const args = ["admin", "note", entry, "--reason", "looked into"];
  const admin = await rademark(args, { env, now: Date.now });
  expect(admin.code, admin.stderr).toBe(0);
  const page: unknown = await (await fetch(`${server.url}/v1/log/entries`)).json();
  const { leaves } = LogPage.parse(page);
  const digests = Object.fromEntries(
    leaves.toReversed().map(({ kind, digest }) => [kind, digest]),
  ) as Record<Kind, string>;
  return { entry, challenge: challenge.id, digests };
}
