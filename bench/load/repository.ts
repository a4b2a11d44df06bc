/** @file Where this checkout is. */

import { fileURLToPath } from "node:url";

/** With a slash at its end. */
export const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
