/** @file An error and what is beneath it: Drizzle wraps what drivers throw, and drivers what they met. */

const DEEPEST = 5;

/** The outermost first; by whichever name a driver gives the next one. */
export function errorChain(error: unknown): unknown[] {
  const chain = [error];
  while (chain.length < DEEPEST) {
    const { cause, sourceError } = Object(chain.at(-1)) as Record<string, unknown>;
    const next = cause ?? sourceError;
    if (next === undefined || next === null) break;
    chain.push(next);
  }
  return chain;
}
