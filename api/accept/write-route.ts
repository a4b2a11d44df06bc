/** @file Every route that writes, and what they share: the body's limits, quotas, one transaction. */

import { z } from "zod";
import { Envelope, type Opened } from "../../record/statement/envelope.ts";
import type { StatementKind } from "../../record/statement/statements.ts";
import type { Acceptance, Accepted } from "./acceptance.ts";
import { type SignedWrite, openStatement, paidWrite } from "./paid-write.ts";
import type { App } from "../deployment.ts";
import { readBody } from "./request-body.ts";
import { ChallengeDocument, KeyAnswer, KeyRequest } from "../../record/answers/documents.ts";
import { acceptCommitment } from "./accept-commitment.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { schemaProblems } from "../../record/problem.ts";
import { findKey } from "../../db/read/challenge-document.ts";
import { acceptKey, acceptName } from "./accept-key.ts";
import { Refusal } from "../problem-answer.ts";
import { acceptModeration } from "./accept-moderation.ts";
import { acceptReproduction, acceptResult } from "./accept-result.ts";
import { acceptRetraction } from "./accept-retraction.ts";

/** A POST route as one definition, by which it is mounted and described. */
export interface WriteRoute {
  path: string;
  /** One sentence for the API's description. */
  summary: string;
  body: z.ZodType;
  answer: z.ZodType;
  /**
   * Checks everything that needs no database.
   *
   * @param body as JSON, of whatever shape.
   * @throws Refusal
   */
  read(body: unknown): Promise<SignedWrite<unknown>>;
}

/** Every route that writes. */
export const WRITE_ROUTES: readonly WriteRoute[] = [
  {
    path: "/v1/keys",
    summary: "Register, name, replace or revoke a key.",
    body: KeyRequest,
    answer: KeyAnswer,
    read: readKeyRequest,
  },
  statementRoute({
    path: "/v1/challenges",
    summary: "Commit to a configuration, and get fresh seeds that nobody knew before.",
    kind: "commitment",
    accept: acceptCommitment,
    answer: ChallengeDocument,
  }),
  statementRoute({
    path: "/v1/results",
    summary: "Submit the envelope of a result: the counts of all its runs.",
    kind: "result",
    accept: acceptResult,
    answer: Receipt,
  }),
  statementRoute({
    path: "/v1/reproductions",
    summary: "Submit the envelope of a reproduction of an entry, with fresh runs of its own.",
    kind: "reproduction",
    accept: acceptReproduction,
    answer: Receipt,
  }),
  statementRoute({
    path: "/v1/retractions",
    summary: "Take back a result or a reproduction of one's own, or give up a challenge.",
    kind: "retraction",
    accept: acceptRetraction,
    answer: Receipt,
  }),
  statementRoute({
    path: "/v1/moderations",
    summary: "Publish an operator's decision on an entry, a protocol or a name, with its reason.",
    kind: "moderation",
    accept: acceptModeration,
    answer: Receipt,
  }),
];

/** Answers 201, or 200 when the same was accepted before. */
export function mountWrite(app: App, route: WriteRoute): void {
  app.post(route.path, async (c) => {
    const { deployment } = c.var;
    const { isNew, answer } = await paidWrite(deployment, async () =>
      route.read(await readBody(c.req.raw, deployment.limits)),
    );
    c.header("cache-control", "no-store");
    return c.body(JSON.stringify(answer), isNew ? 201 : 200, {
      "content-type": "application/json",
    });
  });
}

/** A route whose body is the envelope of one kind of statement. */
function statementRoute<Kind extends StatementKind, Answer>(
  route: Pick<WriteRoute, "path" | "summary" | "answer"> & {
    kind: Kind;
    accept: (acceptance: Acceptance, opened: Opened<Kind>) => Promise<Accepted<Answer>>;
  },
): WriteRoute {
  const { kind, accept, ...rest } = route;
  const read = async (body: unknown): Promise<SignedWrite<Answer>> => {
    const opened = await openStatement(kind, body);
    return { key: opened.statement.key, accept: (acceptance) => accept(acceptance, opened) };
  };
  return { ...rest, body: Envelope, read };
}

async function readKeyRequest(body: unknown): Promise<SignedWrite<KeyAnswer>> {
  // The envelope's own faults are named as everywhere else, so it is not looked into here.
  const parsed = KeyRequest.extend({ envelope: z.unknown() }).safeParse(body);
  if (!parsed.success)
    throw new Refusal(
      "malformed-request",
      "Send {envelope, name}; name is null but for the action that sets one.",
      schemaProblems(parsed.error, body),
    );
  const { envelope, name } = parsed.data;
  const opened = await openStatement("key", envelope, "/envelope");
  const { key } = opened.statement;
  return {
    key,
    accept: async (acceptance) => {
      const { isNew, answer: receipt } = await acceptKeyRequest(acceptance, opened, name);
      const document = await findKey(acceptance.tx, key);
      return { isNew, answer: { key: document!, receipt } };
    },
  };
}

async function acceptKeyRequest(
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
