/** @file How code of a researcher's own is named: `custom:NAME@DIGEST8`, so that no name passes for another's (method.md section 6). */

import { z } from "zod";

export const CUSTOM_FORM = "custom:NAME@DIGEST8";

/** The member `kind` of what is named so keeps it apart from everything that has a name of its own. */
export const CustomName = z.strictObject({
  /** Chosen by its author: words of small letters and digits, joined by single dashes. */
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(32),
  /** The first eight digits of the source's SHA-256. */
  digest: z.string().regex(/^[0-9a-f]{8}$/),
});

export type CustomName = z.infer<typeof CustomName>;

export function customName({ name, digest }: CustomName): string {
  return `custom:${name}@${digest}`;
}

/**
 * Reads a name in any case; null for a text that is not of this form.
 *
 * @example parseCustomName("custom:my-net@0123abcd") // { name: "my-net", digest: "0123abcd" }
 */
export function parseCustomName(text: string): CustomName | null {
  const [, name, digest] = /^custom:([^@]*)@(.*)$/.exec(text.toLowerCase()) ?? [];
  const parsed = CustomName.safeParse({ name, digest });
  return parsed.success ? parsed.data : null;
}

/**
 * What a file's code is called: its name without ending, in small letters, everything else as dashes.
 *
 * @example nameOfFile("My Net_2.ts") // "my-net-2"
 * @returns null where nothing is left.
 */
export function nameOfFile(file: string): string | null {
  const name = file
    .replace(/\.[^.]*$/, "")
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 32)
    .replace(/^-+|-+$/g, "");
  return name || null;
}
