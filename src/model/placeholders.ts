/** `${name}` in texts of a config, and how a value is put into one so that it stays a value. */
const placeholder = /\$\{([A-Za-z]*)\}/g;

export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(placeholder)].map(([, name = ""]) => name);
}

/** Fills in each once: what is filled in is not looked at again. A name without a value stays. */
export function fillIn(
  text: string,
  values: Readonly<Record<string, string>>,
  escape: (value: string) => string,
): string {
  return text.replaceAll(placeholder, (whole, name: string) =>
    Object.hasOwn(values, name) ? escape(values[name] ?? "") : whole,
  );
}

/** Whether each placeholder but `${window}` stands where a value cannot be anything else than a value of a label. */
export function isSafeQuery(query: string): boolean {
  return partsOf(query).every(
    ({ text, quote }) =>
      (quote !== "" && quote !== "`") ||
      placeholdersOf(text).every((name) => name === "window" && quote === ""),
  );
}

/**
 * PromQL with its placeholders filled in: as text in a string, as plain text in a regular expression (RE2), as it is elsewhere.
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
 */
export function fillInQuery(query: string, values: Readonly<Record<string, string>>): string {
  return partsOf(query)
    .map(({ text, quote, isPattern }) =>
      fillIn(text, values, (value) =>
        quote === "" ? value : escapedText(isPattern ? escapedPattern(value) : value, quote),
      ),
    )
    .join("");
}

interface Part {
  readonly text: string;
  /** What a string is quoted with, and empty outside of strings; `#` for comments. */
  readonly quote: string;
  /** Whether a string is a regular expression. */
  readonly isPattern: boolean;
}

/** Strings, comments, and what is between them. */
export function partsOf(query: string): Part[] {
  const expression = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|[^"'`#]+|["'`]/gs;
  let before = "";
  return [...query.matchAll(expression)].map(([text]) => {
    const isString = text.length > 1 && /^["'`]/.test(text);
    const quote = isString || text.startsWith("#") ? text.charAt(0) : "";
    const isPattern = isString && /[=!]~\s*$/.test(before);
    before = text;
    return { text, quote, isPattern };
  });
}

/** The other quote is not escaped: PromQL takes that for a mistake. */
function escapedText(value: string, quote: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll(quote, `\\${quote}`)
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
}

function escapedPattern(value: string): string {
  return value.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}
