#!/usr/bin/env node
/** @file The bin entry. */

import { realEffects } from "./effects.ts";
import { main } from "./main.ts";

// `rademark ... | head` closes stdout early: nothing is wrong, and nobody is left to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
// It is for this process, whose effects keep it: training workers and all else that is started inherit the rest.
delete process.env.RADEMARK_PASSPHRASE;
process.exitCode = await main(process.argv.slice(2), realEffects);
