import parse from "spdx-expression-parse";

/** SPDX names of licences: the only ones that are allowed, and those that are not. */
export interface Terms {
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
}

type Expression = ReturnType<typeof parse>;

/**
 * Why a dependency under these terms may not be used; undefined where it may. Of `MIT OR GPL-3.0-only` the team chooses, and
 * `MIT AND GPL-3.0-only` are both. What is no SPDX expression is allowed only by those very words.
 */
export function refusalOf(license: string | undefined, terms: Terms): string | undefined {
  if (license === undefined || license.trim() === "") return "its licence is not known";
  const expression = parsed(license);
  if (expression === undefined)
    return terms.allow?.includes(license) === true ? undefined : `its licence is not known: ${license}`;
  if (isUsable(expression, terms)) return undefined;
  return `${license} is ${terms.allow === undefined ? "denied" : "not allowed"}`;
}

function isUsable(expression: Expression, terms: Terms): boolean {
  if ("conjunction" in expression) {
    const parts = [expression.left, expression.right].map((part) => isUsable(part, terms));
    return expression.conjunction === "or" ? parts.includes(true) : !parts.includes(false);
  }
  const { license, plus = false, exception } = expression;
  // As it was written before there was WITH.
  const [, base = license] = /^(GPL-\d\.\d)-with-./i.exec(license) ?? [];
  const name = current(plus ? `${base}+` : base);
  const granted = exception === undefined ? license : `${name} WITH ${exception}`;
  const hasException = exception !== undefined || base !== license;
  const names = hasException ? [granted, name] : [name];
  const isAmong = (list: readonly string[]) => names.some((one) => has(list, one));
  return !isAmong((terms.deny ?? []).flatMap(both)) && (terms.allow === undefined || isAmong(terms.allow));
}

function has(list: readonly string[], name: string): boolean {
  return list.some((one) => current(one).toLowerCase() === name.toLowerCase());
}

/** Who denies `AGPL-3.0` means it with later versions, too. */
function both(name: string): string[] {
  return /^(?:[AL]?GPL|GFDL)-\d\.\d$/i.test(name) ? [`${name}-only`, `${name}-or-later`] : [name];
}

/** SPDX gave up `GPL-3.0` and `GPL-3.0+` for `GPL-3.0-only` and `GPL-3.0-or-later`; packages and teams still write them. */
function current(name: string): string {
  return name.replace(
    /^((?:[AL]?GPL|GFDL)-\d\.\d)(?:-only|(-or-later))?(\+)?(?= WITH |$)/i,
    (_, base: string, later?: string, plus?: string) => `${base}${(later ?? plus) ? "-or-later" : "-only"}`,
  );
}

function parsed(license: string): Expression | undefined {
  try {
    return parse(license);
  } catch {
    return undefined;
  }
}
