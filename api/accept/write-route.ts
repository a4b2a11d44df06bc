/** @file What all routes that write share: the body's limits, quotas, one transaction, and their page in the docs. */

import { z } from "zod";
import { ProblemDocument } from "../../record/answers/problem-document.ts";
import { Envelope, type Opened } from "../../record/statement/envelope.ts";
import type { StatementKind } from "../../record/statement/statements.ts";
import type { Acceptance, Accepted } from "./acceptance.ts";
import { type SignedWrite, openStatement, paidWrite } from "./paid-write.ts";
import type { App } from "../deployment.ts";
import { readBody } from "./request-body.ts";
import { ChallengeDocument, KeyAnswer, KeyRequest } from "../../record/answers/documents.ts";
import { acceptCommitment } from "./accept-commitment.ts";
import { Receipt } from "../../record/log/log-proof.ts";
import { schemaFaults } from "../../record/problem.ts";
import { findKey } from "../../db/read/challenge-document.ts";
import { acceptKey, acceptName } from "./accept-key.ts";
import { Refusal } from "../problem.ts";
import { acceptModeration } from "./accept-moderation.ts";
import { acceptReproduction, acceptResult } from "./accept-result.ts";
import { acceptRetraction } from "./accept-retraction.ts";

interface WriteRoute<Answer> {
  path: string;
  /** One line for the docs. */
  summary: string;
  body: z.ZodType;
  answer: z.ZodType<Answer>;
  /**
   * Without a database.
   *
   * @param body as JSON, of whatever shape.
   * @throws Refusal
   */
  read(body: unknown): Promise<SignedWrite<Answer>>;
}

/** Answers 201, or 200 when the same was accepted before. */
function writeRoute<Answer>(app: App, route: WriteRoute<Answer>): void {
  describe(app, route);
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
  app: App,
  route: Pick<WriteRoute<Answer>, "path" | "summary" | "answer"> & {
    kind: Kind;
    accept: (acceptance: Acceptance, opened: Opened<Kind>) => Promise<Accepted<Answer>>;
  },
): void {
  const { path, summary, answer, kind, accept } = route;
  const read = async (body: unknown): Promise<SignedWrite<Answer>> => {
    const opened = await openStatement(kind, body);
    return { key: opened.statement.key, accept: (acceptance) => accept(acceptance, opened) };
  };
  writeRoute(app, { path, summary, answer, body: Envelope, read });
}

const REFUSALS = {
  400: "The body cannot be read.",
  403: "Only the signer, or an operator, may do this.",
  409: "What is here already does not allow this.",
  413: "The body is larger than allowed.",
  415: "The body is not JSON, plain or gzip.",
  422: "The body, the statement in it or what it says is refused; `errors` point to the places.",
  429: "A quota is used up; `Retry-After` says for how long.",
  500: "Something went wrong here; nothing was stored.",
  503: "The database cannot be reached. `Retry-After` says when to try again; what was accepted is not stored twice.",
};

function describe(app: App, { path, summary, body, answer }: WriteRoute<unknown>): void {
  const answers = { content: { "application/json": { schema: answer } } };
  const problem = { content: { "application/problem+json": { schema: ProblemDocument } } };
  app.openAPIRegistry.registerPath({
    method: "post",
    path,
    summary,
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      200: { description: "It was accepted before; this is the answer it got then.", ...answers },
      201: { description: "Accepted.", ...answers },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [
          status,
          { description, ...problem },
        ]),
      ),
    },
  });
}

/** POST /v1/keys */
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

/** POST /v1/challenges */
export function challengeWriteRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/challenges",
    summary: "Commit to a configuration, and get fresh seeds that nobody knew before.",
    kind: "commitment",
    accept: acceptCommitment,
    answer: ChallengeDocument,
  });
}

/** POST /v1/moderations */
export function moderationRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/moderations",
    summary: "Publish an operator's decision on an entry, a protocol or a name, with its reason.",
    kind: "moderation",
    accept: acceptModeration,
    answer: Receipt,
  });
}

/** POST /v1/reproductions */
export function reproductionRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/reproductions",
    summary: "Submit the envelope of a reproduction of an entry, with fresh runs of its own.",
    kind: "reproduction",
    accept: acceptReproduction,
    answer: Receipt,
  });
}

/** POST /v1/results */
export function resultRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/results",
    summary: "Submit the envelope of a result: the counts of all its runs.",
    kind: "result",
    accept: acceptResult,
    answer: Receipt,
  });
}

/** POST /v1/retractions */
export function retractionRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/retractions",
    summary: "Take back a result or a reproduction of one's own, or give up a challenge.",
    kind: "retraction",
    accept: acceptRetraction,
    answer: Receipt,
  });
}
