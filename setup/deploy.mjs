/** @file `npm run deploy [-- --dry-run]`: bundles the Worker, checks the bundle, and deploys it with the site. */

import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import "./node-floor.mjs";
import { runTool } from "./child.mjs";
import { SetupError, enter } from "./entry.mjs";
import { ROOT, prepare } from "./prepare.mjs";
import { makeFolders } from "./shared/folder.mjs";

const MOST_BYTES = 1_000_000;
const BUNDLE = `${ROOT}/dist/worker`;

await enter(async (effects) => {
  const args = process.argv.slice(2);
  const { node, env } = await prepare(effects, ["server", "tests"]);
  const wrangler = (...rest) =>
    runTool(node, [`${ROOT}/node_modules/wrangler/bin/wrangler.js`, ...rest], {
      interruption: effects.interruption,
      env: { WRANGLER_SEND_METRICS: "false", ...env },
      cwd: ROOT,
      onLine: (line) => effects.stderr.write(`${line}\n`),
    });
  makeSite();
  fs.rmSync(BUNDLE, { recursive: true, force: true });
  const bundled = await wrangler("deploy", "--dry-run", "--outdir", BUNDLE, "--metafile");
  if (bundled.code !== 0) throw new SetupError(`The Worker cannot be bundled.\n${bundled.output}`);
  process.stdout.write(`${inspect()}\n`);
  if (args.includes("--dry-run")) return 0;
  const sent = await wrangler("deploy", ...args);
  if (sent.code !== 0) throw new SetupError(`wrangler deploy failed.\n${sent.output}`);
  return 0;
});

/** Without a built site, a page that points to the API takes its place. */
function makeSite() {
  const index = `${ROOT}/dist/site/index.html`;
  if (fs.existsSync(index)) return;
  makeFolders(path.dirname(index));
  fs.copyFileSync(`${ROOT}/api/start-page.html`, index);
}

function inspect() {
  const bytes = gzipSync(fs.readFileSync(`${BUNDLE}/worker.js`)).length;
  const { inputs } = JSON.parse(fs.readFileSync(`${BUNDLE}/bundle-meta.json`, "utf8"));
  const strangers = Object.keys(inputs).filter((input) => /(^|\/)(harness|site)\//.test(input));
  if (strangers.length > 0)
    throw new SetupError(`The Worker must not hold ${strangers.join(", ")}.`);
  if (bytes >= MOST_BYTES) throw new SetupError(`The Worker has ${bytes} bytes in gzip: too many.`);
  return `Worker: ${Math.round(bytes / 1000)} kB in gzip, of ${Object.keys(inputs).length} files`;
}
