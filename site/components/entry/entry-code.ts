/** @file The source of an entry's own architecture and regularizer, for readers; nothing runs it. */

import type { VNode } from "preact";
import { type Child, h } from "../../markup/element.ts";
import { count, plural } from "../../charts/numbers.ts";
import type { EntryModel } from "../../data/entry-model.ts";
import { signedMembers } from "../../data/signed-members.ts";
import { MOST_MARKS, type ShownSource, shownSource } from "../../data/source-text.ts";

/** Null for an entry without code of its own, as nearly all are. */
export function entryCode({ entry, envelope, home }: EntryModel): VNode | null {
  const { code, standing } = entry.row;
  if (code === null) return null;
  const { source, regSource } = (envelope && signedMembers(envelope)) ?? {};
  const isWithheld = standing.state === "quarantined";
  const part = (kind: "arch" | "reg", digest: string | null, text: string | null | undefined) =>
    digest === null
      ? null
      : sourcePart({ ...entry.row, home }, kind, digest, text ?? null, isWithheld);
  return h(
    "section",
    { class: "code", "aria-labelledby": "code" },
    h("h2", { id: "code" }, "The code that it was trained with"),
    h(
      "div",
      { class: "notice" },
      h("p", { class: "title" }, "Nobody but its author may know what it does"),
      h("p", {}, WARNING),
    ),
    part("arch", code.source, source),
    part("reg", code.regSource, regSource),
  );
}

const WARNING =
  "It comes from its author's own file. No server runs it, nobody has checked it, and its name is chosen by its author. " +
  "On your machine it would have all your rights: read it before you run it. The board gives it no rank and no sentence " +
  "unless a reader asks.";

type Row = EntryModel["entry"]["row"] & Pick<EntryModel, "home">;

const KINDS = { arch: "architecture", reg: "regularizer" } as const;

function sourcePart(
  { arch, regs, entry, code, home }: Row,
  kind: "arch" | "reg",
  digest: string,
  text: string | null,
  isWithheld: boolean,
): VNode {
  const name = kind === "arch" ? arch : regs.split(",").find((item) => item.startsWith("custom:"))!;
  const shown = text === null ? null : shownSource(text);
  const taps = kind === "arch" ? (code?.customTaps ?? []) : [];
  const facts: [term: string, ...Child[]][] = [
    ["Name", h("code", {}, name)],
    ["SHA-256", h("code", {}, digest)],
    ...(shown === null
      ? []
      : [
          ["Size", `${plural(shown.lines, "line")}, ${count(shown.bytes)} bytes`] as [
            string,
            Child,
          ],
        ]),
    ["Licence", "MIT, as all of this project"],
    ...(taps.length === 0 ? [] : [["Declared taps", taps.join(", ")] as [string, Child]]),
  ];
  return h(
    "div",
    {},
    h("h3", {}, `Its ${KINDS[kind]}`),
    h(
      "dl",
      { class: "facts" },
      ...facts.map(([term, ...children]) =>
        h("div", {}, h("dt", {}, term), h("dd", {}, ...children)),
      ),
    ),
    shown === null ? h("p", {}, missing(isWithheld)) : sourceText(shown, kind),
    shown === null ? null : download(`${home}/v1/sources/${entry}/${kind}.txt`, name),
  );
}

function missing(isWithheld: boolean): string {
  return isWithheld
    ? "The source is withheld while the entry is quarantined."
    : "The source could not be fetched; reload this page in a moment.";
}

/** As many lines unfold by themselves. */
const SHORT = 60;

function sourceText({ parts, lines, foreign }: ShownSource, kind: "arch" | "reg"): VNode {
  const label = `Source of the ${KINDS[kind]}`;
  const numbers = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
  const pieces = parts.map(({ text, codePoints }) =>
    codePoints === null ? text : h("mark", { title: codePoints }, text),
  );
  return h(
    "details",
    { class: "behind", open: lines <= SHORT },
    h("summary", {}, `${label}, ${plural(lines, "line")}`),
    foreign === 0 ? null : h("p", { class: "faint small" }, foreignWords(foreign)),
    h(
      "div",
      { class: "source", tabindex: 0, role: "region", "aria-label": label },
      h("pre", { class: "line-numbers", "aria-hidden": "true" }, numbers),
      h("pre", { dir: "ltr", translate: "no" }, h("code", {}, ...pieces)),
    ),
  );
}

function foreignWords(foreign: number): string {
  const words = foreign === 1 ? "place is" : "places are";
  const most = foreign > MOST_MARKS ? ` The first ${MOST_MARKS} are marked.` : "";
  return (
    `${count(foreign)} ${words} not ASCII, and marked: letters there may look like others. What has no shape of its own ` +
    `is written as ⟨U+…⟩.${most}`
  );
}

function download(href: string, name: string): VNode {
  const file = `${name.slice("custom:".length).split("@")[0]!}.ts`;
  return h(
    "p",
    {},
    h("a", { href, download: file }, `Download ${file}`),
    h("span", { class: "faint small" }, " as plain text, the exact bytes that the digest is of."),
  );
}
