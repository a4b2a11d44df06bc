/** @file A port that is listened on, and given back. */

import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  createServer,
} from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { HomeError } from "../../db/db.ts";
import { Refusal, problemDocument } from "../problem.ts";

/** Anything that answers requests, such as a Hono application. @param env what the connection is known by. */
export type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

/** Answers requests that name one host, as HTTP/1.1 has to. */
export function createHttpServer(fetch: Fetch): Server {
  return createAdaptorServer({
    fetch,
    hostname: "localhost", // of HTTP/1.0, which may name none
    serverOptions: { requireHostHeader: false }, // we say ourselves what is missing
    createServer: ((options: ServerOptions, answer: RequestListener) =>
      createServer(options, (incoming, outgoing) => {
        const fault = hostFault(incoming);
        if (fault === null) answer(incoming, outgoing);
        else refuse(outgoing, fault);
      })) as typeof createServer,
  }) as Server;
}

/** A name, or an address in brackets, and perhaps a port (RFC 9110 section 7.2). */
const HOST = /^(\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(:\d*)?$/i;

/** RFC 9112 section 3.2. Null for a request in order; HTTP/1.0 may do without. */
function hostFault({ rawHeaders, httpVersion }: IncomingMessage): string | null {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && /^host$/i.test(rawHeaders[i - 1]!));
  if (hosts.length > 1) return "The request has more than one Host field.";
  const [host] = hosts;
  if (host === undefined) return httpVersion === "1.0" ? null : "The request has no Host field.";
  if (HOST.test(host) && URL.canParse(`http://${host}`)) return null;
  return "The request's Host field names no host.";
}

/** What follows on the connection may be another's request, smuggled in: it is closed. */
function refuse(outgoing: ServerResponse, fault: string): void {
  const document = problemDocument(new Refusal("malformed-request", fault));
  outgoing.writeHead(document.status, {
    "content-type": "application/problem+json",
    connection: "close",
  });
  outgoing.end(JSON.stringify(document));
}

/** How long running requests may take once the server is told to end. */
const PATIENCE_MILLISECONDS = 10_000;

/** @returns the server's address. @throws HomeError for a port that cannot be had. */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, host, port)));
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${actual}`);
    });
  });
}

function portError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE")
    return new HomeError(`port ${port} of ${host} is taken: choose another with --port (0: any).`);
  if (error.code === "EACCES")
    return new HomeError(`port ${port} may not be used by this account: choose one from 1024 up.`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return new HomeError(`${host} is no address of this machine.`);
  return error;
}

/** Finishes requests. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => server.closeAllConnections(), PATIENCE_MILLISECONDS);
    server.close(() => {
      clearTimeout(patience);
      resolve();
    });
    server.closeIdleConnections();
  });
}
