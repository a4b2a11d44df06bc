/** @file Arguments that several commands share. */

import type { Argument, Arguments } from "./command.ts";
import { oneOf, text, yesOrNo } from "./values.ts";

/** A switch that is off unless given. */
export function flag(summary: string) {
  return { summary, placeholder: null, read: yesOrNo, fallback: false } as const satisfies Argument;
}

export const jsonArgument = flag("print one JSON document on stdout");

export const serverFolderArgument = {
  summary: "folder of the local server: its database and its log's key",
  placeholder: "DIR",
  read: text,
  fallback: ".rademark/server",
} as const satisfies Argument;

export const commonArguments = {
  config: {
    summary: 'read options from a JSON object, such as {"quiet": true}',
    placeholder: "FILE",
    read: text,
    fallback: null,
  },
  engine: {
    summary: "TensorFlow library that the set-up installs: cpu, cuda or auto",
    placeholder: "ENGINE",
    read: oneOf("cpu", "cuda", "auto"),
    fallback: "auto",
  },
  quiet: flag("no progress on stderr"),
} as const satisfies Arguments;
