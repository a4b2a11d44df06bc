/** @file Text that strangers send and others read. */

import { z } from "zod";

/** Printable ASCII: names of machines and versions. */
export const Line = z
  .string()
  .regex(/^[ -~]+$/)
  .max(200);

/**
 * Control, format (bidi, zero-width), surrogate and private characters, line breaks, and what shows nothing though it
 * is a letter, a mark or a symbol. Not category Cn: what is unassigned differs between runtimes, and a statement must
 * not be valid in one alone.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;

/** A reason in any script, one line; NFC, so that equal texts are equal bytes. */
export const Reason = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !UNSEEN.test(text) && text === text.normalize("NFC").trim(), {
    message: "one line in Unicode's form NFC, without control or invisible characters",
  });

const SOURCE_BYTES = 65_536;

/** Controls other than tab and line feed, halves of surrogate pairs, and what makes source read otherwise than it runs. */
const MISLEADING = /(?![\t\n])\p{Cc}|[\p{Cs}\p{Bidi_Control}]/u;

/** Source text of a custom architecture: at most 64 kB of UTF-8. */
export const SourceText = z
  .string()
  .min(1)
  .max(SOURCE_BYTES)
  .refine((text) => new TextEncoder().encode(text).length <= SOURCE_BYTES, {
    message: "at most 65536 bytes of UTF-8",
  })
  .refine((text) => !MISLEADING.test(text), {
    message: "no control character but tab and line feed, no bidi control",
  });
