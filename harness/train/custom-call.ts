/** @file Calls functions of a researcher's own: without chance, and with errors that name file, line and operation. */

import { UserError } from "../errors.ts";
import { backend, executor, tf, type Tensor, type NativeAttribute } from "../engine/tensorflow.ts";

/** A module, by its name in messages and its address in stacks. */
export interface Place {
  file: string;
  url: string;
}

/**
 * Calls what makes a trunk.
 *
 * @param what such as `while it built its trunk`.
 * @throws UserError in place of whatever it throws.
 */
export function callToBuild<T>(place: Place, what: string, body: () => T): T {
  return explained(place, what, () => withoutChance(place, body));
}

/** Calls what computes: no value can be read there, as a recorded graph has none yet. */
export function callToCompute<T>(place: Place, what: string, body: () => T): T {
  return explained(place, what, () =>
    withoutChance(place, () => withoutReading(place, () => namingOperations(body))),
  );
}

function explained<T>(place: Place, what: string, body: () => T): T {
  try {
    // The author's line may lie below many of tfjs's.
    return replacing([[Error, "stackTraceLimit", 100]], body);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw customError(place, what, error);
  }
}

/** @returns an error for people: `./my-net.ts:12: what went wrong (while it was loaded)`. */
export function customError(place: Place, what: string, error: unknown): UserError {
  const message = error instanceof Error ? error.message : String(error);
  const told = message.replace(/Invalid TF_Status: \d+\s*Message: /, "").trim();
  const name = error instanceof Error && error.name !== "Error" ? `${error.name}: ` : "";
  const hint = HINTS.find(([pattern]) => pattern.test(told))?.[1] ?? "";
  return new UserError(`${whereIn(place, error)}: ${name}${told} (${what}).${hint}`, undefined, {
    cause: error,
  });
}

const HINTS: readonly [RegExp, string][] = [
  [
    /^(require|module|exports) is not defined/,
    " It is an ES module: it has import and export, not require and module.exports.",
  ],
  [
    /strip-only mode/,
    " Types are removed, not compiled: no enum, namespace or parameter property.",
  ],
  [/gradient function not found|Cannot compute gradient/, " Use operations that have a gradient."],
  [
    /^invalid variable name/,
    " Names of parameters and layers have letters, digits, dots, dashes, underscores and slashes.",
  ],
  [/is disposed/, " A tensor lives for one forward pass: make it again in each."],
  [/^variable .* exists$/, " Every parameter needs a name of its own."],
];

/** `./my-net.ts:12`: the innermost place in the author's own file. */
function whereIn({ file, url }: Place, error: unknown): string {
  const { line, stack = "" } = (error ?? {}) as { line?: number; stack?: string };
  const at = stack.indexOf(`${url}:`);
  const found = at < 0 ? undefined : /^:(\d+)/.exec(stack.slice(at + url.length))?.[1];
  const number = line ?? found;
  return number === undefined ? file : `${file}:${number}`;
}

/** A run is a function of its seed, so nothing in it may ask a clock or throw dice. */
export function withoutChance<T>(place: Place, body: () => T): T {
  const refuse = (what: string) => (): never => {
    const { stack } = new Error();
    throw new UserError(
      `${whereIn(place, { stack })}: it uses ${what}, so a repeated run would not be the same. ` +
        "Initial weights are drawn from the seed; for random numbers in a forward pass there is pass.noise(shape).",
    );
  };
  const { Date: RealDate } = globalThis;
  const dateless = new Proxy(RealDate, {
    construct: (target, args: [number]) =>
      args.length > 0 ? new target(...args) : refuse("new Date()")(),
    apply: refuse("Date()"),
    get: (target, key): unknown =>
      key === "now" ? refuse("Date.now()") : Reflect.get(target, key),
  });
  return replacing(
    [
      [Math, "random", refuse("Math.random(), itself or within an operation of tf")],
      [performance, "now", refuse("performance.now()")],
      [crypto, "getRandomValues", refuse("crypto.getRandomValues()")],
      [crypto, "randomUUID", refuse("crypto.randomUUID()")],
      [globalThis, "Date", dateless],
    ],
    body,
  );
}

function withoutReading<T>(place: Place, body: () => T): T {
  const refuse = (): never => {
    const { stack } = new Error();
    throw new UserError(
      `${whereIn(place, { stack })}: it reads the values of a tensor. Training is recorded once as a graph, ` +
        "before there are any: compute with operations of tf instead (tf.where in place of if).",
    );
  };
  const { prototype } = tf.Tensor;
  return replacing(
    (["dataSync", "data", "bytes", "buffer"] as const).map((key) => [prototype, key, refuse]),
    body,
  );
}

/** An operation that fails says which it was, and what shapes it was given. */
function namingOperations<T>(body: () => T): T {
  type Run = (op: string, attributes: NativeAttribute[], inputs: Tensor[], n: number) => unknown;
  const naming = (run: Run): Run => {
    return (op, attributes, inputs, outputs) => {
      try {
        return run.call(backend, op, attributes, inputs, outputs);
      } catch (error) {
        if (!(error instanceof Error) || error.message.startsWith(`${op} of `)) throw error;
        const shapes = inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ");
        error.message = `${op} of ${shapes}: ${error.message}`;
        throw error;
      }
    };
  };
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  return replacing(
    [
      [backend, "executeSingleOutput", naming(executeSingleOutput as Run)],
      [backend, "executeMultipleOutputs", naming(executeMultipleOutputs as Run)],
      [executor, "execute", naming(executor.execute as Run)],
    ],
    body,
  );
}

/** Code that is not typed may return anything. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof tf.Tensor;
}

/** Runs `body`, perhaps until its promise settles, with other members in objects. */
function replacing<T>(changes: readonly [object, string, unknown][], body: () => T): T {
  const own = changes.map(([object, key]) => Object.getOwnPropertyDescriptor(object, key));
  const restore = () => {
    for (const [i, [object, key]] of changes.entries())
      if (own[i]) Object.defineProperty(object, key, own[i]);
      else delete (object as Record<string, unknown>)[key];
  };
  for (const [object, key, value] of changes)
    Object.defineProperty(object, key, { value, configurable: true, writable: true });
  let result: T;
  try {
    result = body();
  } catch (error) {
    restore();
    throw error;
  }
  if (!(result instanceof Promise)) {
    restore();
    return result;
  }
  return result.finally(restore) as T;
}
