/** @file What charts need of a published protocol. Read from the documents alone, as a page in a browser holds no validator. */

import type { Protocol } from "../../record/protocols.ts";
import cifar10 from "../../record/protocols/cifar10-1.json" with { type: "json" };
import cifar100 from "../../record/protocols/cifar100-1.json" with { type: "json" };
import imagenet from "../../record/protocols/imagenet-1.json" with { type: "json" };
import micro from "../../record/protocols/micro-1.json" with { type: "json" };

export type ProtocolFacts = Pick<
  Protocol,
  "name" | "epochs" | "headline" | "classes" | "subset" | "measures"
>;

const DOCUMENTS: readonly ProtocolFacts[] = [micro, cifar10, cifar100, imagenet];

/** Undefined for a protocol that this site was built without. */
export function protocolFacts(name: string): ProtocolFacts | undefined {
  return DOCUMENTS.find((each) => each.name === name);
}
