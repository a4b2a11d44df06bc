/** @file GET /v1/ids/:prefix */

import { z } from "zod";
import { idsWith } from "../../db/read/ids-with.ts";
import { IdsDocument, MOST_IDS } from "../../record/answers/ids-document.ts";
import { ShortId } from "../../record/canonical-json.ts";
import { JSON_TYPE, jsonAnswer, publishedProtocols, readRoute } from "./read-route.ts";

export const ids = readRoute({
  path: "/v1/ids/{prefix}",
  tag: "log",
  summary:
    "The full ids that begin with these digits, 8 or more: of statements, protocols and keys",
  params: z.strictObject({ prefix: ShortId }),
  answers: { [JSON_TYPE]: IdsDocument },
  atOneMoment: true,
  respond: async ({ params: { prefix }, db }) => {
    const known = publishedProtocols
      .filter(({ id }) => id.startsWith(prefix))
      .map(({ id }) => ({ id, kind: "protocol" as const }));
    const found = [...known, ...(await idsWith(await db(), prefix))];
    return jsonAnswer({ prefix, ids: found.slice(0, MOST_IDS), more: found.length > MOST_IDS });
  },
});
