/** @file The pictures that shared links show, where the site's own address is known (docs/decisions/0064). */

import type { APIRoute } from "astro";
import { protocols } from "../../../record/protocols.ts";
import { isHiddenState } from "../../../record/board/states.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { drawn } from "../../charts/drawn.ts";
import { plural } from "../../charts/numbers.ts";
import { type LinkWords, linkFacts, linkPicture } from "../../charts/link-picture.ts";
import { MOST_PICTURES } from "../../data/board-model.ts";
import { builtBoard } from "../../data/build-api.ts";
import { builtReference } from "../../data/built-reference.ts";

interface Picture {
  words: LinkWords;
  /** Whose map it shows. */
  board: string;
  /** The entry that it marks; null for none. */
  entry: string | null;
}

export async function getStaticPaths() {
  const pictures = import.meta.env.SITE ? await allPictures() : [];
  return pictures.map(([name, picture]) => ({ params: { name }, props: picture }));
}

/** By their path below `/pictures/`, without `.png`. */
async function allPictures(): Promise<[string, Picture][]> {
  const names = Object.keys(protocols);
  const shown = await Promise.all(names.map(shownRows));
  const first = names[shown.findIndex((rows) => rows.length > 0)] ?? names[0]!;
  const boards = names.map((board, i): [string, Picture] => {
    const about = `Learned complexity and gap of ${plural(shown[i]!.length, "entry", "entries")}`;
    return [`boards/${board}`, { words: { title: board, about, facts: [] }, board, entry: null }];
  });
  const entries = await Promise.all(names.map(entryPictures));
  return [["rademark", { words: SITE, board: first, entry: null }], ...boards, ...entries.flat()];
}

const SITE: LinkWords = {
  title: "Rademark",
  about: "How much a network could memorize, and how much it generalizes",
  facts: [],
};

async function entryPictures(board: string): Promise<[string, Picture][]> {
  const { rows } = await builtBoard(board);
  if (rows.length > MOST_PICTURES) return [];
  return rows.map(({ entry, arch, regs, numbers }) => {
    const words = { title: arch, about: `${regs} on ${board}`, facts: linkFacts(numbers) };
    return [`entries/${entry}`, { words, board, entry }];
  });
}

/** What the board's map shows: its own rows, or the reference's where it has none. */
async function shownRows(board: string): Promise<readonly BoardRow[]> {
  const { rows } = await builtBoard(board);
  const shown = rows.filter(({ standing }) => !isHiddenState(standing.state));
  return shown.length > 0 ? shown : ((await builtReference(board))?.rows ?? []);
}

export const GET: APIRoute<Picture> = async ({ props: { words, board, entry } }) => {
  const { rows } = await builtBoard(board);
  const others = (await shownRows(board)).filter((each) => each.entry !== entry);
  const marked = rows.find((each) => each.entry === entry)?.numbers ?? null;
  const points = others.map(({ numbers }) => numbers);
  return new Response(await png(drawn(linkPicture(words, points, marked))));
};

/** @throws Error where Astro's optional package could not be installed. */
async function png(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  const { default: sharp } = await import("sharp").catch(() => {
    throw new Error(
      "Pictures of shared links are drawn by sharp, which npm could not install on this machine. Without SITE_URL none are drawn.",
    );
  });
  return new Uint8Array(await sharp(Buffer.from(svg)).png().toBuffer());
}
