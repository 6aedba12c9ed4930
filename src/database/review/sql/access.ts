import type { GrantStmt, Node } from "libpg-query";
import type { Change, ChangeOf } from "../change.ts";
import { as, each, tableName } from "./nodes.ts";

/** GRANT and REVOKE on tables and everything else. */
export function granted({ is_grant, objects, targtype, grantees }: GrantStmt): Change[] {
  const on = targtype === "ACL_TARGET_OBJECT" ? each(objects, "RangeVar").map(tableName) : [];
  const who = roles(grantees);
  return is_grant === true
    ? [{ kind: "grant", on, what: "privileges", to: who }]
    : [{ kind: "revoke", on, what: "privileges", from: who }];
}

/** Their names; `PUBLIC` is everybody. */
export function roles(nodes: readonly Node[] | undefined): string[] {
  return each(nodes, "RoleSpec").map(
    ({ roletype, rolename }) =>
      rolename ?? (roletype ?? "").replace("ROLESPEC_", "").replaceAll("_", " ").trim(),
  );
}

export function roleChange(
  action: "create" | "alter",
  role: string,
  options: readonly Node[] | undefined,
): ChangeOf<"role"> {
  const all = each(options, "DefElem");
  return {
    kind: "role",
    role,
    action,
    powers: all.flatMap(({ defname = "", arg }) => {
      const power = powers[defname];
      return power !== undefined && as(arg, "Boolean")?.boolval === true ? [power] : [];
    }),
    password: all.some(
      ({ defname, arg }) => defname === "password" && (as(arg, "String")?.sval ?? "") !== "",
    ),
  };
}

/** What lets a role pass by the rights of others. */
const powers: Readonly<Record<string, string>> = {
  superuser: "SUPERUSER",
  bypassrls: "BYPASSRLS",
  createrole: "CREATEROLE",
  createdb: "CREATEDB",
  isreplication: "REPLICATION",
};
