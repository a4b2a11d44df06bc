/**
 * @file `rademark/run-folder`: the folder of a run or a sweep, read, checked and recomputed (docs/library.md). For Node.
 * Names here keep their meaning while the version begins with the same two numbers.
 */

export { UserError } from "../harness/errors.ts";
export { tablesOf } from "../harness/study/study-tables.ts";
export { type Study, type Trained, readStudy } from "../harness/study/trained.ts";
export { type TidyTable, tidyRecords } from "../record/tidy-tables.ts";
