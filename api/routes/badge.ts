/** @file GET /v1/badge/:id.svg */

import { findRow } from "../../db/read/entry-document.ts";
import { badgeSvg } from "../read/badge-svg.ts";
import { found } from "../read/found.ts";
import { IdParams } from "../read/parameters.ts";
import { readRoute } from "../read/read-route.ts";

const SVG = "image/svg+xml";

export const badge = readRoute({
  path: "/v1/badge/{id}.svg",
  tag: "entries",
  summary: "An entry's complexity and state as a small picture",
  params: IdParams,
  answers: { [SVG]: null },
  maxAge: 300,
  respond: async ({ params, db }) => {
    const { row } = found(await findRow(await db(), params.id), "entry");
    return { type: SVG, body: badgeSvg(row) };
  },
});
