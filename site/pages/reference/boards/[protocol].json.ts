/** @file The reference's rows of a board: what the island asks for once they must be drawn otherwise than the build did. */

import type { APIRoute } from "astro";
import { protocols } from "../../../../record/protocols.ts";
import { builtReference } from "../../../data/built-reference.ts";

export async function getStaticPaths() {
  const names = Object.keys(protocols);
  const all = await Promise.all(names.map((name) => builtReference(name)));
  return names.flatMap((protocol, i) => (all[i] === null ? [] : [{ params: { protocol } }]));
}

export const GET: APIRoute = async ({ params }) =>
  new Response(JSON.stringify((await builtReference(params["protocol"]!))!.rows));
