import { backfillInOneStatement } from "./backfill-in-one-statement.ts";
import { concurrentIndexLeftover } from "./concurrent-index-leftover.ts";
import { concurrentlyIfNotExists } from "./concurrently-if-not-exists.ts";
import { concurrentlyInTransaction } from "./concurrently-in-transaction.ts";
import { concurrentlyOnPartitioned } from "./concurrently-on-partitioned.ts";
import { dataWithSchema } from "./data-with-schema.ts";
import { deleteAllRows } from "./delete-all-rows.ts";
import { deleteRows } from "./delete-rows.ts";
import { dropColumn } from "./drop-column.ts";
import { dropIndexNotConcurrent } from "./drop-index-not-concurrent.ts";
import { hashIndex } from "./hash-index.ts";
import { indexManyColumns } from "./index-many-columns.ts";
import { indexNotConcurrent } from "./index-not-concurrent.ts";
import { indexRedundant } from "./index-redundant.ts";
import { insertFromQuery } from "./insert-from-query.ts";
import { lockTable } from "./lock-table.ts";
import { lockTimeoutMissing } from "./lock-timeout-missing.ts";
import { mergeRows } from "./merge-rows.ts";
import { reindexNotConcurrent } from "./reindex-not-concurrent.ts";
import type { Rule } from "./rule.ts";
import { setNotNull } from "./set-not-null.ts";
import { severalTablesLocked } from "./several-tables-locked.ts";
import { statementTimeoutMissing } from "./statement-timeout-missing.ts";
import { transactionInMigration } from "./transaction-in-migration.ts";
import { transactionLeftOpen } from "./transaction-left-open.ts";
import { uniqueIndexOnData } from "./unique-index-on-data.ts";
import { updateAllRows } from "./update-all-rows.ts";

export const rules: readonly Rule[] = [
  backfillInOneStatement,
  concurrentIndexLeftover,
  concurrentlyIfNotExists,
  concurrentlyInTransaction,
  concurrentlyOnPartitioned,
  dataWithSchema,
  deleteAllRows,
  deleteRows,
  dropColumn,
  dropIndexNotConcurrent,
  hashIndex,
  indexManyColumns,
  indexNotConcurrent,
  indexRedundant,
  insertFromQuery,
  lockTable,
  lockTimeoutMissing,
  mergeRows,
  reindexNotConcurrent,
  setNotNull,
  severalTablesLocked,
  statementTimeoutMissing,
  transactionInMigration,
  transactionLeftOpen,
  uniqueIndexOnData,
  updateAllRows,
];
