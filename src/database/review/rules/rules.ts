import { dropColumn } from "./drop-column.ts";
import { indexNotConcurrent } from "./index-not-concurrent.ts";
import { lockTimeoutMissing } from "./lock-timeout-missing.ts";
import type { Rule } from "./rule.ts";
import { setNotNull } from "./set-not-null.ts";

export const rules: readonly Rule[] = [dropColumn, indexNotConcurrent, lockTimeoutMissing, setNotNull];
