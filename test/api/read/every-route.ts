/** @file An address of every route that reads, in a room where something happened. */

import { ROUTES } from "../../../api/app.ts";
import { alice } from "../../record/statement/factories.ts";
import { openEventfulRoom } from "./reading-room.ts";

type Room = Awaited<ReturnType<typeof openEventfulRoom>>;

const PLACES: Readonly<Record<string, string>> = {
  "{protocol}": "micro-1",
  "{key}": alice.key,
  "{older}": "3",
  "{place}": "entries/000.p/1",
  "{prefix}": alice.key.slice(0, 8),
};

/** With what a route's query makes of it where that asks something else. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  "/v1/boards/{protocol}": ["?regs=none", "?sort=gap&order=descending&limit=1"],
  "/v1/log/entries": ["?kind=moderation", "?limit=1"],
  "/v1/challenges": ["?protocol=micro-1&arch=mlp-512", `?key=${alice.key}`],
  "/v1/log/tile/{place}": [],
};

/** @returns for every route the addresses that answer 200. */
export function everyRoute({ ids, reproduction }: Room) {
  return ROUTES.map((route) => {
    const { path } = route;
    const name = path.startsWith("/problems") ? "not-found" : "result";
    const id = path.includes("challenges")
      ? null
      : path.includes("statements")
        ? reproduction
        : ids[0]!;
    const address = path
      .replace("{name}", name)
      .replace("{id}", id ?? "CHALLENGE")
      .replaceAll(/\{\w+\}/g, (part) => PLACES[part]!);
    const first = path === "/v1/compare" ? `${address}?entries=${ids[0]},${ids[1]}` : address;
    return { route, addresses: [first, ...(MORE[path] ?? []).map((query) => address + query)] };
  });
}
