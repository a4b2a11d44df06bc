/** @file What to do about each refusal of the server. */

import type { ProblemName } from "../../record/documents/problem-document.ts";

export const ADVICE: Readonly<Record<ProblemName, string>> = {
  "malformed-request": "Is the client of the server's version?",
  "invalid-query": "Ask without that parameter, or with an allowed value.",
  "not-found":
    "Check the id and the server's address (--api). rademark verify ID tells of any statement, not of entries alone.",
  "method-not-allowed": "Is the client of the server's version?",
  "too-large": "Leave out what the statement can do without, such as a long source text.",
  "expands-too-far": "Leave out what the statement can do without, such as a long source text.",
  "unsupported-media-type": "Is the client of the server's version?",
  "malformed-json": "Make the file again with rademark sign; do not edit it by hand.",
  "duplicate-member": "Make the file again with rademark sign; do not edit it by hand.",
  "too-deep": "Make the file again with rademark sign; do not edit it by hand.",
  "malformed-envelope": "Make the file again with rademark sign; do not edit it by hand.",
  "wrong-statement": "Send it with the command made for it: submit, repro, retract, keys, admin.",
  "bad-signature": "It was changed after it was signed. Make it again with rademark sign.",
  "malformed-statement": "Make it again with this version of rademark, from the output folder.",
  "unknown-protocol":
    "See /v1/protocols on the server for those it lists. A quarantined one takes nothing until an operator lifts that; what is listed stays.",
  "old-harness": "Update rademark (git pull), and train again.",
  "unknown-key": "Register it first: rademark keys register NAME",
  "revoked-key":
    "Sign with another key (--key NAME). What this one committed to stays its own: with another key, take a new challenge into another --out.",
  "key-conflict": "See what the server knows of the key: rademark status",
  "bad-name": "Choose a name of one script, without invisible characters or markup.",
  "unknown-challenge": "Is it the server that issued the challenge? See --api.",
  "foreign-challenge": "Commit anew for this configuration: rademark run --challenge",
  "stale-challenge":
    "Take a new challenge, into another folder: rademark run --challenge --out DIR",
  "wrong-seeds": "Train the panel and the challenge's seeds: rademark run --challenge",
  "impossible-counts": "Check the folder: was it changed, or made by another protocol or version?",
  "copied-counts": "Submit runs of your own. Were files copied between output folders?",
  "unknown-statement": "Check the id and the server's address (--api).",
  "not-the-signer": "Use the key that signed it: --key NAME",
  "not-an-operator": "Use an operator's key: --key NAME",
  "wrong-reproduction": "Make it again with rademark repro; the verdict follows from the counts.",
  "already-done": "Nothing is left to do.",
  "too-many-challenges":
    "Complete one, or give one up with rademark retract; rademark status lists them.",
  "too-many-requests": "Wait a while and try again; nothing is lost.",
  unavailable: "Try again in a moment; what was accepted already is not stored twice.",
  unexpected: "Try again; if it stays so, tell the server's operator.",
};
