/** @file The API's answers about entries as files, for a site that is built from a dump and needs no server. */

import type { APIRoute } from "astro";
import { own } from "../../data/build-api.ts";

export async function getStaticPaths() {
  const paths = process.env["RADEMARK_ANSWERS"] === undefined ? [] : await own.answerPaths();
  return paths.map((answer) => ({ params: { answer } }));
}

export const GET: APIRoute = async ({ params }) =>
  new Response(await own.answer(params["answer"]!));
