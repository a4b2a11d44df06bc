/** @file `node api/node.ts mirror FILE`: a dump served for reading, by anybody, without the key of its log. */

import { HomeError } from "../../db/db.ts";
import type { Settings } from "../settings.ts";
import { mirror } from "./mirror.ts";
import type { Options } from "./options.ts";
import { toldToEnd } from "./told-to-end.ts";

export async function mirrorCommand(_: Settings, options: Options): Promise<void> {
  const { file, withParent } = options;
  if (file === null) throw new HomeError("mirror FILE: which dump?");
  const told = toldToEnd(withParent);
  const server = await mirror({ ...options, file });
  process.stdout.write(`listening on ${server.url}\n`);
  await told;
  await server.close();
  process.exit(0); // standard input may still be open
}
