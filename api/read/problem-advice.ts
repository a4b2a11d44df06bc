/** @file What to do about each problem, in a sentence or two. */

import type { ProblemName } from "../../record/documents/problem-document.ts";

const OTHER_STATEMENT =
  "Each kind of statement has its own address: results, reproductions, retractions, moderations, challenges, keys.";

export const PROBLEM_ADVICE: Readonly<Record<ProblemName, string>> = {
  "malformed-request": "Send what /docs describes for this address.",
  "invalid-query": "Give each parameter once, under a name and with a value that /docs lists.",
  "not-found":
    "Check the address. Ids are 64 hexadecimal digits in lower case; nothing is ever deleted here.",
  "method-not-allowed": "The header Allow lists the methods of this address.",
  "too-large": "Send at most 512 kB; in gzip, a body may expand to 4 MB.",
  "expands-too-far": "Send what expands from gzip to at most 4 MB.",
  "unsupported-media-type": "Send application/json, plain or with content-encoding gzip.",
  "malformed-json":
    "Strict JSON has no -0, no integers beyond 2^53, no lone surrogates, and nothing behind its value.",
  "duplicate-member": "Give each member of an object once: readers differ in which one they take.",
  "too-deep": "No statement nests more than 32 levels.",
  "malformed-envelope":
    "An envelope is a DSSE document: payloadType, payload in base64, signatures.",
  "wrong-statement": OTHER_STATEMENT,
  "bad-signature":
    "The signatures must be Ed25519 over DSSE's pre-authentication encoding of the exact payload, by the keys the statement names.",
  "malformed-statement":
    "The schemas are served at /v1/schemas; they are closed, and every member is required.",
  "unknown-protocol":
    "Boards exist for the protocols that /v1/protocols lists; derived ones cannot be submitted, and a quarantined one takes nothing more until an operator lifts that.",
  "old-harness": "The protocol asks for a newer harness. Update it and run again.",
  "unknown-key": "Register the key first: rademark keys register.",
  "revoked-key": "Sign with the key that replaced it, or with another one.",
  "key-conflict": "Look at the key's state at /v1/keys/KEY.",
  "bad-name":
    "Names are short, of one script, in Unicode's form NFC, without markup or invisible characters.",
  "unknown-challenge": "Send the commitment first; its answer is the challenge.",
  "foreign-challenge":
    "A challenge counts only for the key, protocol and configuration of its commitment.",
  "stale-challenge": "It has expired, failed or been used. Ask for a new one.",
  "wrong-seeds":
    "Run exactly the protocol's panel seeds and the seeds that the challenge issued, in their order.",
  "impossible-counts": "The errors name counts that no run of this protocol can give.",
  "copied-counts":
    "Two seeds never lead to the same counts: runs that share them, within a statement or with an earlier one, were copied.",
  "wrong-reproduction":
    "A reproduction repeats the entry's protocol and configuration, on fresh seeds of its own.",
  "unknown-statement": "The statement that this one is about is not in the log.",
  "not-the-signer": "Only the key that signed a statement can take it back or replace it.",
  "not-an-operator": "Moderation is for the operator's keys.",
  "already-done": "Nothing is left to do.",
  "too-many-challenges": "Complete one of the key's open challenges, or give it up with a reason.",
  "too-many-requests": "Wait for as many seconds as the header Retry-After says.",
  unavailable:
    "Try again after as many seconds as the header Retry-After says; the command line does so by itself.",
  unexpected: "Try again later; if it stays, tell the operator when it happened.",
};
