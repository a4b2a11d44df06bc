/** @file What set-up says when it cannot go on, and the exit codes it ends with. */

/** The same codes as every other command (harness/errors.ts), which plain Node 20 cannot import. */
export const EXIT = { usage: 2, network: 4, tooOld: 5 };

/** Names what is missing and the command that fixes it; printed without a stack trace. */
export class SetupError extends Error {
  /** @param {number} [exitCode] what the process ends with */
  constructor(message, exitCode = EXIT.usage, options = undefined) {
    super(message, options);
    this.name = "SetupError";
    this.exitCode = exitCode;
  }
}

const EXPLANATIONS = {
  ENOSPC: (path) => `The disk of ${path} is full. Free some space and run the same command again.`,
  EDQUOT: (path) => `Your disk quota on ${path} is used up. Free some space and run again.`,
  EACCES: (path, folder) => `No permission to write ${path}. ${ownership(folder)}`,
  EPERM: (path, folder) => `No permission to write ${path}. ${ownership(folder)}`,
  ENOTDIR: (path) => `${path} is not inside a folder. Choose another place: RADEMARK_CACHE.`,
  EEXIST: (path) => `${path} is in the way. Remove it or choose another place: RADEMARK_CACHE.`,
  EROFS: (path) => `${path} is on a read-only disk. Clone into a folder you can write to.`,
};

function ownership(folder) {
  return (
    `Make the folder yours (sudo chown -R "$(id -un)" '${folder}') or choose another: ` +
    "for the cache by RADEMARK_CACHE, otherwise by cloning into it."
  );
}

/** Runs `body`; file-system errors that a person can fix come out as a SetupError about `folder`. */
export async function explainFileErrors(folder, body) {
  try {
    return await body();
  } catch (error) {
    const explain = EXPLANATIONS[error?.code];
    if (!explain || error instanceof SetupError) throw error;
    throw new SetupError(explain(error.dest ?? error.path ?? folder, folder), EXIT.usage, {
      cause: error,
    });
  }
}
