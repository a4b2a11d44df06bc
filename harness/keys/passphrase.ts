/** @file Where a passphrase comes from: RADEMARK_PASSPHRASE, else the person at the terminal. */

import type { Effects } from "../cli/effects.ts";
import { UserError } from "../errors.ts";

type Asking = Pick<Effects, "env" | "askSecret">;

/** @throws UserError when there is nobody to ask. */
export async function askPassphrase(name: string, effects: Asking): Promise<string> {
  const given =
    effects.env.RADEMARK_PASSPHRASE || (await effects.askSecret(`Passphrase of key ${name}: `));
  if (given) return given;
  throw new UserError(
    `key ${name} needs its passphrase: set RADEMARK_PASSPHRASE, or run this on a terminal.`,
  );
}

/** A new one; from a person, typed twice. @throws UserError when the two differ. */
export async function choosePassphrase(name: string, effects: Asking): Promise<string> {
  const first = await askPassphrase(name, effects);
  if (effects.env.RADEMARK_PASSPHRASE) return first;
  if ((await effects.askSecret("The same again: ")) === first) return first;
  throw new UserError("The two passphrases differ; no key was made. Try again.");
}

/** For a process that signs nothing: it and what it starts are not to know. */
export function withoutPassphrase(env: Effects["env"]): Effects["env"] {
  const { RADEMARK_PASSPHRASE: _, ...rest } = env;
  return rest;
}
