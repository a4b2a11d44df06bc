/** @file A request's body as JSON: counted on the wire and while it expands, read strictly. */

import type { ProblemName } from "../../record/answers/problem-document.ts";
import { type JsonFault, readStrictJson } from "../../record/strict-json.ts";
import type { Limits } from "../deployment.ts";
import { Refusal } from "../problem-answer.ts";

const NOT_READ = {
  malformed: "malformed-json",
  "duplicate-member": "duplicate-member",
  "too-deep": "too-deep",
} as const satisfies Record<JsonFault, ProblemName>;

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The length that the client declares is not trusted, and nothing beyond the limits is kept.
 *
 * @throws Refusal `unsupported-media-type`, `too-large`, `expands-too-far`, `malformed-request`, or one of `NOT_READ`.
 */
export async function readBody(
  request: Request,
  limits: Pick<Limits, "wireBytes" | "expandedBytes">,
): Promise<unknown> {
  const isGzip = checkHeaders(request.headers);
  if (Number(request.headers.get("content-length")) > limits.wireBytes)
    throw tooLarge(limits.wireBytes);
  const json = readStrictJson(await readBytes(request, isGzip, limits));
  if (!json.ok)
    throw new Refusal(NOT_READ[json.problem.code], "The body cannot be read.", [json.problem]);
  return json.value;
}

/** @returns whether the body is compressed. */
function checkHeaders(headers: Headers): boolean {
  const type = headers.get("content-type") ?? "";
  if (!JSON_TYPE.test(type.trim()))
    throw new Refusal("unsupported-media-type", "Send application/json in UTF-8.");
  const encoding = (headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding !== "gzip" && encoding !== "identity")
    throw new Refusal("unsupported-media-type", "Send it plain or with Content-Encoding: gzip.");
  return encoding === "gzip";
}

async function readBytes(
  { body }: Request,
  isGzip: boolean,
  { wireBytes, expandedBytes }: Pick<Limits, "wireBytes" | "expandedBytes">,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const wire = new ByteCounter(wireBytes, tooLarge);
  const expanded = new ByteCounter(expandedBytes, expandsTooFar);
  try {
    if (!isGzip) return await collect(body, wire);
    const counted = body.pipeThrough(wire.stream()) as ReadableStream<BufferSource>;
    return await collect(counted.pipeThrough(new DecompressionStream("gzip")), expanded);
  } catch {
    const breach = wire.breach ?? expanded.breach;
    if (breach) throw breach;
    const cause = isGzip ? "It is no whole gzip stream." : "It broke off.";
    throw new Refusal("malformed-request", `The body cannot be read. ${cause}`);
  }
}

function tooLarge(bytes: number): Refusal {
  return new Refusal("too-large", `At most ${bytes} bytes on the wire.`);
}

function expandsTooFar(bytes: number): Refusal {
  return new Refusal("expands-too-far", `At most ${bytes} bytes expanded.`);
}

/** Counts bytes; remembers when there were too many, as streams do not always pass on the error that broke them. */
class ByteCounter {
  breach: Refusal | null = null;
  readonly #most: number;
  readonly #refusal: (most: number) => Refusal;
  #seen = 0;

  constructor(most: number, refusal: (most: number) => Refusal) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /** @throws Refusal when the limit is exceeded. */
  count({ byteLength }: Uint8Array): void {
    this.#seen += byteLength;
    if (this.#seen <= this.#most) return;
    this.breach = this.#refusal(this.#most);
    throw this.breach;
  }

  stream(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (chunk, controller) => {
        this.count(chunk);
        controller.enqueue(chunk);
      },
    });
  }
}

async function collect(stream: ReadableStream<Uint8Array>, counter: ByteCounter) {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      counter.count(next.value);
      chunks.push(next.value);
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // stops the sender; its own failure says nothing new
    throw error;
  }
  return joined(chunks);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
