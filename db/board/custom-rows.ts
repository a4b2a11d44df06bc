/** @file Rows with custom code, told by their names: no other name has `custom:` in it (method.md section 6). */

import { type SQL, sql } from "drizzle-orm";
import { entries } from "../schema.ts";

/** Of an entry: has it an architecture or a regularizer from somebody's own file? */
export const hasCustomCode: SQL<boolean> = sql`(strpos(${entries.arch}, 'custom:') > 0 or strpos(${entries.regs}, 'custom:') > 0)`;
