/** @file A moment for others in the middle of a long computation. */

/** Requests that wait are answered before it resolves. */
export function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
