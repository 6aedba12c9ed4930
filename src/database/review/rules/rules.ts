import { concurrentIndexLeftover } from "./concurrent-index-leftover.ts";
import { concurrentlyIfNotExists } from "./concurrently-if-not-exists.ts";
import { concurrentlyInTransaction } from "./concurrently-in-transaction.ts";
import { concurrentlyOnPartitioned } from "./concurrently-on-partitioned.ts";
import { dropColumn } from "./drop-column.ts";
import { dropIndexNotConcurrent } from "./drop-index-not-concurrent.ts";
import { hashIndex } from "./hash-index.ts";
import { indexManyColumns } from "./index-many-columns.ts";
import { indexNotConcurrent } from "./index-not-concurrent.ts";
import { indexRedundant } from "./index-redundant.ts";
import { lockTimeoutMissing } from "./lock-timeout-missing.ts";
import { reindexNotConcurrent } from "./reindex-not-concurrent.ts";
import type { Rule } from "./rule.ts";
import { setNotNull } from "./set-not-null.ts";
import { uniqueIndexOnData } from "./unique-index-on-data.ts";

export const rules: readonly Rule[] = [
  concurrentIndexLeftover,
  concurrentlyIfNotExists,
  concurrentlyInTransaction,
  concurrentlyOnPartitioned,
  dropColumn,
  dropIndexNotConcurrent,
  hashIndex,
  indexManyColumns,
  indexNotConcurrent,
  indexRedundant,
  lockTimeoutMissing,
  reindexNotConcurrent,
  setNotNull,
  uniqueIndexOnData,
];
