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
  "taken-name": [409, "The name stands for other code here."],
  "wrong-reproduction": [422, "The reproduction does not fit the entry it names."],
  "unknown-statement": [422, "The statement spoken of is not here."],
  withheld: [403, "Its bytes are withheld while it is quarantined."],
  "not-the-signer": [403, "Only its signer may do this."],
  "not-an-operator": [403, "Only an operator of this server may do this."],
  "already-done": [409, "This was done before."],
  "too-many-challenges": [429, "Too many challenges of this key are open."],
  "too-many-requests": [429, "The quota is used up."],
  unavailable: [503, "The database cannot be reached."],
  unexpected: [500, "Something went wrong here."],
} as const satisfies Record<string, readonly [status: number, title: string]>;
export type ProblemName = keyof typeof PROBLEMS;

const WIRE =
  "Send at most 512 kB, which may expand from gzip to 4 MB: leave out what the statement does not need, such as a long comment in a source text.";
const SIGN_AGAIN = "make the statement again instead of editing it by hand.";

/**
 * What to do about each problem, in a sentence or two, for readers of any program. A client that has a command for it
 * names that command instead.
 */
export const PROBLEM_ADVICE: Readonly<Record<ProblemName, string>> = {
  "malformed-request":
    "Send what /docs describes for this address. Do client and server have the same version?",
  "invalid-query": "Give each parameter once, under a name and with a value that /docs lists.",
  "not-found":
    "Check the address. Ids are 64 hexadecimal digits in lower case; nothing is ever deleted here.",
  "method-not-allowed":
    "The header Allow lists the methods of this address. Do client and server have the same version?",
  "too-large": WIRE,
  "expands-too-far": WIRE,
  "unsupported-media-type":
    "Send application/json, plain or with content-encoding gzip. Do client and server have the same version?",
  "malformed-json": `Strict JSON has no -0, no integers beyond 2^53, no lone surrogates, and nothing after its value: ${SIGN_AGAIN}`,
  "duplicate-member": `Give each member of an object once, as readers differ in which one they take: ${SIGN_AGAIN}`,
  "too-deep": `No statement nests more than 32 levels: ${SIGN_AGAIN}`,
  "malformed-envelope": `An envelope is a DSSE document (payloadType, payload in base64, signatures): ${SIGN_AGAIN}`,
  "wrong-statement":
    "Each kind of statement has its own address: results, reproductions, retractions, moderations, challenges, keys.",
  "bad-signature":
    "The signatures must be Ed25519 over DSSE's pre-authentication encoding of the exact payload, by the keys that the statement names. It may have been changed after it was signed.",
  "malformed-statement":
    "The schemas are served at /v1/schemas; they are closed, and every member is required. Make the statement again with a client of the server's version.",
  "unknown-protocol":
    "Boards exist for the protocols that /v1/protocols lists; derived protocols cannot be submitted. Nothing is accepted for a quarantined one until an operator lifts the quarantine; what is listed stays.",
  "old-harness": "The protocol requires a newer harness: update it, and train again.",
  "unknown-key": "Register the key first: rademark keys register NAME",
  "revoked-key":
    "Sign with the key that replaced it, or with another one. What this key committed to belongs to it: another key needs a new challenge.",
  "key-conflict": "Look at the key's state at /v1/keys/KEY.",
  "bad-name":
    "Names are short, of one script, in Unicode's form NFC, without markup or invisible characters.",
  "unknown-challenge":
    "Send the commitment first; its answer is the challenge. Is this the server that issued it?",
  "foreign-challenge":
    "A challenge counts only for the key, protocol and configuration of its commitment: commit anew for these.",
  "stale-challenge": "It has expired, failed or been used. Ask for a new one.",
  "wrong-seeds":
    "Train exactly the protocol's panel seeds and the seeds that the challenge issued, in their order.",
  "impossible-counts":
    "The errors name counts that no run of this protocol can give. Was a file changed, or made by another protocol or version?",
  "copied-counts":
    "Two seeds never lead to the same counts: runs that share them, within a statement or with an earlier one, were copied. Submit runs of your own.",
  "taken-name":
    "The first eight digits of both digests are equal, so only the first of the two sources has the name. Change a byte of the file, such as a comment, or give the file another name, and train again.",
  "wrong-reproduction":
    "A reproduction repeats the entry's protocol and configuration, on fresh seeds of its own; the verdict follows from the counts.",
  "unknown-statement":
    "The statement that this one is about is not in this server's log: check its id.",
  withheld:
    "It shows the source of custom code, which a quarantine withholds; its counts stand at /v1/entries/ID/runs. It can be had again once an operator ends the quarantine.",
  "not-the-signer": "Only the key that signed a statement can take it back or replace it.",
  "not-an-operator": "Moderation is for the operator's keys.",
  "already-done": "Nothing is left to do.",
  "too-many-challenges": "Complete one of the key's open challenges, or give it up with a reason.",
  "too-many-requests": "Wait for as many seconds as the header Retry-After says; nothing is lost.",
  unavailable:
    "Try again after as many seconds as the header Retry-After says; what has been accepted is not stored twice.",
  unexpected:
    "Try again later; if it keeps happening, tell the server's operator when it happened.",
};

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
