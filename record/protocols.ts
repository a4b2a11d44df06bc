/** @file The published protocols, their ids, and how one is found. */

import { canonicalDigest } from "./canonical-digest.ts";
import { didYouMean } from "./nearest.ts";
import { Protocol } from "./protocol.ts";
import cifar10 from "./protocols/cifar10-1.json" with { type: "json" };
import cifar100 from "./protocols/cifar100-1.json" with { type: "json" };
import imagenet from "./protocols/imagenet-1.json" with { type: "json" };
import micro from "./protocols/micro-1.json" with { type: "json" };
import { RecordError } from "./record-error.ts";
import { isShortId } from "./short-ids.ts";

/** By alias; boards go by id. */
export const protocols: Readonly<Record<string, Protocol>> = Object.fromEntries(
  [micro, cifar10, cifar100, imagenet].map((document) => {
    const protocol = Protocol.parse(document);
    return [protocol.name, protocol];
  }),
);

/** SHA-256, in hexadecimal, of the RFC 8785 form of the whole document. */
export function protocolId(protocol: Protocol): string {
  const known = ids.get(protocol);
  if (known !== undefined) return known;
  const id = canonicalDigest(protocol);
  ids.set(protocol, id);
  return id;
}

/** A document never changes: another protocol is another document. */
const ids = new WeakMap<Protocol, string>();

/**
 * What a person calls a protocol: as `findProtocol`, and by the first digits of an id where they name one alone.
 *
 * @throws RecordError likewise.
 */
export function namedProtocol(name: string, among = Object.values(protocols)): Protocol {
  const digits = name.toLowerCase();
  const candidates = isShortId(digits)
    ? among.filter((protocol) => protocolId(protocol).startsWith(digits))
    : [];
  if (candidates.length > 1)
    throw new RecordError([
      `${name} is the beginning of several ids (${candidates.map(protocolId).join(", ")}); give more of the one that is meant`,
    ]);
  return candidates[0] ?? findProtocol(name);
}

/** @throws RecordError for what is neither a published alias nor the id of one. */
export function findProtocol(nameOrId: string): Protocol {
  const found =
    (Object.hasOwn(protocols, nameOrId) && protocols[nameOrId]) ||
    Object.values(protocols).find((protocol) => protocolId(protocol) === nameOrId);
  if (found) return found;
  const aliases = Object.keys(protocols);
  throw new RecordError([
    `${nameOrId}: no such protocol (${aliases.join(", ")})${didYouMean(nameOrId, aliases)}`,
  ]);
}
