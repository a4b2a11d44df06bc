import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RANKED, RANK_ORDER } from "../../../record/board/board-columns.ts";
import { type BoardPage, BoardQuery } from "../../../record/board/board-row.ts";
import { BoardSource, SentenceSource } from "../../../site/islands/board/board-source.ts";
import { answeredPage, aRow, digest, manyRows } from "./rows.ts";

let asked: URL[] = [];
let answer: (address: URL) => Response;

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (path: string) => {
    const address = new URL(path, "http://site.test");
    asked.push(address);
    return Promise.resolve(answer(address));
  });
});
afterEach(() => void vi.unstubAllGlobals());

const USUAL = { ranksCustom: false, hidden: false, all: false, map: false } as const;

describe("rows of a large board", () => {
  const rows = [...manyRows(500), aRow({ entry: digest(9999) }, "retracted")];
  const serve = () =>
    (answer = ({ searchParams }) => Response.json(answeredPage(rows, searchParams)));

  test.each(RANKED)(
    "are asked for in the order of the ranks, on every page: %s",
    async (ranked) => {
      serve();
      const source = new BoardSource("micro-1", undefined);
      const got = await source.changes({
        ranked,
        ranksCustom: false,
        hidden: true,
        all: true,
        map: true,
      });
      expect(got).toMatchObject({ ok: true, value: { ranked, total: 500 } });
      expect(got.ok && got.value?.rows).toHaveLength(501);
      expect(asked.length).toBeGreaterThanOrEqual(4); // the first, two more, the hidden ones
      for (const { searchParams } of asked) {
        const { sort, order } = BoardQuery.parse(Object.fromEntries(searchParams));
        expect([sort, order]).toEqual([ranked, RANK_ORDER[ranked]]);
      }
    },
  );

  test("begin with the server's own first: the highest test accuracy", async () => {
    serve();
    const best = Math.max(...rows.map(({ numbers }) => numbers.testAccuracy!.mean));
    const source = new BoardSource("micro-1", undefined);
    const got = await source.changes({ ranked: "testAccuracy", ...USUAL });
    expect(got.ok && got.value?.rows[0]?.numbers.testAccuracy?.mean).toBe(best);
  });

  test("of a board that is as it was built are fetched for its map only where that is drawn anew", async () => {
    serve();
    const rowsFor = async (map: boolean) => {
      const source = new BoardSource("micro-1", "20000");
      const got = await source.changes({ ranked: "learnedComplexity", ...USUAL, map });
      return got.ok ? got.value?.rows.length : null;
    };
    expect([await rowsFor(false), await rowsFor(true)]).toEqual([100, 300]);
  });

  test("come again when they could not be shown, and not before", async () => {
    const page = answeredPage(rows, new URLSearchParams()) satisfies BoardPage;
    vi.stubGlobal("fetch", (path: string, { headers }: { headers: Record<string, string> }) => {
      const isKnown = path.includes("limit=100") && headers["if-none-match"] === '"1"';
      return Promise.resolve(
        isKnown
          ? new Response(null, { status: 304 })
          : Response.json({ ...page, next: null }, { headers: { etag: '"1"' } }),
      );
    });
    const source = new BoardSource("micro-1", undefined);
    const plannedRun = { ranked: "learnedComplexity", ...USUAL } as const;
    expect(await source.changes(plannedRun)).toMatchObject({ value: { total: 500 } });
    expect(await source.changes(plannedRun)).toEqual({ ok: true, value: null });
    source.forget();
    expect(await source.changes(plannedRun)).toMatchObject({ value: { total: 500 } });
  });
});

describe("sentences", () => {
  const say = (text: string) => () =>
    Response.json({ sentences: [{ entry: digest(1), text }] }, { headers: { etag: `"${text}"` } });

  const told = (text: string) => [{ entry: digest(1), text }];

  test("are asked for again until the server, which keeps them for five seconds, must have the last ones", async () => {
    answer = say("old");
    const source = new SentenceSource("micro-1");
    source.boardChanged(0);
    expect(await source.changes(0)).toEqual(told("old"));
    expect(await source.changes(1000)).toBeNull();
    answer = say("new");
    const said: unknown[] = [];
    for (let now = 2000; now < 60_000; now += 1000) said.push(await source.changes(now));
    expect(said).toContainEqual(told("new"));
    expect(asked.length).toBeLessThan(8); // and then no more
    source.boardChanged(60_000);
    expect(await source.changes(60_000)).toEqual(told("new"));
  });

  test("that are asked for while others are on their way wait for these, and are not sent twice", async () => {
    const tags: (string | undefined)[] = [];
    let arrive: (() => void) | undefined;
    vi.stubGlobal("fetch", (_: string, { headers }: { headers: Record<string, string> }) => {
      tags.push(headers["if-none-match"]);
      if (headers["if-none-match"] === '"one"')
        return Promise.resolve(new Response(null, { status: 304 }));
      return new Promise((resolve) => (arrive = () => resolve(say("one")())));
    });
    const source = new SentenceSource("micro-1");
    const first = source.changes(0);
    await vi.waitFor(() => expect(arrive).toBeDefined());
    source.boardChanged(10);
    const second = source.changes(10);
    arrive!();
    expect(await Promise.all([first, second])).toEqual([told("one"), null]);
    expect(tags).toEqual([undefined, '"one"']);
  });

  test("stay as they were while they cannot be had, and come when they can", async () => {
    answer = () => new Response("busy", { status: 503 });
    const source = new SentenceSource("micro-1");
    source.boardChanged(0);
    for (let now = 0; now < 60_000; now += 1000) expect(await source.changes(now)).toBeNull();
    answer = say("late");
    expect(await source.changes(63_000)).toEqual(told("late"));
  });
});
