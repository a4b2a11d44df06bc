/**
 * @file An error of the operating system in words: what could not be done, where, why, and what to do about it. The one
 * place for all of them: every command, worker and set-up script prints these words instead of a stack trace.
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { getSystemErrorMap } from "node:util";
import { visibleLine } from "./visible.mjs";

const DEEPEST = 5;
const LONGEST_NAME = 255;

/** What was tried, by the system call's name; a file that is opened may be meant for reading or for writing. */
const TRIED = {
  open: "cannot be opened",
  read: "cannot be read",
  write: "cannot be written",
  writev: "cannot be written",
  fsync: "cannot be written",
  fdatasync: "cannot be written",
  close: "cannot be written",
  ftruncate: "cannot be written",
  mkdir: "cannot be made",
  mkdtemp: "cannot be made",
  symlink: "cannot be made",
  link: "cannot be made",
  copyfile: "cannot be copied",
  cp: "cannot be copied",
  rename: "cannot be put in place",
  scandir: "cannot be listed",
  opendir: "cannot be listed",
  readlink: "cannot be looked at",
  stat: "cannot be looked at",
  lstat: "cannot be looked at",
  fstat: "cannot be looked at",
  statfs: "cannot be looked at",
  access: "cannot be looked at",
  realpath: "cannot be looked at",
  unlink: "cannot be deleted",
  rm: "cannot be deleted",
  rmdir: "cannot be deleted",
  chmod: "cannot be changed",
  chdir: "cannot be entered",
  connect: "cannot be reached",
  getaddrinfo: "cannot be found",
  listen: "cannot be listened on",
  bind: "cannot be listened on",
  fork: "cannot be started",
};

const ANOTHER = "Choose another place";
const ROOM = `Make room there, or choose another place`;
const RIGHTS = "Give yourself the right to it (chmod, chown), or choose another place";

/** Why, and what to do. The map of Node's own words serves for every other code. */
const REASONS = {
  ENOSPC: ["the disk is full", ROOM],
  EDQUOT: ["the disk quota is used up", ROOM],
  EFBIG: ["the file would be larger than the file system or `ulimit -f` allows", ANOTHER],
  EACCES: ["there is no permission to use it", RIGHTS],
  EPERM: ["there is no permission to use it", RIGHTS],
  EROFS: ["the file system is read-only", `${ANOTHER} that can be written`],
  ENOENT: ["it is not there", "Look at the path"],
  ENOTDIR: ["a part of the path is a file, not a folder", ANOTHER],
  EISDIR: ["it is a folder, not a file", "Name a file"],
  EEXIST: ["a file of that name is in the way", "Move it away, or choose another place"],
  ENOTEMPTY: ["the folder is not empty", "Move it away, or choose another place"],
  ENAMETOOLONG: ["the name is too long for the file system", "Choose a shorter one"],
  ELOOP: ["its links lead in a circle", "Mend the link, or choose another place"],
  EXDEV: ["it lies on another disk", ANOTHER],
  EMLINK: ["the file has too many links", ANOTHER],
  EBUSY: ["it is in use", "Wait for whoever uses it, and run again"],
  ETXTBSY: ["it is in use", "Wait for whoever uses it, and run again"],
  EMFILE: ["this process may open no more files", "Raise the limit (ulimit -n 8192) and run again"],
  ENFILE: ["this machine has too many open files", "End other programs and run again"],
  ENOMEM: ["the memory is used up", "End other programs, or choose less work at a time"],
  EAGAIN: ["the system has no room for it now", "Look at ulimit -u, and run again"],
  EIO: ["the device gives an error", "Look at the disk (dmesg), or choose another place"],
  ENODEV: ["no such device is there", ANOTHER],
  ENXIO: ["no such device is there", ANOTHER],
  ESTALE: ["the network disk has lost it", "Mount it again, and run again"],
  EPIPE: ["its reader is gone", "Run again"],
  EINVAL: ["the system takes no such thing there", ANOTHER],
  ENOTSUP: ["the file system cannot do that", ANOTHER],
  EOPNOTSUPP: ["the file system cannot do that", ANOTHER],
  ENOSYS: ["the system cannot do that", ANOTHER],
  E2BIG: ["its arguments and variables are too long", "Give fewer of them"],
  EADDRINUSE: ["something else listens there", "Choose another port"],
  EADDRNOTAVAIL: ["this machine has no such address", "Choose another address"],
};

/** Where a thing that was to be made is in question, these tell more than "not there". */
const OF_A_PATH = ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM", "EEXIST", "ENAMETOOLONG"];

/** Network troubles have words of their own where the network is used; these are for what slips through. */
const NETWORK = ["connect", "getaddrinfo"];

/**
 * @param {unknown} error what was thrown; what it was caused by is looked at as well
 * @param {{place?: string | undefined, cure?: string, env?: NodeJS.ProcessEnv}} [known] the path that a person knows: an
 *   error of an open file names none, or that of a draft; what to do, where the caller knows better
 * @returns {string | null} null unless it is the system's
 */
export function systemErrorWords(error, known = {}) {
  const found = systemErrorIn(error);
  if (found === null) return null;
  const { env = process.env } = known;
  if (found.syscall === "uv_cwd")
    return "The current folder is not there any more, or closed to you. Change into another one, and run again.";
  const place = placeOf(found, known);
  const [reason, cure] = explain(found, place);
  const what = place === null ? "Something" : visibleLine(place);
  const temporary = place === null ? null : temporaryNote(place, found, env);
  const doing = temporary ?? known.cure ?? cure;
  return `${what} ${tried(found)}: ${reason}.${doing ? ` ${doing}.` : ""}`;
}

/** The first error of the system: the error itself, its cause, or one of several. */
export function systemErrorIn(error, depth = 0) {
  if (error === null || typeof error !== "object" || depth > DEEPEST) return null;
  if (isSystemError(error)) return error;
  const inner = error.cause ?? error.errors?.[0];
  return inner === undefined ? null : systemErrorIn(inner, depth + 1);
}

/** Node's own errors have codes with an underscore (ERR_...), those of databases begin with digits. */
function isSystemError({ code, errno, syscall }) {
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return code === "EAI_AGAIN";
  return code in REASONS || typeof syscall === "string" || typeof errno === "number";
}

function placeOf(error, { place }) {
  if (typeof error.address === "string")
    return error.port === undefined ? error.address : `${error.address}:${error.port}`;
  return place ?? error.hostname ?? error.dest ?? error.path ?? null;
}

function tried({ syscall = "" }) {
  return TRIED[syscall] ?? (syscall.startsWith("spawn") ? TRIED.fork : "cannot be used");
}

/** @returns {[reason: string, cure: string]} */
function explain(error, place) {
  const [reason, cure] = REASONS[error.code] ?? [described(error), ""];
  if (NETWORK.includes(error.syscall)) return [reason, "Look at the network"];
  if (place === null || !OF_A_PATH.includes(error.code)) return [reason, cure];
  return [culprit(error, path.resolve(place)) ?? reason, cure];
}

function described({ errno, code, message }) {
  return getSystemErrorMap().get(errno)?.[1] ?? `${code}, ${visibleLine(message ?? "")}`;
}

/** Walks down the path to the part that is at fault; null when nothing is seen (any more). */
function culprit({ code, syscall }, place) {
  if (code === "ENAMETOOLONG") return longName(place);
  for (const part of partsOf(place)) {
    const isLast = part === place;
    const fault = faultOf(part, isLast, code);
    // as below /proc, where folders look like any other's
    if (fault?.isUnseen && isLast && syscall === "mkdir") return "no folder can be made there";
    if (fault !== null) return fault.words;
  }
  return null;
}

/** `/a/b` is `/`, `/a`, `/a/b`. */
function partsOf(place) {
  const above = path.dirname(place);
  return above === place ? [place] : [...partsOf(above), place];
}

/** @returns {{isUnseen: boolean, words: string} | null} isUnseen: it is not there, or nobody may look */
function faultOf(part, isLast, code) {
  const found = (words) => ({ isUnseen: false, words });
  const unseen = (words) => ({ isUnseen: true, words });
  const shown = isLast ? "it" : visibleLine(part);
  const link = attempt(() => fs.lstatSync(part));
  if (link.code === "ENOENT")
    return code === "ENOENT" ? unseen(`there is no ${visibleLine(part)}`) : null;
  if (link.code === "EACCES")
    return unseen(`there is no permission to enter ${visibleLine(path.dirname(part))}`);
  if (link.code !== undefined) return null;
  const target = link.value.isSymbolicLink() ? attempt(() => fs.statSync(part)) : link;
  if (target.code === "ELOOP") return found(`${shown} is a link that leads in a circle`);
  if (target.code === "ENOENT") {
    const to = attempt(() => visibleLine(fs.readlinkSync(part))).value ?? "a place";
    return found(`${shown} is a link to ${to}, which is not there`);
  }
  if (target.code !== undefined || isLast) return null;
  return target.value.isDirectory() ? null : found(`${shown} is a file, not a folder`);
}

function attempt(body) {
  try {
    return { value: body() };
  } catch (error) {
    return { code: error.code ?? "unknown" };
  }
}

function longName(place) {
  const long = place.split(path.sep).find((name) => Buffer.byteLength(name) > LONGEST_NAME);
  return long === undefined
    ? null
    : `a name in it has ${Buffer.byteLength(long)} bytes, and the file system takes ${LONGEST_NAME}`;
}

/** A graph on its way into TensorFlow, a configuration that is tried out or measured. */
const TEMPORARY = /^rademark-(graph|trial|bench|tests)-/;

/** Temporary files of ours have names that a person never typed: TMPDIR is what can be changed. */
function temporaryNote(place, { syscall }, env) {
  const folder = path.resolve(os.tmpdir());
  const isOurs = TEMPORARY.test(path.relative(folder, place));
  if (!isOurs && !(syscall === "mkdtemp" && path.dirname(place) === folder)) return null;
  const said = env.TMPDIR ? `TMPDIR is ${visibleLine(env.TMPDIR)}` : "TMPDIR is not set";
  return `It is for temporary files (${said}): set TMPDIR to a folder that is there and has room`;
}

/**
 * The last safety net of a process: errors of the system that nobody awaited, such as a write to standard output on a
 * full disk, end it with a message. A bug keeps its stack trace.
 *
 * @param {string} prefix of the words
 * @param {number} exitCode
 * @param {(error: NodeJS.ErrnoException) => boolean} [lost] asked when a terminal was closed or a reader has gone; true: it
 *   sees to what follows
 */
export function catchSystemErrors(prefix, exitCode, lost = () => false) {
  const isLost = (error) => (error.code === "EPIPE" || error.code === "EIO") && lost(error);
  process.stdout.on("error", (error) => {
    if (isLost(error)) return;
    // `... | head` closes stdout early: nothing is wrong, and nobody is left to be told.
    if (error.code === "EPIPE") process.exit(0);
    end(error, { place: "Standard output" });
  });
  process.stderr.on("error", (error) => {
    if (!isLost(error) && error.code !== "EPIPE") end(error, { place: "Standard error" });
  });
  process.on("uncaughtException", (error) => end(error, {}));

  function end(error, known) {
    const words = systemErrorWords(error, known);
    const shown = words === null ? (error?.stack ?? String(error)) : `${prefix}${words}`;
    try {
      fs.writeSync(2, `${shown}\n`);
    } catch {
      // nobody is there to be told
    }
    process.exit(exitCode);
  }
}
