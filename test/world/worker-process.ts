/** @file Runs `api/worker.ts` in workerd until standard input closes. Takes the folder of the site. */

import { fileURLToPath } from "node:url";
import { unstable_startWorker as startWorker } from "wrangler";

const secrets = JSON.parse(process.env.WORKER_SECRETS!) as Record<string, string>;

const worker = await startWorker({
  config: fileURLToPath(new URL("../../wrangler.toml", import.meta.url)),
  assets: process.argv[2]!,
  bindings: Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [name, { type: "plain_text", value }]),
  ),
  dev: {
    server: { hostname: "127.0.0.1", port: 0 },
    inspector: false,
    watch: false,
    persist: false,
    logLevel: "error",
    testScheduled: true,
  },
});
const url = await worker.url;
process.stdout.write(`listening on ${url.origin}\n`);

const end = () => void worker.dispose().finally(() => process.exit(0));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, end);
process.stdin.resume().once("end", end).once("close", end);
