/** @file What set-up says when it cannot go on, and the exit codes it ends with. */

import { systemErrorWords } from "./shared/system-error.mjs";

/** The same codes as every other command (harness/errors.ts), which plain Node 20 cannot import. */
export const EXIT = { usage: 2, network: 4, tooOld: 5, interrupted: 130 };

/** Names what is missing and the command that fixes it; printed without a stack trace. */
export class SetupError extends Error {
  /** @param {number} [exitCode] what the process ends with */
  constructor(message, exitCode = EXIT.usage, options = undefined) {
    super(message, options);
    this.name = "SetupError";
    this.exitCode = exitCode;
  }
}

/** Runs `body`; what the system refuses comes out as a SetupError, about `folder` where no path is named. */
export async function explainFileErrors(folder, body) {
  try {
    return await body();
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const place = error?.dest ?? error?.path ?? folder;
    const words = systemErrorWords(error, { place });
    if (words === null) throw error;
    throw new SetupError(`${words}${advice(error.code, folder)}`, EXIT.usage, { cause: error });
  }
}

/** Where a folder of the set-up cannot be used, another can be. */
function advice(code, folder) {
  if (code === "EACCES" || code === "EPERM")
    return ` Make the folder yours (sudo chown -R "$(id -un)" '${folder}'), or set RADEMARK_CACHE for another cache, or clone into another folder.`;
  return " Another cache is chosen by RADEMARK_CACHE; all else lies in the clone.";
}
