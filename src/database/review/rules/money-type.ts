import { madeAs, newColumnsLike } from "./new-columns.ts";
import type { Rule } from "./rule.ts";

export const moneyType: Rule = {
  id: "money-type",
  severity: "low",
  catches: "money depends on a setting of the server for its currency and its digits",
  why: "lc_monetary decides what is read and written: the same rows mean another currency elsewhere, and a dump may not come back. numeric with a column for the currency keeps both.",
  examples: {
    bad: ["CREATE TABLE orders (id bigint PRIMARY KEY, total money);"],
    good: ["CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(14, 2), currency text);"],
    goodInContext: ["CREATE TEMP TABLE import (total money);"],
  },
  check: (change, at) => {
    const found = newColumnsLike(change, at, ({ column }) => column.type.name === "money");
    if (found === null) return null;
    const { first, names } = found;
    return {
      what: `${names}: the currency is that of a setting of the server`,
      instead: madeAs(first, "numeric(14, 2)"),
    };
  },
};
