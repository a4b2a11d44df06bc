/** @file A board's rows as the build knew them: what the island falls back to while the server does not answer. */

import type { APIRoute } from "astro";
import { protocols } from "../../../../record/protocols.ts";
import { builtBoard } from "../../../data/build-api.ts";

export function getStaticPaths() {
  return Object.keys(protocols).map((protocol) => ({ params: { protocol } }));
}

export const GET: APIRoute = async ({ params }) =>
  new Response(JSON.stringify(await builtBoard(params["protocol"]!)));
