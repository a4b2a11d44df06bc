/** @file Functions that tfjs-node 4.22 calls and newer Nodes removed (23) or warn about. Import this before tfjs-node. */

import { createRequire } from "node:module";

// The CommonJS object, because the ES module view of a built-in cannot be extended.
const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
util["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
util["isArray"] = Array.isArray;
