/** @file The CSV that a page copies, against the one that the API exports. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { BoardPage } from "../../../record/board/board-row.ts";
import { BOARD_COLUMNS } from "../../../site/data/board-columns.ts";
import { csv } from "../../../site/data/copied-table.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";
import { listed } from "../../world/visitor.ts";

let room: Laboratory;
beforeAll(async () => {
  room = await openReadingRoom();
  for (const regs of ["none", "aug", "dropout=0.5"]) await listed(room, { regs });
  await room.refresh();
});
afterAll(() => room.close());

test("what both have is named and written alike", async () => {
  const exported = parsed(await (await room.get("/v1/export/micro-1.csv")).text());
  const { rows } = (await (await room.get("/v1/boards/micro-1?limit=200")).json()) as BoardPage;
  const ids = BOARD_COLUMNS.map(({ id }) => id);
  const copied = parsed(csv(rows, ids));
  expect(copied.length).toBeGreaterThan(2);
  const own = Object.keys(copied[0]!).filter((name) => !(name in exported[0]!));
  expect(own).toEqual(["tier", "panel", "fresh", "gpus"]);
  for (const line of copied) {
    const other = exported.find(({ entry }) => entry === line["entry"])!;
    const shared = Object.entries(line).filter(([name]) => !own.includes(name));
    expect(shared).toEqual(shared.map(([name]) => [name, other[name]]));
  }
});

/** Without line breaks in cells, which no name of these entries has. */
function parsed(text: string): Record<string, string>[] {
  const [names, ...lines] = text
    .trimEnd()
    .split("\r\n")
    .map((line) =>
      Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
        quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
      ),
    );
  return lines.map((line) => Object.fromEntries(names!.map((name, i) => [name, line[i]!])));
}
