/** @file The error for bytes that are not what they should be. */

import { ZodError } from "zod";
import { EXIT, UserError } from "../errors.ts";

/**
 * A file that breaks a rule of its format; ends the process with the exit code of a failed verification.
 *
 * @param place the file, as the user would look for it.
 * @param rule what must hold.
 * @param found what does instead.
 */
export function invalidFile(
  place: string,
  rule: string,
  found: string,
  cause?: unknown,
): UserError {
  return new UserError(`${place}: ${rule}; found ${found}`, EXIT.verification, { cause });
}

/** Runs a parser; whatever it throws at broken bytes becomes an error that names the file and the rule. */
export function orInvalid<T>(place: string, rule: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw invalidFile(place, rule, firstComplaint(error as Error), error);
  }
}

/** A schema may complain of every element of a long list. */
function firstComplaint(error: Error): string {
  const issue = error instanceof ZodError ? error.issues[0] : undefined;
  return issue ? `at ${issue.path.join(".") || "the top"}: ${issue.message}` : error.message;
}
