/** @file How a person names an entry or another statement: its id or the first digits of that, or an address that shows it. */

import { UserError } from "../errors.ts";
import { apiAddress } from "./api-address.ts";

export interface StatementReference {
  /** That of a statement or a leaf: 64 hexadecimal digits, or the first of them (`fullId` asks for the rest). */
  id: string;
  /** The address's own server; null for a bare id. */
  api: string | null;
}

const ID = /^[0-9a-f]{8,64}$/i;
/** Addresses of the API and of the pages. */
const ADDRESS =
  /^(https?:\/\/.+?)(?:\/v1)?\/(?:entries|challenges|receipts|log\/statements)\/(?:\?id=)?([0-9a-f]{8,64})(?:[/?#&].*)?$/i;

/** Null for a text that is neither an id nor an address. */
export function parseReference(text: string): StatementReference | null {
  const given = text.trim();
  if (ID.test(given)) return { id: given.toLowerCase(), api: null };
  const [, server, id] = ADDRESS.exec(given) ?? [];
  return server === undefined || id === undefined
    ? null
    : { id: id.toLowerCase(), api: apiAddress(server) };
}

/** @throws UserError for what is neither. */
export function statementReference(text: string): StatementReference {
  const parsed = parseReference(text);
  if (parsed !== null) return parsed;
  throw new UserError(`"${text}" is ${noReference}`);
}

export const noReference =
  "no id (64 hexadecimal digits, or the first 8 or more) and no address of one (http…/entries/ID)";
