/** @file Protocols by alias or id, without hashing them for every request. */

import { type Protocol, protocolId, protocols } from "../../record/protocols.ts";
import { Refusal } from "../problem.ts";

export interface PublishedProtocol {
  id: string;
  document: Protocol;
}

export const publishedProtocols: readonly PublishedProtocol[] = Object.values(protocols).map(
  (document) => ({ id: protocolId(document), document }),
);

const byName = new Map(
  publishedProtocols.flatMap((each) => [
    [each.id, each] as const,
    [each.document.name, each] as const,
  ]),
);

/** @throws Refusal `not-found`. */
export function knownProtocol(nameOrId: string): PublishedProtocol {
  const found = byName.get(nameOrId);
  if (found) return found;
  const names = publishedProtocols.map(({ document }) => document.name).join(", ");
  throw new Refusal("not-found", `This server has no board of that protocol (${names}).`);
}
