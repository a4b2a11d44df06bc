/** @file An error and its causes: Drizzle wraps the errors of drivers, and drivers wrap those of the network. */

const DEEPEST = 5;

/** The outermost first, under whatever name a driver gives the cause. */
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
