/** @file GET /v1/keys/:key */

import { z } from "zod";
import { findKey } from "../../db/read/challenge-document.ts";
import { KeyDocument } from "../../record/documents/entry-document.ts";
import { PublicKey } from "../../record/signature/ed25519.ts";
import { found } from "../read/found.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

/** Names stand outside the log, so nothing tells a cache that one changed. */
export const keysRead = readRoute({
  path: "/v1/keys/{key}",
  tag: "keys",
  summary: "A key: its name, whether it was revoked or replaced, how much it has signed",
  params: z.strictObject({ key: PublicKey }),
  answers: { [JSON_TYPE]: KeyDocument },
  atOneMoment: true,
  follows: "never",
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findKey(await db(), params.key), "key")),
});
