/** @file Keeps a few lines at the foot of a terminal up to date, and lets other lines pass above them. */

import type { Effects } from "./effects.ts";

export interface Painter {
  /** Replaces the lines at the foot. */
  repaint: (lines: string[]) => void;
  /** Prints a line that stays. */
  print: (line: string) => void;
  /** Removes the lines at the foot. */
  clear: () => void;
}

/** Lines are cut to the terminal's width: a wrapped line could not be erased again. */
export function createPainter({ terminal, err }: Pick<Effects, "terminal" | "err">): Painter {
  let painted = 0;
  const erase = (): string => (painted === 0 ? "" : `\x1b[${painted}A\x1b[0J`);
  return {
    repaint(lines) {
      const width = (terminal?.columns ?? 80) - 1;
      const text = lines.map((line) => `${line.slice(0, width)}\n`).join("");
      err(erase() + text);
      painted = lines.length;
    },
    print(line) {
      err(`${erase()}${line}\n`);
      painted = 0;
    },
    clear() {
      if (painted > 0) err(erase());
      painted = 0;
    },
  };
}
