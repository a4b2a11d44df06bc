/** @file `node api/node.ts serve`: says where it listens, and ends in order. */

import type { Settings } from "../settings.ts";
import type { Options } from "./options.ts";
import { serve } from "./serve.ts";
import { toldToEnd } from "./told-to-end.ts";

/** Ends itself once it is told to, or, with `withParent`, once whoever started it is gone. */
export async function serveCommand(settings: Settings, options: Options): Promise<void> {
  const told = toldToEnd(options.withParent);
  const server = await serve({ settings, ...options }).catch((error: unknown) => {
    process.stdin.destroy(); // else it would keep the process that has failed
    throw error;
  });
  process.stdout.write(`listening on ${server.url}\n`);
  await told;
  await server.close();
  process.exit(0); // standard input may still be open
}
