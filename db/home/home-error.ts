/** @file What keeps a home from opening, said so that a person can mend it; printed without a stack trace. */

export class HomeError extends Error {
  override readonly name = "HomeError";
}
