/** @file `rademark serve` */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT } from "../../errors.ts";
import { withoutPassphrase } from "../../keys/key-store.ts";
import { startServer } from "../../server/server-process.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, serverArguments, serverFolderArgument } from "../common-arguments.ts";
import { exposure, isLoopback } from "../exposure.ts";
import { text, wholeNumber } from "../values.ts";

const PAGES = fileURLToPath(new URL("../../../dist/site/index.html", import.meta.url));
const NO_PAGES =
  "The site's pages are not built, so entries are shown as plain text. `npm run site:build` builds them, `npm start`\n" +
  "does, too; then start this again.\n";

export const serve = defineCommand({
  meta: {
    summary: "run the server of results and boards on this machine",
    details:
      "Its database is a folder, or PostgreSQL where DATABASE_URL is set. It listens on this machine only,\n" +
      "unless --host names another of its addresses: docs/hosting.md says how to show it to others.\n" +
      "Ctrl-C ends it once running requests are answered.",
    examples: [
      "rademark serve",
      "rademark serve --port 9000 --data ./lab --operator PUBLICKEY",
      "rademark serve --host 0.0.0.0",
    ],
  },
  args: {
    port: {
      summary: "port to listen on; 0: any that is free",
      placeholder: "PORT",
      read: wholeNumber(0, 65_535),
      fallback: 8787,
    },
    host: {
      summary: "address of this machine to listen on; 0.0.0.0 or :: for all of them",
      placeholder: "ADDRESS",
      read: text,
      fallback: "127.0.0.1",
    },
    data: serverFolderArgument,
    ...serverArguments,
    ...commonArguments,
  },
  async run({ port, host, data }, effects) {
    const env = withoutPassphrase(effects.env); // its own settings among them
    const folder = resolve(effects.cwd, data);
    const server = await startServer({ folder, port, host }, { err: effects.err, env });
    if (!isLoopback(host)) effects.err(`rademark: ${exposure(env)}\n`);
    effects.out(`listening on ${server.url}\n${existsSync(PAGES) ? "" : NO_PAGES}`);
    let isTold = false;
    const end = () => {
      isTold = true;
      void server.stop();
    };
    const unlisten = [effects.onInterrupt(end), effects.onAbandoned(end)];
    await server.ended;
    for (const stop of unlisten) stop();
    return isTold ? EXIT.ok : EXIT.runFailed;
  },
});
