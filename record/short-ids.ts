/** @file The first digits of an id, as tables print them: enough for a person, never for what is signed. */

import { z } from "zod";

/** Fewer name too much. */
export const FEWEST_DIGITS = 8;

/** Of a full id, or all of it; lower case. */
export const ShortId = z.string().regex(new RegExp(`^[0-9a-f]{${FEWEST_DIGITS},64}$`));

export const isShortId = (text: string): boolean => ShortId.safeParse(text).success;
