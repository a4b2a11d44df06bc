/** @file A table as a Parquet file. */

import { type BasicType, parquetWriteBuffer } from "hyparquet-writer";
import type { ColumnType, TidyTable } from "../../record/tidy-tables.ts";

const TYPES: Readonly<Record<ColumnType, BasicType>> = {
  text: "STRING",
  integer: "INT64",
  number: "DOUBLE",
  boolean: "BOOLEAN",
};

/** Integers are 64 bits wide, numbers doubles; null is null. */
export function parquetBytes({ columns, rows }: TidyTable): Uint8Array {
  const buffer = parquetWriteBuffer({
    createdBy: "rademark",
    columnData: columns.map(({ name, type }, i) => ({
      name,
      type: TYPES[type],
      data: rows.map((row) => {
        const value = row[i] ?? null;
        return type === "integer" && value !== null ? BigInt(value) : value;
      }),
    })),
  });
  return new Uint8Array(buffer);
}
