/** Files that hold secrets by their name alone. */
const byName: readonly (readonly [RegExp, string])[] = [
  [
    /(^|\/)\.env(\.(?!(example|sample|template|dist|defaults)$)[^/]+)?$/,
    "is a file of environment variables",
  ],
  [/(^|\/)id_(rsa|dsa|ecdsa|ed25519)$/, "is a private SSH key"],
  [/(^|\/)\.git-credentials$/, "holds git's credentials"],
  [/(^|\/)\.pgpass$/, "holds PostgreSQL's passwords"],
  [/(^|\/)\.aws\/credentials$/, "holds AWS credentials"],
];

/** Files that hold secrets when their content says so. */
const byContent: readonly (readonly [RegExp, RegExp, string])[] = [
  [
    /(^|\/)\.(npmrc|yarnrc)$/,
    /(_authToken|_auth|_password)\s*=\s*(?!\$\{)\S/,
    "holds the login of a package registry",
  ],
  [
    /(^|\/)\.yarnrc\.yml$/,
    /npmAuth(Token|Ident)\s*:\s*(?!["']?\$\{)\S/,
    "holds the login of a package registry",
  ],
  [/(^|\/)\.netrc$/, /\bpassword\s+\S/, "holds passwords for hosts"],
  [/(^|\/)\.docker\/config\.json$/, /"auth"\s*:\s*"[^"]/, "holds the login of an image registry"],
  [/\.(pem|key)$/, /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, "is a private key"],
  [
    /(^|\/)\.git\/config$/,
    /url\s*=\s*https?:\/\/[^\s/@]*:[^\s/@]+@/,
    "holds a password in the address of a git remote",
  ],
];

/** What the file gives away, or undefined. Packages bring such files as examples, so node_modules does not count. */
export function revealingFile(name: string, start: Buffer): string | undefined {
  if (name.includes("node_modules/") || start.length === 0) return undefined;
  const named = byName.find(([pattern]) => pattern.test(name));
  if (named !== undefined) return named[1];
  return byContent.find(
    ([pattern, content]) => pattern.test(name) && content.test(start.toString("latin1")),
  )?.[2];
}
