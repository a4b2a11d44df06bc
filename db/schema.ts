/** @file All tables. Leaves are the record; the index tables are computed from them. */

export * from "./board-tables.ts";
export * from "./entry-tables.ts";
export * from "./index-tables.ts";
export * from "./log-tables.ts";
export * from "./other-tables.ts";
