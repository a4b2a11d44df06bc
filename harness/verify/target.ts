/** @file What `rademark verify` was given: a file, an entry's id, or its address. */

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { readStrictJson } from "../../record/strict-json.ts";
import { apiAddress } from "../client/api-address.ts";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";

export type Target = { kind: "file"; value: unknown } | { kind: "entry"; id: string; api: string };

/** The largest envelope, its challenge and its proofs are far below. */
const MOST_BYTES = 16 * 2 ** 20;
const ID = /^[0-9a-f]{64}$/;

/**
 * @param api where an id is looked up; an address says so itself.
 * @throws UserError for none of the three.
 */
export function readTarget(text: string, api: string, cwd: string): Target {
  const path = resolve(cwd, text);
  if (statSync(path, { throwIfNoEntry: false })?.isFile())
    return { kind: "file", value: readDocument(path) };
  if (ID.test(text)) return { kind: "entry", id: text, api };
  const [, server, id] =
    /^(https?:\/\/.+?)(?:\/v1)?\/entries\/([0-9a-f]{64})(?:[/?#].*)?$/.exec(text) ?? [];
  if (server !== undefined && id !== undefined)
    return { kind: "entry", id, api: apiAddress(server) };
  throw new UserError(
    `"${text}" is no file here, no entry's id (64 hexadecimal digits) and no address of one (…/entries/ID).`,
  );
}

function readDocument(path: string): unknown {
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
  const { pointer, rule, found } = json.problem;
  throw new UserError(
    `${path} is not strict JSON: ${pointer || "(top)"}: ${rule}, found ${found}.`,
    EXIT.verification,
  );
}
