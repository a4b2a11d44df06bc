/** @file The error that people are meant to read; it is printed without a stack trace. */

/** Process exit codes of every command. */
export const EXIT = {
  ok: 0,
  runFailed: 1,
  usage: 2,
  verification: 3,
  network: 4,
  tooOld: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Says where, which rule, what was found and what to do. Anything else that is thrown is a bug. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly exitCode: ExitCode;

  /** @param exitCode what the process ends with; by default that of a mistake in usage or configuration. */
  constructor(message: string, exitCode: ExitCode = EXIT.usage, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
