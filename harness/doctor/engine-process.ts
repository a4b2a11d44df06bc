/** @file A process that loads TensorFlow for the doctor; it may fail, crash or hang. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { threadEnvironment } from "../study/pool.ts";
import type { Answers, FromEngine, Library, Question } from "./engine-questions.ts";

export type Outcome<T> = { ok: true; value: T } | { ok: false; words: string };

type Env = Readonly<Record<string, string | undefined>>;

const MODULE = fileURLToPath(new URL("./engine-child.ts", import.meta.url));
const TIMEOUT_MS = 120_000;

/** Why a process is usually ended by this signal. */
const REASONS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: " (out of memory, or killed by hand)",
  SIGILL: " (this processor lacks an instruction that the library uses)",
};

export class EngineProcess {
  /** What the library reports once it is loaded, or why it did not load. */
  readonly library: Promise<Outcome<Library>>;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  #settle: ((outcome: Outcome<unknown>) => void) | null = null;
  #end: { ok: false; words: string } | null = null;
  #printed = "";

  /** The number of threads is that of a run without --threads. */
  constructor(env: Env) {
    this.#child = fork(MODULE, [], {
      execArgv: [],
      env: { ...env, ...threadEnvironment(availableParallelism(), env), TF_CPP_MIN_LOG_LEVEL: "0" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.#printed += text));
    this.#child.on("message", (message) => this.#onMessage(message as FromEngine));
    this.#closed = this.#untilExit();
    this.library = this.#nextOutcome() as Promise<Outcome<Library>>;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#end === null;
  }

  /** What the library and the process printed. */
  get printed(): string[] {
    return this.#printed.split("\n").filter((line) => line.trim() !== "");
  }

  /** Asks one question at a time, after `library` has settled. */
  async ask<A extends Question["ask"]>(
    question: Extract<Question, { ask: A }>,
  ): Promise<Outcome<Answers[A]>> {
    if (this.#end) return this.#end;
    const answer = this.#nextOutcome();
    this.#child.send(question, (error) => error && this.#child.kill("SIGKILL"));
    return answer as Promise<Outcome<Answers[A]>>;
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#closed;
  }

  /** The next message, or the process's end; a process that hangs is killed. */
  #nextOutcome(): Promise<Outcome<unknown>> {
    const { promise, resolve } = Promise.withResolvers<Outcome<unknown>>();
    const timeout = setTimeout(() => {
      this.#finish(`no answer within ${TIMEOUT_MS / 1000} s`);
      this.#child.kill("SIGKILL");
    }, TIMEOUT_MS);
    this.#settle = (outcome) => {
      clearTimeout(timeout);
      this.#settle = null;
      resolve(outcome);
    };
    return promise;
  }

  #onMessage(message: FromEngine): void {
    if (message.type === "refused") this.#settle?.({ ok: false, words: oneLine(message.words) });
    else if (message.type === "loaded") this.#settle?.({ ok: true, value: message.library });
    else this.#settle?.({ ok: true, value: message.answer });
  }

  /** Node does not emit "close" once the parent has disconnected, so its parts are awaited. */
  async #untilExit(): Promise<void> {
    const { stdout, stderr } = this.#child;
    const closed = [stdout!, stderr!].map((stream) => once(stream, "close"));
    const [code, signal] = (await once(this.#child, "exit")) as [number, NodeJS.Signals | null];
    await Promise.all(closed);
    this.#finish(signal ? `ended by ${signal}${REASONS[signal] ?? ""}` : `exit code ${code}`);
  }

  #finish(how: string): void {
    this.#end ??= { ok: false, words: oneLine([how, ...this.printed.slice(-2)].join(": ")) };
    this.#settle?.(this.#end);
  }
}

const oneLine = (words: string) => words.replace(/\s+/g, " ").trim();
