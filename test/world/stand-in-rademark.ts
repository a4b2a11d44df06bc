/** @file The command line with another training worker: `stand-in-rademark.ts WORKER ARGUMENTS...`. */

import { resolve } from "node:path";
import { realEffects } from "../../harness/effects.ts";
import { main } from "../../harness/cli/main.ts";

const [worker, ...args] = process.argv.slice(2);
process.exitCode = await main(args, { ...realEffects, worker: resolve(worker!) });
