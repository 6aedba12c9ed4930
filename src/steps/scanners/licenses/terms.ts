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
  const name = plus ? `${license}+` : license;
  const names = exception === undefined ? [name] : [`${name} WITH ${exception}`, name];
  const isAmong = (list: readonly string[]) => names.some((one) => has(list, one));
  return !isAmong(terms.deny ?? []) && (terms.allow === undefined || isAmong(terms.allow));
}

function has(list: readonly string[], name: string): boolean {
  return list.some((one) => one.toLowerCase() === name.toLowerCase());
}

function parsed(license: string): Expression | undefined {
  try {
    return parse(license);
  } catch {
    return undefined;
  }
}
