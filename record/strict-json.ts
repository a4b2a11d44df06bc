/**
 * @file JSON from bytes, where two readers could disagree refused (RFC 8259, as narrowed by RFC 7493, I-JSON).
 *
 * `JSON.parse` takes the last of two equal keys, rounds large integers and what is nearly whole, and lets lone
 * surrogates through, so what was signed and what is read could differ. No library in use refuses all of it and names the place.
 */

import { z } from "zod";
import { type Problem, jsonPointer, shown } from "./problem.ts";

interface JsonLimits {
  /** Levels of arrays and objects within each other. */
  depth: number;
  /** Most items of one array or object. */
  items: number;
  /** Most values in the whole document: a result under the longest published protocol has some 60,000. */
  values: number;
}

export const JSON_LIMITS: JsonLimits = { depth: 32, items: 100_000, values: 250_000 };

/** What a reader that took the text would get wrong. */
export type JsonFault = "malformed" | "duplicate-member" | "too-deep";

type StrictJson = { ok: true; value: unknown } | { ok: false; problem: Problem<JsonFault> };

/** The caller bounds the number of bytes. */
export function readStrictJson(bytes: Uint8Array, limits: JsonLimits = JSON_LIMITS): StrictJson {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const [rule, found] = ["UTF-8 text", "other bytes"];
    return { ok: false, problem: { code: "malformed", pointer: "", rule, found } };
  }
  try {
    return { ok: true, value: new Reader(text, limits).document() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, problem: error.problem };
  }
}

interface Diagnosis {
  /** What stands at this place, when that says too little. */
  found?: string;
  code?: JsonFault;
}

class Refusal extends Error {
  readonly problem: Problem<JsonFault>;

  constructor(problem: Problem<JsonFault>) {
    super(problem.rule);
    this.problem = problem;
  }
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;

/** Recursive descent over RFC 8259's grammar; `#path` is where it stands. */
class Reader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #path: (string | number)[] = [];
  #at = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): unknown {
    const value = this.#value();
    if (this.#at < this.#text.length) this.#refuse("nothing after the value");
    return value;
  }

  #value(): unknown {
    this.#take(SPACE);
    const first = this.#text[this.#at];
    if (this.#path.length >= this.#limits.depth && (first === "{" || first === "["))
      this.#refuse(`at most ${this.#limits.depth} levels`, { code: "too-deep" });
    if (++this.#values > this.#limits.values) this.#refuse(`at most ${this.#limits.values} values`);
    const value =
      first === "{"
        ? this.#object()
        : first === "["
          ? this.#array()
          : first === '"'
            ? this.#string()
            : this.#scalar();
    this.#take(SPACE);
    return value;
  }

  #object(): object {
    const members = new Map<string, unknown>();
    this.#list("}", () => {
      this.#take(SPACE);
      const key = this.#text[this.#at] === '"' ? this.#string() : this.#refuse("a member's name");
      this.#path.push(key);
      if (members.has(key))
        this.#refuse("every member once", { found: "a second one", code: "duplicate-member" });
      this.#take(SPACE);
      this.#expect(":");
      members.set(key, this.#value());
      this.#path.pop();
    });
    return Object.fromEntries(members); // own members, `__proto__` too
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#list("]", () => {
      this.#path.push(items.length);
      items.push(this.#value());
      this.#path.pop();
    });
    return items;
  }

  /** Items between commas, up to the closing bracket. */
  #list(end: string, item: () => void): void {
    this.#at += 1;
    this.#take(SPACE);
    for (let count = 1; this.#text[this.#at] !== end; count++) {
      if (count > this.#limits.items) this.#refuse(`at most ${this.#limits.items} items`);
      if (count > 1) this.#expect(",");
      item();
    }
    this.#at += 1;
  }

  #string(): string {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"')
      end += this.#text[end] === "\\" ? 2 : 1;
    const token = this.#text.slice(this.#at, end + 1);
    let value;
    try {
      value = JSON.parse(token) as string; // checks escapes and control characters
    } catch {
      return this.#refuse("a string");
    }
    if (!value.isWellFormed()) this.#refuse("no lone surrogate", { found: "a string with one" });
    this.#at = end + 1;
    return value;
  }

  #scalar(): unknown {
    const word = this.#take(WORD);
    if (word !== "") return JSON.parse(word);
    const start = this.#at;
    const token = this.#take(NUMBER);
    this.#at = start; // a refusal shows the number
    if (token === "") this.#refuse("a JSON value");
    const value = Number(token);
    if (Object.is(value, -0)) this.#refuse("no negative zero");
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) this.#refuse("at most 2^53 - 1");
    if (Number.isInteger(value) && !isWhole(token)) this.#refuse("no digits lost to rounding");
    this.#at += token.length;
    return value;
  }

  /** What a sticky pattern matches here, possibly nothing. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += token.length;
    return token;
  }

  #expect(mark: string): void {
    if (this.#text[this.#at] !== mark) this.#refuse(`${mark} here`);
    this.#at += 1;
  }

  #refuse(
    rule: string,
    {
      found = shown(this.#text.slice(this.#at, this.#at + 40)),
      code = "malformed",
    }: Diagnosis = {},
  ): never {
    throw new Refusal({ code, pointer: jsonPointer(this.#path), rule, found });
  }
}

const PARTS = /^-?(\d+)(?:\.(\d+))?(?:[eE](.+))?$/;

/** Is the JSON number written a whole one, in whatever form? `1.20e1` is, `1e-400` is not, though its double is zero. */
function isWhole(token: string): boolean {
  const [, whole = "", fraction = "", exponent = "0"] = PARTS.exec(token) ?? [];
  const digits = whole + fraction;
  let last = digits.length;
  while (last > 0 && digits[last - 1] === "0") last -= 1;
  return last === 0 || last - whole.length <= Number(exponent);
}

/** A number in an address: digits alone, without sign, space, point, exponent or leading zero. */
export function digits(least: number, most: number) {
  return z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}
