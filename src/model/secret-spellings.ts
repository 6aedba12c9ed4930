/** The shortest value whose other spellings are worth a search: of a shorter one they are chance. */
const shortestForOthers = 5;

export interface SecretSpelling {
  readonly form: "plain" | "JSON-escaped" | "URL-encoded" | "base64";
  readonly text: string;
}

/**
 * The spellings in which a secret value is recognised: plain, without a newline at its end, JSON-escaped,
 * URL-encoded, and base64, of both alphabets and also in the middle of a longer base64 text.
 */
export function secretSpellings(value: string): readonly SecretSpelling[] {
  const found = new Map<string, SecretSpelling>();
  const add = (form: SecretSpelling["form"], text: string) => {
    if (text !== "" && !found.has(text)) found.set(text, { form, text });
  };
  for (const text of [value, value.replace(/\r?\n$/, "")]) {
    add("plain", text);
    if (text.length < shortestForOthers) continue;
    add("JSON-escaped", JSON.stringify(text).slice(1, -1));
    const uri = encodeURIComponent(text.toWellFormed());
    add("URL-encoded", uri);
    add("URL-encoded", uri.replaceAll("%20", "+"));
    add(
      "URL-encoded",
      uri.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    );
    for (const encoded of base64Cores(text)) {
      add("base64", encoded);
      add("base64", encoded.replaceAll("+", "-").replaceAll("/", "_"));
    }
  }
  return [...found.values()];
}

/** For each of three places in a group of bytes: the digits that do not depend on what stands before and after. */
function base64Cores(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return end - first < 6 ? [] : [encoded.slice(first, end)];
  });
}
