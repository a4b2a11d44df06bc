/** @file The log that the reference is listed in: a server of its own on this machine, and a key that signs. */

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createDeliveryReport, type DeliveryReport } from "../harness/cli/deliveries.ts";
import { startServer } from "../harness/cli/commands/serve.ts";
import type { Effects } from "../harness/effects.ts";
import { UserError } from "../harness/errors.ts";
import { writeAtomic } from "../harness/files.ts";
import { type Client, createClient } from "../harness/listing/client.ts";
import { createKey, hasKey, withoutPassphrase } from "../harness/listing/key-store.ts";
import { type NamedSigner, signerNamed } from "../harness/listing/signer.ts";
import type { Sitting } from "./sitting.ts";
import type { Store } from "./store.ts";

/** The log while its server runs. */
export interface OpenLog {
  /** Without a trailing slash. */
  url: string;
  client: Client;
  signer: NamedSigner;
  report: DeliveryReport;
  /** Those of the sitting, with the store's own keys. */
  effects: Effects;
}

export const SIGNING_KEY = "reference";
const DISPLAY_NAME = "Rademark reference";

/**
 * Removes the private keys of the log and of whoever signed, so that nobody can go on in their name. What is assembled stays.
 * A person's own copies of the folder are theirs to remove.
 */
export function closeFounding(store: Store): void {
  writeAtomic(closedPath(store), "The keys of this founding were removed.\n");
  rmSync(join(store.config, "keys"), { recursive: true, force: true });
  rmSync(join(store.server, "log-key"), { force: true });
}

const closedPath = ({ root }: Store) => join(root, "closed");

/** Other databases, logs and rules than the store's own have no part in it. */
const SERVERS_OWN = [
  ...["DATABASE_URL", "RADEMARK_LOG_SEED", "RADEMARK_LOG_ORIGIN", "RADEMARK_OPERATORS"],
  ...["RADEMARK_LIMITS", "RADEMARK_PROXY", "RADEMARK_API", "RADEMARK_KEY"],
];

/**
 * Starts the server over what earlier sittings left, and ends it when the work is done.
 *
 * @throws UserError once the founding is closed.
 */
export async function withLog<T>(
  { store, effects: given }: Pick<Sitting, "store" | "effects">,
  work: (log: OpenLog) => Promise<T>,
): Promise<T> {
  if (existsSync(closedPath(store)))
    throw new UserError(
      `The founding in ${store.root} is closed: its keys are gone. Move that folder away to found another.`,
    );
  const effects = { ...given, env: ownEnvironment(store, given.env) };
  await ensureKey(SIGNING_KEY, DISPLAY_NAME, effects);
  const place = { folder: store.server, port: 0 };
  const server = await startServer(place, {
    err: effects.err,
    env: withoutPassphrase(effects.env),
  });
  const report = createDeliveryReport(effects);
  try {
    const client = createClient({ api: server.url });
    const signer = signerNamed(SIGNING_KEY, effects);
    return await work({ url: server.url, client, signer, report, effects });
  } finally {
    report.sayWhatWaits();
    await server.stop();
  }
}

function ownEnvironment(store: Store, env: Effects["env"]): Effects["env"] {
  const kept = Object.entries(env).filter(([name]) => !SERVERS_OWN.includes(name));
  return { ...Object.fromEntries(kept), RADEMARK_CONFIG: store.config };
}

/** Each has no passphrase: it lives as long as the founding, and is then removed. */
export async function ensureKey(
  name: string,
  displayName: string,
  effects: Pick<Effects, "env">,
): Promise<void> {
  if (!hasKey(name, effects)) await createKey({ name, displayName, passphrase: null }, effects);
}
