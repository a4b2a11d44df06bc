/** @file Child processes that decode images: TensorFlow's calls block the training process, which could not do both. */

import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { systemErrorWords } from "../../setup/shared/system-error.mjs";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import type { ImageView } from "./image-batches.ts";

/** Images to decode, one a row. */
export interface DecoderRequest {
  root: string;
  /** Below the root. */
  paths: readonly string[];
  /** Of each image in its split: what its random view follows from, besides the key. */
  indices: Int32Array;
  /** Of random views; null for those of evaluation. */
  key: number | null;
  view: ImageView;
}

/**
 * Decodes in this process's decoders, which the first request starts; they end with this process.
 *
 * @returns uint8 [rows, height, width, 3].
 * @throws UserError for a file that is missing or not an image, and when a decoder dies.
 */
export function decodeImages(request: DecoderRequest): Promise<Uint8Array> {
  shared ??= new Decoders(decoderCount());
  return shared.decode(request);
}

let shared: Decoders | null = null;

/** TensorFlow, Node and images on their way, of one decoder; measured: 0.5 GiB. */
const DECODER_BYTES = 0.5 * 2 ** 30;

/** Memory of this process's decoders, less the share that each has answered. */
export const decodersBytes = (): number => decoderCount() * DECODER_BYTES;

/** One core is left to the process that trains. */
function decoderCount(): number {
  const threads = Number(process.env["TF_NUM_INTRAOP_THREADS"]) || availableParallelism();
  return Math.max(1, threads - 1);
}

/**
 * Requests are answered in their order, so the next may be made before the last is answered. Each process keeps one
 * answered share in memory until it is read.
 */
export class Decoders {
  #processes: readonly DecoderProcess[];

  constructor(count: number) {
    this.#processes = Array.from({ length: count }, () => new DecoderProcess());
  }

  get pids(): number[] {
    return this.#processes.map(({ pid }) => pid);
  }

  /**
   * Each process decodes neighbouring rows; all have answered when the first error by row is thrown. A process that died
   * fails the requests it had, and is replaced at the next.
   */
  async decode(request: DecoderRequest): Promise<Uint8Array> {
    this.#processes = this.#processes.map((each) => (each.died ? new DecoderProcess() : each));
    const { paths, indices, view } = request;
    const size = view.height * view.width * 3;
    const images = new Uint8Array(paths.length * size);
    const edge = (i: number) => Math.floor((i * paths.length) / this.#processes.length);
    const shares = this.#processes.map(async (decoder, i) => {
      const [from, to] = [edge(i), edge(i + 1)];
      if (from === to) return;
      const share = { paths: paths.slice(from, to), indices: indices.slice(from, to) };
      await decoder.decode({ ...request, ...share }, images.subarray(from * size, to * size));
    });
    for (const share of await Promise.allSettled(shares))
      if (share.status === "rejected") throw share.reason;
    return images;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((decoder) => decoder.close()));
  }
}

/** What a decoder writes before each answer: the bytes of an error in JSON as a big-endian uint32, 0 before pixels. */
export const HEADER_BYTES = 4;

export interface DecoderFailure {
  message: string;
  exitCode: ExitCode;
}

interface Waiting {
  into: Uint8Array;
  resolve(): void;
  reject(error: UserError): void;
}

const MODULE = fileURLToPath(new URL("./decoder-child.ts", import.meta.url));

class DecoderProcess {
  readonly #child: ChildProcess;
  readonly #pixels: Socket;
  readonly #errors: Socket;
  readonly #gone: Promise<void>;
  /** In the order of their requests, in which the process answers them. */
  readonly #waiting: Waiting[] = [];
  readonly #parts = this.#expected();
  #part = this.#parts.next().value;
  #filled = 0;
  #end: UserError | null = null;
  #lastOutput = "";

  constructor() {
    this.#child = fork(MODULE, [], {
      execArgv: [],
      env: { ...process.env, ...ENVIRONMENT },
      stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
      serialization: "advanced",
    });
    if (!this.#child.stderr) throw notStarted(this.#child);
    this.#pixels = this.#child.stdio[4] as Socket;
    this.#pixels.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#pixels.on("error", () => undefined); // its death shows in its exit
    this.#errors = this.#child.stderr as Socket;
    this.#errors.on("data", (bytes: Buffer) => {
      this.#lastOutput = (this.#lastOutput + bytes.toString()).slice(-2_000);
    });
    this.#gone = this.#untilGone();
    this.#child.channel?.unref();
    this.#keepAlive();
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get died(): boolean {
    return this.#end !== null;
  }

  decode(request: DecoderRequest, into: Uint8Array): Promise<void> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ into, resolve, reject });
      this.#keepAlive();
      this.#child.send(request);
    });
  }

  /** Whatever it does: nothing is lost with it. */
  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    this.#keepAlive(true);
    await this.#gone;
  }

  /** A process may end while its decoders are idle, but not while it waits for them. */
  #keepAlive(isAwaited = this.#waiting.length > 0): void {
    for (const each of [this.#child, this.#pixels, this.#errors])
      each[isAwaited ? "ref" : "unref"]();
  }

  #receive(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const taken = bytes.subarray(at, at + this.#part.length - this.#filled);
      this.#part.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
      if (this.#filled < this.#part.length) return;
      this.#filled = 0;
      this.#part = this.#parts.next().value;
    }
  }

  /** What the process sends, part by part: a part is asked for when the one before has been filled. */
  *#expected(): Generator<Uint8Array, never> {
    for (;;) {
      const header = Buffer.alloc(HEADER_BYTES);
      yield header;
      const failureBytes = header.readUInt32BE();
      const failure = Buffer.alloc(failureBytes);
      yield failureBytes > 0 ? failure : this.#waiting[0]!.into;
      const asked = this.#waiting.shift()!;
      this.#keepAlive();
      if (failureBytes > 0) asked.reject(errorOf(JSON.parse(failure.toString()) as DecoderFailure));
      else asked.resolve();
    }
  }

  /** An "error" of a process that has started is a request that came too late for it: its end follows. */
  #untilGone(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (error: UserError) => {
        this.#end ??= error;
        for (const asked of this.#waiting.splice(0)) asked.reject(this.#end);
        resolve();
      };
      this.#child.on("close", (code, signal) => finish(ended(code, signal, this.#lastOutput)));
      this.#child.on("error", ({ message }) => {
        if (this.#child.pid === undefined) finish(ended(null, null, message));
      });
    });
  }
}

/** One thread each, as there are several; no GPU, whose memory the training needs, and which would round otherwise. */
const ENVIRONMENT = {
  TF_NUM_INTRAOP_THREADS: "1",
  TF_NUM_INTEROP_THREADS: "1",
  OMP_NUM_THREADS: "1",
  CUDA_VISIBLE_DEVICES: "-1",
  TF_CPP_MIN_LOG_LEVEL: process.env["TF_CPP_MIN_LOG_LEVEL"] ?? "2",
};

/** When no more files can be opened, Node makes no streams; the process's error comes afterwards. */
function notStarted(child: ChildProcess): UserError {
  child.on("error", () => undefined);
  const refused = { code: "EMFILE", syscall: "spawn" };
  const words = systemErrorWords(refused, { place: "An image decoder" });
  return new UserError(words ?? "An image decoder cannot be started.", EXIT.runFailed);
}

const errorOf = ({ message, exitCode }: DecoderFailure) => new UserError(message, exitCode);

function ended(code: number | null, signal: string | null, lastOutput: string): UserError {
  const ending = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  const how = code === null && signal === null ? "did not start" : ending;
  const why = signal === "SIGKILL" ? " (out of memory, or killed by hand)" : "";
  const lines = lastOutput.trim().split("\n").slice(-8).join("\n  ");
  return new UserError(
    `An image decoder ${how}${why}; the run can be resumed, with fewer --threads or --jobs where memory is short` +
      `${lines && `. Its last output:\n  ${lines}`}`,
    EXIT.runFailed,
  );
}
