/** @file `npm run site:check`: types of the site's pages and components. */

import "./node-floor.mjs";
import { checkSite } from "./site.mjs";
import { enter } from "./entry.mjs";
import { prepare } from "./prepare.mjs";

await enter(async (effects) => checkSite(await prepare(effects, ["pages", "tests"])));
