/** @file The API as a Cloudflare Worker; the site's files are served beside it (`wrangler.toml`). */

import type { ExecutionContext, ScheduledController } from "@cloudflare/workers-types";
import { OperatorError } from "../db/db.ts";
import { useNeonProxy } from "../db/stores/open-neon.ts";
import { createApp } from "./app.ts";
import type { SitePage } from "./deployment.ts";
import { reported } from "./reported.ts";
import { keeperOf, readSettings } from "./server-settings.ts";
import { upkeep } from "./accept/expire-challenges.ts";
import { type WorkerSettings, createWorkerDeployment } from "./worker-deployment.ts";

type Secrets = Record<string, unknown>;

/** What the app's context carries besides the secrets. */
interface Bindings {
  settings: WorkerSettings;
  /** The site's files. */
  assets: Assets | undefined;
}

type Assets = { fetch(address: string): Promise<Response> };

const report = (error: unknown) => console.error(reported(error)); // oxlint-disable-line no-console -- a Worker's log

const app = createApp((c) => {
  const { settings, assets } = c.env as Bindings;
  const sitePage = async (address: SitePage) => {
    const page = await assets?.fetch(new URL(address, c.req.url).href);
    return page?.ok ? page.text() : null;
  };
  const address = c.req.header("cf-connecting-ip") ?? null; // set by Cloudflare, whatever the client sent
  return createWorkerDeployment(
    settings,
    address,
    (work) => c.executionCtx.waitUntil(work),
    report,
    sitePage,
  );
}, report);

let settings: WorkerSettings | undefined;

/**
 * The settings cannot change during the life of an isolate. Their value is kept, not a promise of it, as a request may
 * not wait for what another request began.
 */
async function settingsOf(secrets: Secrets): Promise<WorkerSettings> {
  return (settings ??= await readWorkerSettings(secrets));
}

async function readWorkerSettings(secrets: Secrets): Promise<WorkerSettings> {
  const { databaseUrl, seed, origin, operators } = readSettings(secrets);
  if (databaseUrl === null) throw new OperatorError("DATABASE_URL is missing");
  if (seed === null) throw new OperatorError("RADEMARK_LOG_SEED is missing");
  if (origin === null) throw new OperatorError(ORIGIN_MISSING);
  if (typeof secrets.RADEMARK_NEON_PROXY === "string") useNeonProxy(secrets.RADEMARK_NEON_PROXY);
  return { databaseUrl, keeper: await keeperOf(seed, origin), operators };
}

/** A log that began under its key's name could never be renamed. */
const ORIGIN_MISSING =
  "RADEMARK_LOG_ORIGIN is empty: write the log's name, such as rademark.example/log, into wrangler.toml before the " +
  "first entry; it never changes.";

export default {
  async fetch(request: Request, secrets: Secrets, context: ExecutionContext): Promise<Response> {
    try {
      const assets = secrets["ASSETS"] as Assets | undefined;
      const bindings: Bindings = { settings: await settingsOf(secrets), assets };
      return await app.fetch(request, bindings, context);
    } catch (error) {
      report(error);
      return new Response("This server is not set up.\n", { status: 503 });
    }
  },

  /** The cron: work that no request has triggered. */
  async scheduled(_: ScheduledController, secrets: Secrets, context: ExecutionContext) {
    const waitUntil = (work: Promise<unknown>) => context.waitUntil(work);
    const deployment = createWorkerDeployment(await settingsOf(secrets), null, waitUntil, report);
    await upkeep(deployment, report);
  },
};
