/** @file What a command prints: no control codes reach the terminal but our own. */

import { visible } from "../../setup/shared/visible.mjs";
import type { Effects } from "../effects.ts";

const CODES = Symbol("err for our own codes");
type WithCodes = { [CODES]?: Effects["err"] };

/** The same effects, except that names, a server's words and other foreign text cannot control the terminal. */
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

/** Prints on stderr. @param text `visible`, except for control codes of our own. */
export function errWithCodes(effects: Pick<Effects, "err">, text: string): void {
  const print = (effects as WithCodes)[CODES] ?? effects.err;
  print(text);
}
