/** @file `bytea`, alike on every driver: PGlite gives Uint8Array, the others Buffer. */

import { customType } from "drizzle-orm/pg-core";

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (value) => new Uint8Array(value),
  toDriver: (value) => new Uint8Array(value), // an ArrayBuffer would silently be stored as {}
});
