/** @file A port that is listened on, and given back. */

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HomeError } from "../../db/home/home-error.ts";

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
