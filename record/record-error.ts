/** @file What a text or document of the record breaks, said so that a person can mend it. */

import type { z } from "zod";

/** Thrown by every parser in this folder; the edge that read the text says where it came from. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  /** Every broken rule, not just the first: `place: rule, got what`. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** One line per broken rule of a schema: `path.to.field: message`. */
export function schemaProblems(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => `${path.join(".") || "(top)"}: ${message}`);
}
