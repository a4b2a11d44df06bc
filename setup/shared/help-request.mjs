/** @file Does a command line ask for words alone: help, the version? Neither loads a command, let alone installs one. */

import { COMMANDS } from "./commands.mjs";

/**
 * @typedef {{kind: "version"} | {kind: "program", isAsked: boolean} | {kind: "command", name: string} | {kind: "unknown", name: string}} HelpRequest
 *   the version; the list of commands, perhaps as no command was named; the help of one; a command that does not exist
 */

/**
 * @param {readonly string[]} words of the command line, the command's name first
 * @returns {HelpRequest | null} null: a command is to run
 */
export function helpRequest([name = "", ...args]) {
  if (name === "--version") return { kind: "version" };
  if (name === "") return { kind: "program", isAsked: false };
  const isHelp = ["help", "--help", "-h"].includes(name);
  const topic = name === "help" ? args.find((word) => !word.startsWith("-")) : undefined;
  if (isHelp && topic === undefined) return { kind: "program", isAsked: true };
  const asked = topic ?? name;
  if (!COMMANDS.has(asked)) return { kind: "unknown", name: asked };
  return isHelp || wantsHelp(args) ? { kind: "command", name: asked } : null;
}

/** Words after `--` are values, whatever they look like. @param {readonly string[]} args */
function wantsHelp(args) {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  return words.includes("--help") || words.includes("-h");
}
