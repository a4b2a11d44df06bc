/** @file A board's rows as the build knew them, those in hidden states too, for readers without a script. */

import type { APIRoute } from "astro";
import { protocols } from "../../../../record/protocols.ts";
import { builtBoard } from "../../../data/build-api.ts";
import { BOARD_COLUMNS } from "../../../data/table-columns.ts";
import { csv } from "../../../data/copied-table.ts";

export function getStaticPaths() {
  return Object.keys(protocols).map((protocol) => ({ params: { protocol } }));
}

export const GET: APIRoute = async ({ params }) => {
  const { rows } = await builtBoard(params["protocol"]!);
  return new Response(
    csv(
      rows,
      BOARD_COLUMNS.map(({ id }) => id),
    ),
  );
};
