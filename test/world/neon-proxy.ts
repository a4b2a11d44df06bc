/** @file What Neon has before its databases, before any PostgreSQL: WebSocket at /v1, HTTP at /sql. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import pg from "pg";
import { createWebSocketStream, WebSocketServer } from "ws";

export interface NeonProxy {
  /** `ADDRESS:PORT` */
  host: string;
  /** WebSockets opened so far; single reads over HTTP are none. */
  sockets: () => number;
  /** Breaks every connection in the middle of whatever it carries. */
  cut: () => void;
  /** From now on single reads are answered with this status, as while Neon's compute does not start; null: no more. */
  fail: (status: number | null) => void;
  stop: () => Promise<void>;
}

interface Query {
  query: string;
  params?: unknown[];
}

/** @param url of the server; which database, each connection says itself. */
export async function startNeonProxy(url: string): Promise<NeonProxy> {
  const { hostname, port } = new URL(url);
  let failure: number | null = null;
  const http = createServer((request, response) => {
    if (failure === null) return void answer(request, response, url);
    request.resume();
    response.writeHead(failure).end("compute node is not running");
  });
  const sockets = new WebSocketServer({ server: http, path: "/v1", perMessageDeflate: false });
  let opened = 0;
  sockets.on("connection", (socket) => {
    opened += 1;
    const server = connect(Number(port), hostname).setNoDelay(true);
    const stream = createWebSocketStream(socket);
    stream.pipe(server).pipe(stream);
    stream.on("error", () => server.destroy());
    server.on("error", () => socket.terminate());
    socket.on("close", () => server.destroy());
    server.on("close", () => socket.close());
  });
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const cut = () => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve());
      cut();
    });
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const fail = (status: number | null) => void (failure = status);
  return { host, sockets: () => opened, cut, fail, stop };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
): Promise<void> {
  const reply = (status: number, value: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  const target = new URL(String(request.headers["neon-connection-string"]));
  target.host = new URL(url).host; // the driver leaves the port out
  const client = new pg.Client({ connectionString: target.href });
  try {
    const query = JSON.parse(await text(request)) as Query;
    await client.connect();
    reply(200, await run(client, query, request.headers["neon-array-mode"] === "true"));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    reply(400, { code, message });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** One query with its values as PostgreSQL writes them: the driver reads them itself. */
async function run(client: pg.Client, { query, params = [] }: Query, isArray: boolean) {
  const types = {
    getTypeParser: () => (value: string) => value,
  } as unknown as pg.CustomTypesConfig;
  const options = { text: query, values: params, types };
  const { command, rowCount, rows, fields } = isArray
    ? await client.query({ ...options, rowMode: "array" as const })
    : await client.query(options);
  return { command, rowCount, rows, fields, rowAsArray: isArray };
}
