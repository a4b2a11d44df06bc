/** @file One line of `rademark verify`: what was looked at, and how it came out. */

import type { Check } from "../../record/entry-file/check.ts";

export interface Finding {
  name: string;
  /** Skipped: what it would take is not here; that fails nothing. */
  state: "passed" | "failed" | "skipped";
  text: string;
}

export const passed = (name: string, text: string): Finding => ({ name, state: "passed", text });
export const failed = (name: string, text: string): Finding => ({ name, state: "failed", text });
export const skipped = (name: string, text: string): Finding => ({ name, state: "skipped", text });

export function findingOf({ name, ok, text }: Check): Finding {
  return ok ? passed(name, text) : failed(name, text);
}
