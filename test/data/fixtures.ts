/** @file A folder and a server for one test. */

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rademark-data-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What a path answers: bytes, a status, or a part of what it promises, then the end or nothing. */
export type Answer =
  | Uint8Array
  | number
  | { cutAfter: number; of: Uint8Array }
  | { hangAfter: number; of: Uint8Array };

/** A server on this machine for one test. @returns its address, and the paths that were asked for. */
export async function serve(answers: Record<string, Answer>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(path);
    const answer = answers[path] ?? 404;
    if (typeof answer === "number") return response.writeHead(answer).end();
    if (answer instanceof Uint8Array) return response.end(answer);
    response.writeHead(200, { "content-length": answer.of.length });
    if ("hangAfter" in answer) response.write(answer.of.subarray(0, answer.hangAfter));
    else response.write(answer.of.subarray(0, answer.cutAfter), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}
