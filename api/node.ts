/** @file `node api/node.ts COMMAND`: loads the program in half the time that Node takes by itself. */

import { registerHooks } from "node:module";

/**
 * To learn that a file of a package is a module, Node 24 reads the package's description each time, and parses all exports
 * in it: drizzle-orm's are 180 kB, and it has hundreds of files. They are modules, and import one another by their names.
 */
const DATABASE_LIBRARY = /\/node_modules\/drizzle-orm\/.*\.js$/;

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = "" } = context;
    if (!specifier.startsWith(".") || !DATABASE_LIBRARY.test(parentURL))
      return next(specifier, context);
    return { url: new URL(specifier, parentURL).href, format: "module", shortCircuit: true };
  },
});

await import("./node/command-line.ts");
