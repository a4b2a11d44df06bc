/** @file The protocol of an id, where it is one that this version knows. */

import { type Protocol, protocolId, protocols } from "../../record/protocols.ts";

export function publishedProtocol(id: string): Protocol | null {
  return Object.values(protocols).find((protocol) => protocolId(protocol) === id) ?? null;
}
