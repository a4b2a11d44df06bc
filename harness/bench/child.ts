/** @file A contestant: a long-lived process that answers one JSON line with one JSON line. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Answers, Question } from "./questions.ts";

/** Of a process that dies, its last words are kept for the message. */
const LAST_WORDS = 2000;

export interface Start {
  /** As the messages call it. */
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

export class Child {
  readonly name: string;
  /** What the process said of itself first: versions. */
  hello: Readonly<Record<string, string>> = {};
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #lastWords = "";

  private constructor({ name, command, args, env }: Start) {
    this.name = name;
    this.#process = spawn(command, args, { env, stdio: "pipe" });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    this.#process.stdin.on("error", () => undefined); // its death is told by the missing answer
    this.#process.on("error", (error) => (this.#lastWords += error.message));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns when it is ready for questions. */
  static async start(start: Start): Promise<Child> {
    const child = new Child(start);
    child.hello = (await child.#next()) as Record<string, string>;
    return child;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** One question at a time. @throws Error when the process dies over it. */
  async ask<K extends Question["ask"]>(question: Extract<Question, { ask: K }>) {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return (await this.#next()) as Answers[K];
  }

  async #next(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done !== true) return JSON.parse(line.value);
    throw new Error(`the benchmark's ${this.name} process died:\n${this.#lastWords}`);
  }

  /** Ends the process and waits for it. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "close");
    this.#process.stdin.end();
    this.#process.kill();
    await gone;
  }
}
