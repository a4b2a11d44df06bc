/**
 * @file `npm run site:build [-- --api URL | --from DUMP]`: the static site in dist/site (`--out DIR`), with what an API
 * or the dump of a log holds prerendered; without either, with what a local server at the default address holds.
 */

import path from "node:path";
import { parseArgs } from "node:util";
import "./node-floor.mjs";
import { replaceFolder, runAstro, withMirror } from "./site.mjs";
import { SetupError, enter } from "./entry.mjs";
import { ROOT, prepare } from "./prepare.mjs";
import { callersFolder } from "./shared/environment-variables.mjs";

const OPTIONS = { api: { type: "string" }, from: { type: "string" }, out: { type: "string" } };

await enter(async (effects) => {
  const { api, from, out } = readArguments();
  const prepared = await prepare(effects, from === undefined ? ["pages"] : ["pages", "server"]);
  const target = path.resolve(callersFolder(effects.env), out ?? `${ROOT}/dist/site`);
  const build = (url, own = {}) => {
    const env = url === undefined ? prepared.env : { ...prepared.env, RADEMARK_API: url, ...own };
    return replaceFolder(target, (folder) =>
      runAstro(["build", "--outDir", folder], { ...prepared, env }),
    );
  };
  return from === undefined
    ? build(api)
    : withMirror(from, { ...prepared, stderr: effects.stderr }, (url) =>
        // such a site may stand without a server: it answers by files what its pages ask of one
        build(url, { RADEMARK_ANSWERS: "files" }),
      );
});

function readArguments() {
  let values;
  try {
    ({ values } = parseArgs({ options: OPTIONS }));
  } catch (error) {
    throw new SetupError(error.message);
  }
  if (values.api !== undefined && values.from !== undefined)
    throw new SetupError("--api or --from: a site is built from one of them.");
  return values;
}
