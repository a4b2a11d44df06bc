/** @file `node api/node.ts serve`: says where it listens, and ends in order. */

import type { Settings } from "../settings.ts";
import type { Options } from "./options.ts";
import { serve } from "./serve.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ends itself once it is told to, or, with `withParent`, once whoever started it is gone. */
export async function serveCommand(settings: Settings, options: Options): Promise<void> {
  const told = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
    if (options.withParent) process.stdin.resume().once("end", resolve).once("close", resolve);
  });
  const server = await serve({ settings, ...options });
  process.stdout.write(`listening on ${server.url}\n`);
  await told;
  await server.close();
  process.exit(0); // standard input may still be open
}
