/** @file A protocol's document as tables: every field in words, with what it decides. */

import type { Protocol } from "../../../record/protocols.ts";
import { dataFields } from "./data-fields.ts";
import type { ProtocolField } from "./field.ts";
import { headFields } from "./head-fields.ts";
import { trainingFields } from "./training-fields.ts";
import { trustFields } from "./trust-fields.ts";

export interface ProtocolSection {
  title: string;
  fields: readonly ProtocolField[];
}

export function protocolSections(protocol: Protocol): ProtocolSection[] {
  return [
    { title: "Data", fields: dataFields(protocol) },
    { title: "Training", fields: trainingFields(protocol) },
    { title: "Random labels and measures", fields: headFields(protocol) },
    { title: "Seeds, challenges, reproductions", fields: trustFields(protocol) },
  ];
}
