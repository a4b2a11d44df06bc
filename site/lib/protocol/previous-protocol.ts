/** @file What changed since the last protocol of the same name: `micro-2` after `micro-1`. */

import type { Protocol } from "../../../record/protocols.ts";
import type { ProtocolField } from "./field.ts";
import { protocolSections } from "./sections.ts";

const NAME = /^(.*)-(\d+)$/;

/** The one with the next lower number; null for the first of its name. */
export function previousProtocol(protocol: Protocol, all: readonly Protocol[]): Protocol | null {
  const own = NAME.exec(protocol.name);
  if (own === null) return null;
  const number = ({ name }: Protocol) => Number(NAME.exec(name)?.[2]);
  const older = all.filter(
    (each) => NAME.exec(each.name)?.[1] === own[1] && number(each) < Number(own[2]),
  );
  return older.toSorted((a, b) => number(b) - number(a))[0] ?? null;
}

export interface ProtocolChange extends ProtocolField {
  before: string;
}

/** Fields that read differently, in the order of the tables. */
export function protocolChanges(before: Protocol, after: Protocol): ProtocolChange[] {
  const [old, now] = [before, after].map((each) =>
    protocolSections(each).flatMap(({ fields }) => fields),
  );
  const values = new Map(old!.map(({ path, value }) => [path, value]));
  return now!
    .map((each) => ({ ...each, before: values.get(each.path) ?? "–" }))
    .filter(({ before: was, value }) => was !== value);
}
