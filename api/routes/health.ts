/** @file GET /v1/health */

import { logSize } from "../../db/append-leaf.ts";
import { HealthDocument } from "../../record/documents/entry-document.ts";
import { JSON_TYPE, jsonAnswer, readRoute } from "../read/read-route.ts";

export const health = readRoute({
  path: "/v1/health",
  tag: "server",
  summary: "Whether server and database answer",
  answers: { [JSON_TYPE]: HealthDocument },
  follows: "never",
  respond: async ({ home, db }) => {
    const log = { origin: home.keeper.origin, size: await logSize(await db()) };
    return jsonAnswer({ status: "ok", log } satisfies HealthDocument);
  },
});
