/** @file Reports each submission as it happens: its address, its refusal, or why it has to wait. */

import { EXIT, type ExitCode } from "../errors.ts";
import type { Delivery, DeliveryListener } from "../listing/delivery.ts";
import { commandLine } from "../command-line.ts";
import type { Effects } from "../effects.ts";
import { type Publication, codeNotice } from "../listing/code-notice.ts";
import { type CustomSources, readSources } from "../custom-sources.ts";
import type { OutputFolder } from "../study/run-folder.ts";

export interface DeliveryReport extends DeliveryListener {
  /** Says how to send what is waiting. To be called at the end, whatever happened. */
  sayWhatWaits(): void;
  /** That of the first refusal; else 4 when something is waiting. */
  exitCode(): ExitCode;
}

/** Addresses go to stdout, everything else to stderr. */
export function createDeliveryReport(
  effects: Pick<Effects, "out" | "err" | "env">,
): DeliveryReport {
  let waits = false;
  let refused: ExitCode | null = null;
  return {
    onDelivery(delivery) {
      if (delivery.ok) return sayListed(delivery, effects);
      effects.err(`${labelOf(delivery)}: ${delivery.reason}\n`);
      waits = true;
    },
    onRefusal({ message, exitCode }) {
      effects.err(`${message}\n`);
      refused ??= exitCode;
    },
    sayWhatWaits() {
      const again = commandLine("submit --queued", effects);
      if (waits) effects.err(`Not yet sent, but signed and kept. Send it later with: ${again}\n`);
    },
    exitCode: () => refused ?? (waits ? EXIT.network : EXIT.ok),
  };
}

/** Said once a command of each digest: a sweep has many configurations of one file. */
const said = new WeakMap<object, Set<string>>();

/** On stderr, of custom code in the folder; nothing of a configuration of what is built in. */
export function sayWhatBecomesPublic(
  { path, configuration }: Pick<OutputFolder, "path" | "configuration">,
  publication: Publication,
  effects: Pick<Effects, "err">,
  sources: CustomSources = readSources(path, configuration),
): void {
  const known = said.get(effects) ?? new Set();
  said.set(effects, known);
  const lines = codeNotice(configuration, sources, path, publication);
  const digests = `${publication} ${configuration.source} ${configuration.regSource}`;
  if (lines.length === 0 || known.has(digests)) return;
  known.add(digests);
  effects.err(`Custom code. ${lines.join("\nCustom code. ")}\n`);
}

function sayListed(
  delivery: Extract<Delivery, { ok: true }>,
  effects: Pick<Effects, "out" | "err">,
): void {
  const { before, address, unqueued } = delivery;
  effects.out(`${labelOf(delivery)}: ${before ? "already listed" : "listed"}: ${address}\n`);
  for (const api of unqueued)
    effects.err(`${labelOf(delivery)}: no longer waits to be sent to ${api}\n`);
}

function labelOf({ folder }: Delivery): string {
  const { arch, regs } = folder.configuration;
  return `${arch} ${regs}`;
}
