/** @file Text that strangers send and others read. */

import { z } from "zod";

/** Printable ASCII: names of machines and versions. */
export const Line = z
  .string()
  .regex(/^[ -~]+$/)
  .max(200);

/** Unassigned, control, bidi and zero-width characters (general category C) and other line breaks. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;

/** A reason in any script, one line; NFC, so that equal texts are equal bytes. */
export const Reason = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !UNSEEN.test(text) && text === text.normalize("NFC").trim(), {
    message: "one line in Unicode's form NFC, without control or invisible characters",
  });

const SOURCE_BYTES = 65_536;

/** Source text of a custom architecture: at most 64 kB of UTF-8. */
export const SourceText = z
  .string()
  .min(1)
  .max(SOURCE_BYTES)
  .refine((text) => new TextEncoder().encode(text).length <= SOURCE_BYTES, {
    message: "at most 65536 bytes of UTF-8",
  });
