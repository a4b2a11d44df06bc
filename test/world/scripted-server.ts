/** @file A server that answers as it is told, one answer after the other, and remembers what it was asked. */

import { type IncomingHttpHeaders, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { PROBLEMS, type ProblemName, problemType } from "../../record/answers/problem-document.ts";

export interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

export interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export const ok = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) });

export function problem(
  name: ProblemName,
  errors: { pointer: string; rule: string; found: string }[] = [],
  headers: Record<string, string> = {},
): Answer {
  const [status, title] = PROBLEMS[name];
  const document = { type: problemType(name), title, status, detail: "Just so.", errors };
  return { status, body: JSON.stringify(document), headers };
}

/** The last answer is given again and again; null hangs up without one. */
export async function scriptedServer(answers: readonly (Answer | null)[]) {
  const asked: Asked[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const isGzip = request.headers["content-encoding"] === "gzip";
      const body = (isGzip ? gunzipSync(bytes) : bytes).toString();
      const { method = "", url = "", headers } = request;
      const answer = answers[Math.min(asked.length, answers.length - 1)]!;
      asked.push({ method, url, headers, body });
      if (answer === null) return request.socket.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { api: `http://127.0.0.1:${port}`, asked, close };
}
