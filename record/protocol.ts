/** @file A protocol: everything that decides a run's numbers except architecture, regularizers and seed. */

import { ProtocolFields } from "./protocol-fields.ts";
import { protocolProblems } from "./protocol-rules.ts";

/** The closed schema, with the rules that hold between fields. */
export const Protocol = ProtocolFields.superRefine((protocol, context) => {
  for (const { path, message } of protocolProblems(protocol))
    context.addIssue({ code: "custom", path, message });
});
export type Protocol = ProtocolFields;
