/** @file A refusal as the server answers it (RFC 9457). */

import { z } from "zod";

/** By name: the status and the sentence that never changes; what differs stands in `detail` and `errors`. */
export const PROBLEMS = {
  "malformed-request": [400, "The request cannot be read."],
  "invalid-query": [400, "A parameter of the query is not understood."],
  "not-found": [404, "There is no such thing here."],
  "method-not-allowed": [405, "This address does not take that method."],
  "too-large": [413, "The body is larger than allowed."],
  "expands-too-far": [413, "The body expands to more than allowed."],
  "unsupported-media-type": [415, "The body is not JSON, plain or gzip."],
  "malformed-json": [422, "The body is not strict JSON."],
  "duplicate-member": [422, "A member stands twice in the body."],
  "too-deep": [422, "The body nests deeper than allowed."],
  "malformed-envelope": [422, "The body is no envelope."],
  "wrong-statement": [422, "This address takes another kind of statement."],
  "bad-signature": [422, "A signature does not hold."],
  "malformed-statement": [422, "The statement breaks its schema."],
  "unknown-protocol": [422, "The protocol is not open on this server."],
  "unknown-key": [422, "The key is not registered here."],
  "revoked-key": [422, "The key was revoked or replaced."],
  "key-conflict": [409, "The key's state does not allow this."],
  "bad-name": [422, "The display name breaks the rules for names."],
  "old-harness": [422, "The harness is older than the protocol asks for."],
  "unknown-challenge": [422, "No such challenge was issued."],
  "foreign-challenge": [422, "The challenge was issued for something else."],
  "stale-challenge": [422, "The challenge is over."],
  "wrong-seeds": [422, "The seeds are not the panel's and the challenge's."],
  "impossible-counts": [422, "The counts cannot come from whole runs of this protocol."],
  "copied-counts": [422, "The counts are those of other runs."],
  "wrong-reproduction": [422, "The reproduction does not fit the entry it names."],
  "unknown-statement": [422, "The statement spoken of is not here."],
  "not-the-signer": [403, "Only its signer may do this."],
  "not-an-operator": [403, "Only an operator of this server may do this."],
  "already-done": [409, "This was done before."],
  "too-many-challenges": [429, "Too many challenges of this key are open."],
  "too-many-requests": [429, "The quota is used up."],
  unavailable: [503, "The database cannot be reached."],
  unexpected: [500, "Something went wrong here."],
} as const satisfies Record<string, readonly [status: number, title: string]>;
export type ProblemName = keyof typeof PROBLEMS;

/** Open, as a reader must let members pass that it does not know (RFC 9457 section 3.2). */
export const ProblemDocument = z.object({
  /** `/problems/NAME`, relative to the server: a page that explains it. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** One sentence on this occurrence. */
  detail: z.string(),
  errors: z.array(
    z.object({
      /** RFC 6901, into the statement, or into the body where the statement was not reached. */
      pointer: z.string(),
      rule: z.string(),
      found: z.string(),
    }),
  ),
});
export type ProblemDocument = z.infer<typeof ProblemDocument>;
/** An error in a document: where it is, what should be there, and what was found. */
export type ProblemError = ProblemDocument["errors"][number];

export function problemType(name: ProblemName): string {
  return `/problems/${name}`;
}
