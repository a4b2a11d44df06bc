/**
 * @file `npm run site:build [-- --api URL | --from DUMP]`: the static site in dist/site (`--out DIR`), with what an API
 * or the dump of a log holds prerendered; without either, with what a local server at the default address holds. On every
 * board stands the clone's reference, or that of `--reference DUMP`, or none. `--site-url` and `--repository-url` say where the
 * pages will stand and where the code lies (docs/hosting.md).
 */

import path from "node:path";
import { parseArgs } from "node:util";
import "./node-floor.mjs";
import {
  ownReference,
  replaceFolder,
  runAstro,
  siteSettings,
  withMirror,
  withReference,
} from "./site.mjs";
import { SetupError, enter } from "./entry.mjs";
import { ROOT, prepare } from "./prepare.mjs";
import { callersFolder } from "./shared/environment-variables.mjs";

const OPTIONS = {
  api: { type: "string" },
  from: { type: "string" },
  out: { type: "string" },
  reference: { type: "string" },
  "site-url": { type: "string" },
  "repository-url": { type: "string" },
};

await enter(async (effects) => {
  const { api, from, out, reference: named, ...rest } = readArguments();
  const addresses = { site: rest["site-url"], repository: rest["repository-url"] };
  const settings = siteSettings(effects.env, addresses);
  const reference = named === undefined ? ownReference() : named === "none" ? null : named;
  const isDumpRead = from !== undefined || reference !== null;
  const prepared = await prepare(effects, isDumpRead ? ["pages", "server"] : ["pages"]);
  const reading = { ...effects, ...prepared };
  const target = path.resolve(callersFolder(effects.env), out ?? `${ROOT}/dist/site`);
  const build = (url, own = {}) =>
    withReference(reference, reading, (drawn) => {
      const asked = url === undefined ? {} : { RADEMARK_API: url, ...own };
      const env = { ...prepared.env, ...asked, ...drawn, ...settings };
      return replaceFolder(target, (folder) =>
        runAstro(["build", "--outDir", folder], { ...prepared, env }),
      );
    });
  return from === undefined
    ? build(api)
    : withMirror(from, reading, (url) =>
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
