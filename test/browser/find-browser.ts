/** @file The browser that tests are run in; without one they are skipped, by name. */

import { findBrowser } from "../../setup/tests.mjs";

/** Of a Chromium: RADEMARK_BROWSER, else the machine's; null when there is none. */
export const browserPath: string | null = findBrowser(process.env) as string | null;
