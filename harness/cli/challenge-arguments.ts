/** @file What commands that speak for a key take, and what `run` and `sweep` take to train for a board. */

import type { Arguments } from "./command.ts";
import { apiArgument, flag, keyArgument } from "./common-arguments.ts";

export const signingArguments = {
  key: keyArgument,
  api: apiArgument,
} as const satisfies Arguments;

export const challengeArguments = {
  challenge: flag("commit first, then train the panel and the fresh seeds that the server draws"),
  submit: flag("submit as soon as a configuration is trained"),
  ...signingArguments,
} as const satisfies Arguments;
