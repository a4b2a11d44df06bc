/** @file Keeps a few lines at the foot of a terminal up to date, and lets other lines pass above them. */

import { visible } from "../../setup/shared/visible.mjs";
import type { Effects } from "./effects.ts";
import { errWithCodes } from "./visible-effects.ts";

export interface Painter {
  /** Replaces the lines at the foot. */
  repaint: (lines: string[]) => void;
  /** Prints a line that stays. */
  print: (line: string) => void;
  /** Removes the lines at the foot. */
  clear: () => void;
}

/** Lines are cut to the terminal's width: a wrapped line could not be erased again. */
export function createPainter(effects: Pick<Effects, "terminal" | "err">): Painter {
  const { terminal } = effects;
  const paint = (text: string) => errWithCodes(effects, text);
  let painted = 0;
  const erase = (): string => (painted === 0 ? "" : `\x1b[${painted}A\x1b[0J`);
  return {
    repaint(lines) {
      const width = (terminal?.columns ?? 80) - 1;
      const text = lines.map((line) => `${visible(line).slice(0, width)}\n`).join("");
      paint(erase() + text);
      painted = lines.length;
    },
    print(line) {
      paint(`${erase()}${visible(line)}\n`);
      painted = 0;
    },
    clear() {
      if (painted > 0) paint(erase());
      painted = 0;
    },
  };
}
