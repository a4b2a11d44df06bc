/** @file What a callback of `finally` returns is waited for, which TypeScript's own declaration leaves out. */

interface Promise<T> {
  finally(callback?: (() => void | PromiseLike<unknown>) | null): Promise<T>;
}
