/**
 * @file A program: named functions over shared variables.
 *
 * A function's body is plain tfjs plus a `Scope`, its only access to variables. The same body runs in two ways:
 * recorded once into a TensorFlow graph (`recordProgram`), or eagerly at every call (`runEagerly`), which is slow,
 * obvious, and the reference that tests compare against.
 *
 * @example
 * const program = new Program();
 * const total = program.variable("total", []);
 * program.define("add", { x: { shape: [], dtype: "float32" } }, ({ x }, scope) => {
 *   scope.add(total, x!);
 *   return { total: scope.read(total) };
 * });
 * const session = recordProgram(program);
 * session.write(total, Float32Array.of(40));
 * session.run("add", { x: Float32Array.of(2) }); // { total: Float32Array [42] }
 */

import { type StoredType, type Tensor, type Values, requireStored } from "./tensorflow.ts";
import type { AdamStep } from "./ops/adam.ts";

export interface Variable {
  /** Unique in its program, e.g. `trunk/dense1/weights`; the key in a checkpoint. */
  readonly name: string;
  /** -1: any size along this axis, fixed by the first write. */
  readonly shape: readonly number[];
  readonly dtype: StoredType;
}

export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype: StoredType;
}

/** What a body may do to variables. A read sees every write before it in the body, and none after it. */
export interface Scope {
  read(variable: Variable): Tensor;
  assign(variable: Variable, value: Tensor): void;
  /** variable += value. */
  add(variable: Variable, value: Tensor): void;
  /** velocity = momentum * velocity + gradient; variable -= rate * velocity. `rate`: scalar tensor. */
  momentum(
    variable: Variable,
    velocity: Variable,
    update: { rate: Tensor; gradient: Tensor; momentum: number },
  ): void;
  /** m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; variable -= rate * m / (sqrt(v) + epsilon). See `adamStep`. */
  adam(
    variable: Variable,
    moments: readonly [m: Variable, v: Variable],
    gradient: Tensor,
    step: AdamStep,
  ): void;
}

export type Tensors = Readonly<Record<string, Tensor>>;
export type Body = (inputs: Tensors, scope: Scope) => Tensors;

export interface ProgramFunction {
  readonly name: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly body: Body;
}

export class Program {
  readonly variables: Variable[] = [];
  readonly functions = new Map<string, ProgramFunction>();
  readonly #names = new Set<string>();

  /** @throws Error when the name is taken or has a character with a meaning in graphs, or the type cannot be stored. */
  variable(name: string, shape: readonly number[], dtype: StoredType = "float32"): Variable {
    if (!/^[\w./-]+$/.test(name)) throw new Error(`invalid variable name ${JSON.stringify(name)}`);
    if (this.#names.has(name)) throw new Error(`variable ${name} exists`);
    requireStored(`variable ${name}`, dtype);
    this.#names.add(name);
    const variable = { name, shape, dtype };
    this.variables.push(variable);
    return variable;
  }

  /** @throws Error for an input of a type that cannot be fed. */
  define(name: string, inputs: Readonly<Record<string, InputSpec>>, body: Body): void {
    for (const [key, { dtype }] of Object.entries(inputs))
      requireStored(`input ${key} of ${name}`, dtype);
    this.functions.set(name, { name, inputs, body });
  }
}

/** The arguments of `Session.write`. */
export type WriteEntry = readonly [variable: Variable, values: Values, shape?: readonly number[]];

/** A program whose variables hold values. */
export interface Session {
  /** Calls a function. Feeds are read before it returns; the outputs belong to the caller. */
  run(name: string, feeds?: Readonly<Record<string, Values>>): Record<string, Values>;
  read(variables: readonly Variable[]): Values[];
  /** @param shape only for a variable with an open axis. */
  write(variable: Variable, values: Values, shape?: readonly number[]): void;
  /** Many writes in one call, which a recorded session does much faster than one by one. */
  writeAll(entries: readonly WriteEntry[]): void;
  /** Frees the variables; a second call does nothing. */
  close(): void;
}
