/** @file What an entry of the reference is checked against, as files where a server would have them. */

import type { APIRoute } from "astro";
import { builtMirror } from "../../../data/built-reference.ts";

export async function getStaticPaths() {
  const paths = (await (await builtMirror())?.answerPaths()) ?? [];
  return paths.map((answer) => ({ params: { answer } }));
}

export const GET: APIRoute = async ({ params }) =>
  new Response(await (await builtMirror())!.answer(params["answer"]!));
