/**
 * Whether an expression or query is nested more deeply than PostgreSQL's parser, built for WebAssembly, can follow: its
 * stack would overflow, and what it says afterwards could not be trusted. An estimate, far below where that happens.
 */
export function isTooDeep(sql: string): boolean {
  // A level takes two characters at least.
  if (sql.length < 2 * deepest) return false;
  const levels: { depth: number; readonly opening: number }[] = [];
  let top = { depth: 0, opening: 0 };
  let depth = 0;
  for (const token of tokensOf(sql)) {
    const opening = openings[token] ?? (token.startsWith("(") ? queryDepth : 0);
    if (opening > 0) {
      levels.push(top);
      top = { depth: 0, opening };
      depth += opening;
    } else if (token === ")" || token === "]" || token === "end") {
      depth -= top.depth + top.opening;
      top = levels.pop() ?? { depth: 0, opening: 0 };
    } else if (token === ";") {
      levels.length = 0;
      top = { depth: 0, opening: 0 };
      depth = 0;
    } else if (siblings.test(token)) {
      depth -= top.depth;
      top.depth = 0;
    } else if (deepening.test(token)) {
      const more = token === "at" ? callDepth : 1;
      depth += more;
      top.depth += more;
    }
    if (depth > deepest) return true;
  }
  return false;
}

/** It overflows at some 9,000 operators in a chain, and at less than 4,000 calls or 3,000 queries within each other. */
const deepest = 1_000;
const callDepth = 2;
const queryDepth = 4;
const openings: Readonly<Record<string, number>> = { "(": callDepth, "[": 1, case: callDepth };

/** Brackets, words and operators. Literals, quoted names and comments are passed over. */
function* tokensOf(sql: string): Generator<string> {
  const token =
    /['"]|--|\/\*|\$(?:[a-z_]\w*)?\$|\(\s{0,9}(?:select|with)\b|[()[\],;]|[a-z_]\w{0,63}|::|[-+*/<>=~!@#%^&|`?.:]/gi;
  for (let found = token.exec(sql); found !== null; found = token.exec(sql)) {
    const [text] = found;
    const closing = closings[text] ?? (text.startsWith("$") ? text : undefined);
    if (closing === undefined) {
      yield text.toLowerCase();
      continue;
    }
    const end = sql.indexOf(closing, token.lastIndex);
    if (end < 0) return;
    token.lastIndex = end + closing.length;
  }
}

const closings: Readonly<Record<string, string>> = { "'": "'", '"': '"', "--": "\n", "/*": "*/" };

const siblings = /^(?:,|when|then|else|and|or|set|where|from|values)$/;

const deepening =
  /^(?:::|[-+*/<>=~!@#%^&|`?.:]|not|is|at|collate|union|except|intersect|join|like|ilike|similar|between|in|isnull|notnull)$/;
