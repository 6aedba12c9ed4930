import { addAutoIncrementColumn } from "./add-auto-increment-column.ts";
import { addEnumValue } from "./add-enum-value.ts";
import { addRequiredColumn } from "./add-required-column.ts";
import { addStoredGeneratedColumn } from "./add-stored-generated-column.ts";
import { addTrigger } from "./add-trigger.ts";
import { attachPartitionScan } from "./attach-partition-scan.ts";
import { backfillInOneStatement } from "./backfill-in-one-statement.ts";
import { cascade } from "./cascade.ts";
import { changeColumnType } from "./change-column-type.ts";
import { changeDefault } from "./change-default.ts";
import { changeGeneratedExpression } from "./change-generated-expression.ts";
import { changeIdentity } from "./change-identity.ts";
import { changeInheritance } from "./change-inheritance.ts";
import { changeOwner } from "./change-owner.ts";
import { changePolicy } from "./change-policy.ts";
import { changeTypeToSerial } from "./change-type-to-serial.ts";
import { charType } from "./char-type.ts";
import { checkWithoutNotValid } from "./check-without-not-valid.ts";
import { clusterTable } from "./cluster-table.ts";
import { concurrentIndexLeftover } from "./concurrent-index-leftover.ts";
import { concurrentlyIfNotExists } from "./concurrently-if-not-exists.ts";
import { concurrentlyInTransaction } from "./concurrently-in-transaction.ts";
import { concurrentlyOnPartitioned } from "./concurrently-on-partitioned.ts";
import { convertColumn } from "./convert-column.ts";
import { dangerousSetting } from "./dangerous-setting.ts";
import { dataWithSchema } from "./data-with-schema.ts";
import { deleteAllRows } from "./delete-all-rows.ts";
import { deleteRows } from "./delete-rows.ts";
import { detachPartition } from "./detach-partition.ts";
import { disableTrigger } from "./disable-trigger.ts";
import { doBlock } from "./do-block.ts";
import { domainConstraint } from "./domain-constraint.ts";
import { dropColumn } from "./drop-column.ts";
import { dropConstraint } from "./drop-constraint.ts";
import { dropDefault } from "./drop-default.ts";
import { dropExtension } from "./drop-extension.ts";
import { dropFunction } from "./drop-function.ts";
import { dropIndexNotConcurrent } from "./drop-index-not-concurrent.ts";
import { dropNotNull } from "./drop-not-null.ts";
import { dropPrimaryKey } from "./drop-primary-key.ts";
import { dropSchema } from "./drop-schema.ts";
import { dropSequence } from "./drop-sequence.ts";
import { dropTable } from "./drop-table.ts";
import { dropTrigger } from "./drop-trigger.ts";
import { dropType } from "./drop-type.ts";
import { dropView } from "./drop-view.ts";
import { enumValueInTransaction } from "./enum-value-in-transaction.ts";
import { eventTrigger } from "./event-trigger.ts";
import { exclusionConstraint } from "./exclusion-constraint.ts";
import { foreignKeyWithoutNotValid } from "./foreign-key-without-not-valid.ts";
import { functionAsOwner } from "./function-as-owner.ts";
import { grantToPublic } from "./grant-to-public.ts";
import { hashIndex } from "./hash-index.ts";
import { indexManyColumns } from "./index-many-columns.ts";
import { indexNotConcurrent } from "./index-not-concurrent.ts";
import { indexRedundant } from "./index-redundant.ts";
import { insertFromQuery } from "./insert-from-query.ts";
import { intPrimaryKey } from "./int-primary-key.ts";
import { jsonInsteadOfJsonb } from "./json-instead-of-jsonb.ts";
import { lockTable } from "./lock-table.ts";
import { lockTimeoutMissing } from "./lock-timeout-missing.ts";
import { maintenanceInTransaction } from "./maintenance-in-transaction.ts";
import { mergeRows } from "./merge-rows.ts";
import { mixedPhases } from "./mixed-phases.ts";
import { moneyType } from "./money-type.ts";
import { moveTable } from "./move-table.ts";
import { narrowColumnType } from "./narrow-column-type.ts";
import { passwordInMigration } from "./password-in-migration.ts";
import { primaryKeyWithoutIndex } from "./primary-key-without-index.ts";
import { refreshViewNotConcurrent } from "./refresh-view-not-concurrent.ts";
import { reindexNotConcurrent } from "./reindex-not-concurrent.ts";
import { removeEnumValue } from "./remove-enum-value.ts";
import { renameColumn } from "./rename-column.ts";
import { renameEnumValue } from "./rename-enum-value.ts";
import { renameSchema } from "./rename-schema.ts";
import { renameTable } from "./rename-table.ts";
import { renameType } from "./rename-type.ts";
import { renameView } from "./rename-view.ts";
import { replaceFunction } from "./replace-function.ts";
import { replaceView } from "./replace-view.ts";
import { restartSequence } from "./restart-sequence.ts";
import { revokePrivilege } from "./revoke-privilege.ts";
import { rewriteRule } from "./rewrite-rule.ts";
import { rewriteTable } from "./rewrite-table.ts";
import { roleWithPower } from "./role-with-power.ts";
import { rowSecurityOff } from "./row-security-off.ts";
import { rowSecurityWithoutPolicy } from "./row-security-without-policy.ts";
import type { Rule } from "./rule.ts";
import { sequenceRunsOut } from "./sequence-runs-out.ts";
import { serialColumn } from "./serial-column.ts";
import { sessionSettingKept } from "./session-setting-kept.ts";
import { setLocalOutsideTransaction } from "./set-local-outside-transaction.ts";
import { setNotNull } from "./set-not-null.ts";
import { settingForAll } from "./setting-for-all.ts";
import { severalTablesLocked } from "./several-tables-locked.ts";
import { statementTimeoutMissing } from "./statement-timeout-missing.ts";
import { tableWithoutPrimaryKey } from "./table-without-primary-key.ts";
import { timestampWithoutTimeZone } from "./timestamp-without-time-zone.ts";
import { transactionInMigration } from "./transaction-in-migration.ts";
import { transactionLeftOpen } from "./transaction-left-open.ts";
import { truncate } from "./truncate.ts";
import { uniqueIndexOnData } from "./unique-index-on-data.ts";
import { uniqueWithoutIndex } from "./unique-without-index.ts";
import { unloggedTable } from "./unlogged-table.ts";
import { updateAllRows } from "./update-all-rows.ts";
import { vacuumFull } from "./vacuum-full.ts";
import { validateInSameTransaction } from "./validate-in-same-transaction.ts";
import { varcharLimit } from "./varchar-limit.ts";
import { volatileDefault } from "./volatile-default.ts";

export const rules: readonly Rule[] = [
  addAutoIncrementColumn,
  addEnumValue,
  addRequiredColumn,
  addStoredGeneratedColumn,
  addTrigger,
  attachPartitionScan,
  backfillInOneStatement,
  cascade,
  changeColumnType,
  changeDefault,
  changeGeneratedExpression,
  changeIdentity,
  changeInheritance,
  changeOwner,
  changePolicy,
  changeTypeToSerial,
  charType,
  checkWithoutNotValid,
  clusterTable,
  concurrentIndexLeftover,
  concurrentlyIfNotExists,
  concurrentlyInTransaction,
  concurrentlyOnPartitioned,
  convertColumn,
  dangerousSetting,
  dataWithSchema,
  deleteAllRows,
  deleteRows,
  detachPartition,
  disableTrigger,
  doBlock,
  domainConstraint,
  dropColumn,
  dropConstraint,
  dropDefault,
  dropExtension,
  dropFunction,
  dropIndexNotConcurrent,
  dropNotNull,
  dropPrimaryKey,
  dropSchema,
  dropSequence,
  dropTable,
  dropTrigger,
  dropType,
  dropView,
  enumValueInTransaction,
  eventTrigger,
  exclusionConstraint,
  foreignKeyWithoutNotValid,
  functionAsOwner,
  grantToPublic,
  hashIndex,
  indexManyColumns,
  indexNotConcurrent,
  indexRedundant,
  insertFromQuery,
  intPrimaryKey,
  jsonInsteadOfJsonb,
  lockTable,
  lockTimeoutMissing,
  maintenanceInTransaction,
  mergeRows,
  mixedPhases,
  moneyType,
  moveTable,
  narrowColumnType,
  passwordInMigration,
  primaryKeyWithoutIndex,
  refreshViewNotConcurrent,
  reindexNotConcurrent,
  removeEnumValue,
  renameColumn,
  renameEnumValue,
  renameSchema,
  renameTable,
  renameType,
  renameView,
  replaceFunction,
  replaceView,
  restartSequence,
  revokePrivilege,
  rewriteRule,
  rewriteTable,
  roleWithPower,
  rowSecurityOff,
  rowSecurityWithoutPolicy,
  sequenceRunsOut,
  serialColumn,
  sessionSettingKept,
  setLocalOutsideTransaction,
  setNotNull,
  settingForAll,
  severalTablesLocked,
  statementTimeoutMissing,
  tableWithoutPrimaryKey,
  timestampWithoutTimeZone,
  transactionInMigration,
  transactionLeftOpen,
  truncate,
  uniqueIndexOnData,
  uniqueWithoutIndex,
  unloggedTable,
  updateAllRows,
  vacuumFull,
  validateInSameTransaction,
  varcharLimit,
  volatileDefault,
];
