/** @file Headers of every answer of the API: what browsers may do with it. */

import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { MiddlewareHandler } from "hono";

/** Pages of the API have a style sheet and nothing else. */
export const securityHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "strict-origin-when-cross-origin",
  crossOriginResourcePolicy: "cross-origin", // badges and exports are for other sites
  strictTransportSecurity: false, // a matter of who terminates TLS; the local server has none
  xFrameOptions: "DENY",
  xPermittedCrossDomainPolicies: false,
  xDownloadOptions: false,
  xDnsPrefetchControl: false,
  originAgentCluster: false,
});

const preflight = cors({
  origin: "*",
  allowMethods: ["GET", "HEAD"],
  allowHeaders: ["if-none-match"],
  maxAge: 86_400,
});

/**
 * Everybody may read, no credentials; writes are for clients that are no web pages of others.
 *
 * The two headers of an answer are set once it is there: `hono/cors` sets them before, and then Hono copies every body
 * into the response it began: garbage whose collection one reader in twenty waited for.
 */
export const crossOrigin: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "OPTIONS") return preflight(c, next);
  await next();
  if (c.req.method !== "GET" && c.req.method !== "HEAD") return;
  c.res.headers.set("access-control-allow-origin", "*");
  c.res.headers.set("access-control-expose-headers", "etag,age,warning,retry-after");
};
