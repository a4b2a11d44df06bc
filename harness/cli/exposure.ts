/** @file A server that others can reach, and what its holder has to know then. */

import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** Reached from this machine alone? */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  return isIP(host) !== 0 && loopback.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
}

/** @param env of the server: says whether a proxy is in front of it. */
export function exposure(env: Readonly<Record<string, string | undefined>>): string {
  const quotas =
    env.RADEMARK_PROXY === "yes"
      ? "RADEMARK_PROXY=yes counts quotas by what X-Forwarded-For says last: let only your proxy reach this " +
        "port, or anybody can write that header."
      : "Quotas count by the address a connection comes from: behind a proxy all people share one, unless " +
        "RADEMARK_PROXY=yes is set.";
  const lifted = env.RADEMARK_LIMITS === "off" ? " RADEMARK_LIMITS=off: there are no quotas." : "";
  return (
    "other machines can reach this server, unencrypted. Put a web server with TLS in front of it " +
    `(docs/hosting.md). ${quotas}${lifted}`
  );
}
