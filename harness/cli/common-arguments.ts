/**
 * @file Arguments that several commands share. What a command takes is the one table of its options: each is read from
 * its flag, else its variable, else the config file; README.md and docs/hosting.md print the shared rows.
 */

import { apiAddress, DEFAULT_API } from "../client/api-address.ts";
import { UserError } from "../errors.ts";
import { DEFAULT_KEY } from "../submit/signer.ts";
import { type Argument, type Arguments, variableName } from "./command.ts";
import { oneOf, seconds, text, yesOrNo } from "./values.ts";

/** A switch that is off unless given. */
export function flag(summary: string) {
  return { summary, placeholder: null, read: yesOrNo, fallback: false } as const satisfies Argument;
}

export const jsonArgument = flag("print one JSON document on stdout");

/** `--api URL`, else RADEMARK_API, else the local server. */
export const apiArgument = {
  summary: "address of the server that commands speak to",
  placeholder: "URL",
  read: apiAddress,
  fallback: DEFAULT_API,
} as const satisfies Argument;

/** Null: the folder's own key, else the one named `default`. */
export const keyArgument = {
  summary: `name of the key that signs (default: the folder's own, else ${DEFAULT_KEY})`,
  placeholder: "NAME",
  read: text,
  fallback: null,
} as const satisfies Argument;

export const serverFolderArgument = {
  summary: "folder of the local server: its database and its log's key",
  placeholder: "DIR",
  read: text,
  fallback: ".rademark/server",
} as const satisfies Argument;

/** What a server is told; docs/hosting.md says more. */
export const serverArguments = {
  operator: {
    summary:
      "public key whose moderation is obeyed; may be repeated (variable: separated by commas)",
    placeholder: "KEY",
    repeat: true,
    separator: ",",
    variable: "RADEMARK_OPERATORS",
    handedOn: "value",
    read: publicKey,
    fallback: [] as string[],
  },
  proxy: {
    summary:
      "yes: every connection comes from a proxy of yours, whose X-Forwarded-For says whose quota counts",
    placeholder: "YES|NO",
    handedOn: "value",
    read: (value: string) => (yesOrNo(value) ? "yes" : "no"),
    fallback: null,
  },
  limits: {
    summary:
      "off: no quotas and any number of open challenges, for load tests on one's own machine",
    placeholder: "ON|OFF",
    handedOn: "value",
    read: oneOf("on", "off"),
    fallback: null,
  },
  logOrigin: {
    summary: "the log's name in checkpoints, such as rademark.example/log; never change it",
    placeholder: "NAME",
    handedOn: "value",
    read: text,
    fallback: null,
  },
} as const satisfies Arguments;

/** Every command takes these: they say how this machine is used. */
export const commonArguments = {
  config: {
    summary: 'read options from a JSON object, such as {"quiet": true, "headInput": "raw"}',
    placeholder: "FILE",
    variable: "RADEMARK_CONFIG_FILE",
    outsideFile: true,
    read: text,
    fallback: null,
  },
  engine: {
    summary: "TensorFlow library that the set-up installs: cpu, cuda or auto",
    placeholder: "ENGINE",
    read: oneOf("cpu", "cuda", "auto"),
    fallback: "auto",
  },
  cache: {
    summary:
      "folder of TensorFlow's library and the data sets (default: rademark in the XDG cache folder)",
    placeholder: "DIR",
    handedOn: "path",
    read: text,
    fallback: null,
  },
  imagenet: {
    summary: "an ImageNet folder: train/CLASS/*.JPEG, val/CLASS/*.JPEG",
    placeholder: "DIR",
    handedOn: "path",
    read: text,
    fallback: null,
  },
  checkpointSeconds: {
    summary: "seconds between the checkpoints of a run (default 10)",
    placeholder: "N",
    handedOn: "value",
    read: seconds,
    fallback: null,
  },
  configFolder: {
    summary:
      "folder of keys, known logs and the queue (default: rademark in the XDG config folder)",
    placeholder: "DIR",
    variable: "RADEMARK_CONFIG",
    handedOn: "path",
    read: text,
    fallback: null,
  },
  quiet: flag("no progress on stderr"),
} as const satisfies Arguments;

/** Those that a training worker reads. */
export function workerVariables(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = ["cache", "imagenet", "checkpointSeconds"] as const;
  return Object.fromEntries(
    names.flatMap((key) => {
      const name = variableName(key, commonArguments[key] as Argument)!;
      return env[name] ? [[name, env[name]]] : [];
    }),
  );
}

/** Read from the environment alone: a command line can be seen by others, and a config file is shown around. */
export const SECRETS: Readonly<Record<string, string>> = {
  RADEMARK_PASSPHRASE: "of a signing key, where nobody can be asked",
  RADEMARK_LOG_SEED:
    "of the key that signs a server's log: 64 hexadecimal digits; made on the first local start",
  DATABASE_URL: "where a server's PostgreSQL is, with its password; without it PGlite is used",
};

function publicKey(value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value;
  throw new UserError(`"${value}" is not a public key: 64 hexadecimal digits (rademark keys list)`);
}
