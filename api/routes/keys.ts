/** @file POST /v1/keys */

import { z } from "zod";
import { KeyAnswer, KeyRequest } from "../../record/documents/entry-document.ts";
import type { Receipt } from "../../record/log/log-proof.ts";
import { schemaFaults } from "../../record/problem.ts";
import type { Opened } from "../../record/statement/envelope.ts";
import { findKey } from "../../db/read/challenge-document.ts";
import { acceptKey } from "../accept/accept-key.ts";
import { acceptName } from "../accept/accept-name.ts";
import type { Acceptance, Accepted } from "../accept/acceptance.ts";
import { openStatement } from "../accept/opened-statement.ts";
import type { SignedWrite } from "../accept/paid-write.ts";
import type { App } from "../variables.ts";
import { Refusal } from "../problem.ts";
import { writeRoute } from "./write-route.ts";

export function keyRoutes(app: App): void {
  writeRoute(app, {
    path: "/v1/keys",
    summary: "Register, name, replace or revoke a key.",
    body: KeyRequest,
    answer: KeyAnswer,
    read,
  });
}

/** The envelope's own faults are named as everywhere else, so it is not looked into here. */
const Wrapping = KeyRequest.extend({ envelope: z.unknown() });

async function read(body: unknown): Promise<SignedWrite<KeyAnswer>> {
  const parsed = Wrapping.safeParse(body);
  if (!parsed.success)
    throw new Refusal(
      "malformed-request",
      "Send {envelope, name}; name is null but for the action that sets one.",
      schemaFaults(parsed.error, body),
    );
  const { envelope, name } = parsed.data;
  const opened = await openStatement("key", envelope, "/envelope");
  const { key } = opened.statement;
  return {
    key,
    accept: async (acceptance) => {
      const { isNew, answer: receipt } = await accept(acceptance, opened, name);
      const document = await findKey(acceptance.tx, key);
      return { isNew, answer: { key: document!, receipt } };
    },
  };
}

async function accept(
  acceptance: Acceptance,
  opened: Opened<"key">,
  name: string | null,
): Promise<Accepted<Receipt | null>> {
  const { statement } = opened;
  if (statement.action === "name")
    return { isNew: await acceptName(acceptance, statement, name), answer: null };
  if (name === null) return acceptKey(acceptance, opened);
  throw new Refusal("bad-name", `A statement to ${statement.action} a key names nobody.`, [
    { pointer: "/name", rule: "null", found: JSON.stringify(name) },
  ]);
}
