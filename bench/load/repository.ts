/** @file Where this checkout is. */

import { fileURLToPath } from "node:url";

/** The path of the checkout, with a trailing slash. */
export const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
