/** @file What a command prints: of what a terminal would obey, nothing but our own codes gets there. */

import { visible } from "../../setup/shared/visible.mjs";
import type { Effects } from "../effects.ts";

const CODES = Symbol("err for our own codes");
type WithCodes = { [CODES]?: Effects["err"] };

/** The same world, where names, server's words and whatever else was read from elsewhere cannot steer the terminal. */
export function visibleEffects(world: Effects): Effects {
  const { out, err } = world;
  const printing: Effects & WithCodes = {
    ...world,
    get terminal() {
      return world.terminal;
    },
    out: (text) => out(visible(text)),
    err: (text) => err(visible(text)),
    [CODES]: (text) => err(text),
  };
  return printing;
}

/** Prints codes of our own on stderr. @param text is `visible` but for them. */
export function errWithCodes(effects: Pick<Effects, "err">, text: string): void {
  const print = (effects as WithCodes)[CODES] ?? effects.err;
  print(text);
}
