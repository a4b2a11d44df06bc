/** @file What all routes that write share: the body's limits, quotas, one transaction, and their page in the docs. */

import type { z } from "zod";
import { ProblemDocument } from "../../record/documents/problem-document.ts";
import { Envelope, type Opened } from "../../record/statement/envelope.ts";
import type { StatementKind } from "../../record/statement/statements.ts";
import type { Acceptance, Accepted } from "../accept/acceptance.ts";
import { openStatement } from "../accept/opened-statement.ts";
import { type SignedWrite, paidWrite } from "../accept/paid-write.ts";
import type { App } from "../variables.ts";
import { readBody } from "../request-body.ts";

export interface WriteRoute<Answer> {
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
export function writeRoute<Answer>(app: App, route: WriteRoute<Answer>): void {
  describe(app, route);
  app.post(route.path, async (c) => {
    const { home } = c.var;
    const { isNew, answer } = await paidWrite(home, async () =>
      route.read(await readBody(c.req.raw, home.limits)),
    );
    c.header("cache-control", "no-store");
    return c.body(JSON.stringify(answer), isNew ? 201 : 200, {
      "content-type": "application/json",
    });
  });
}

/** A route whose body is the envelope of one kind of statement. */
export function statementRoute<Kind extends StatementKind, Answer>(
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
