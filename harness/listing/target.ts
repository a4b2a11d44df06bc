/** @file What `rademark verify` was given: a file, a statement's id, or its address. */

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { problemText } from "../../record/problem.ts";
import { readStrictJson } from "../../record/strict-json.ts";
import { noReference, parseReference } from "./statement-reference.ts";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";

export type Target =
  { kind: "file"; value: unknown } | { kind: "statement"; id: string; api: string };

/** Far above the largest envelope with its challenge and proofs. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * @param api server at which an id is looked up; an address names its own.
 * @throws UserError for a text that is none of the three.
 */
export function readTarget(text: string, api: string, cwd: string): Target {
  const path = resolve(cwd, text);
  if (statSync(path, { throwIfNoEntry: false })?.isFile())
    return { kind: "file", value: readStrictFile(path) };
  const reference = parseReference(text);
  if (reference === null) throw new UserError(`"${text}" is no file here, ${noReference}.`);
  return { kind: "statement", id: reference.id, api: reference.api ?? api };
}

function readStrictFile(path: string): unknown {
  if (statSync(path).size > MOST_BYTES)
    throw new UserError(`${path} is larger than any entry can be.`, EXIT.verification);
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw explainDisk(error, path);
  }
  const json = readStrictJson(bytes);
  if (json.ok) return json.value;
  const problem = problemText(json.problem);
  throw new UserError(`${path} is not strict JSON: ${problem}.`, EXIT.verification);
}
