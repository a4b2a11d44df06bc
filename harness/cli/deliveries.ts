/** @file Reports each submission as it happens: its address, its refusal, or why it has to wait. */

import { EXIT, type ExitCode } from "../errors.ts";
import type { Delivery, DeliveryListener } from "../listing/delivery.ts";
import { commandLine } from "../command-line.ts";
import type { Effects } from "../effects.ts";

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
