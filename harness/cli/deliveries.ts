/** @file What a person reads of submissions: an address, or what it waits for. */

import { EXIT, type ExitCode, UserError } from "../errors.ts";
import type { Delivery } from "../submit/delivery.ts";
import { commandLine } from "./command-line.ts";
import type { Effects } from "./effects.ts";

/** Addresses go to stdout, everything else to stderr. @returns 4 when something waits, 3 after a refusal. */
export function printDeliveries(
  deliveries: readonly Delivery[],
  refusals: readonly UserError[],
  effects: Pick<Effects, "out" | "err" | "env">,
): ExitCode {
  for (const delivery of deliveries)
    if (delivery.ok) effects.out(`${listedLine(delivery)}\n`);
    else effects.err(`${waitingLine(delivery)}\n`);
  for (const { message } of refusals) effects.err(`${message}\n`);
  const waits = deliveries.some(({ ok }) => !ok);
  if (waits)
    effects.err(`Not yet sent, but signed and kept. Send it later with: ${again(effects)}\n`);
  if (refusals.length > 0) return refusals[0]!.exitCode;
  return waits ? EXIT.network : EXIT.ok;
}

function again(effects: Pick<Effects, "env">): string {
  return commandLine("submit --queued", effects);
}

export function listedLine({ folder, address, before }: Extract<Delivery, { ok: true }>): string {
  const { arch, regs } = folder.configuration;
  return `${arch} ${regs}: ${before ? "already listed" : "listed"}: ${address}`;
}

function waitingLine({ folder, reason }: Extract<Delivery, { ok: false }>): string {
  const { arch, regs } = folder.configuration;
  return `${arch} ${regs}: ${reason}`;
}
