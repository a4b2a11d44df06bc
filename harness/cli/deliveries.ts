/** @file What a person reads of submissions, as they happen: an address, a refusal, or what it waits for. */

import { EXIT, type ExitCode } from "../errors.ts";
import type { Delivery, DeliveryListener } from "../listing/delivery.ts";
import { commandLine } from "../command-line.ts";
import type { Effects } from "../effects.ts";

export interface DeliveryReport extends DeliveryListener {
  /** Says how to send what waits; due at the end, however that comes. */
  sayWhatWaits(): void;
  /** 4 when something waits; after a refusal, the first one's. */
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
