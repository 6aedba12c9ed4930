import type { Container } from "@dagger.io/dagger";
import { failure } from "../../model/errors.ts";
import { visible } from "../../model/visible.ts";
import { lastLines, outputOf, stepFailure } from "../step-failure.ts";

export interface BrowserContainer {
  readonly container: Container;
  /** `Chromium 156.0.8078.79 at /usr/bin/chromium`, or what else brings it. */
  readonly about: string;
}

/**
 * Adds a browser where the container has none. The variables by which tools find one say where it is, but for an image of
 * Playwright's, which has its own.
 * @throws FairwayError BROWSER_MISSING (exit 1) where there is none and none can be installed
 */
export async function withBrowser(container: Container, image: string): Promise<BrowserContainer> {
  const looked = container.withExec([...haveBrowser]);
  const [path = "", version = ""] = (await looked.stdout().catch(missing(image))).trim().split("\n");
  if (path === "") return { container: looked, about: `the browsers of ${image}` };
  const equipped = variables(path).reduce(
    (result, [name, value]) => result.withEnvVariable(name, value),
    looked,
  );
  return { container: equipped, about: visible(`${version} at ${path}`) };
}

function variables(path: string): readonly (readonly [name: string, value: string])[] {
  return [
    // Karma, and what people write into the options of a tool that asks no variable: Playwright's, WebdriverIO's.
    ["CHROME_BIN", path],
    ["CHROMIUM_BIN", path],
    // Lighthouse, by chrome-launcher.
    ["CHROME_PATH", path],
    ["PUPPETEER_EXECUTABLE_PATH", path],
    ["PUPPETEER_SKIP_DOWNLOAD", "true"],
    ["PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"],
  ];
}

function missing(image: string) {
  return (error: unknown): never => {
    const failed = stepFailure(error);
    if (failed === undefined) throw error;
    throw failure(`there is no browser in ${image}, and none could be installed`, {
      code: "BROWSER_MISSING",
      output: lastLines(outputOf(failed), 10),
      remedy:
        "On the embedded engine this machine's Chromium or Google Chrome stands in: apt-get install chromium. " +
        "On a Dagger engine name an image that has one and the toolchain: toolImages: { browser: ... }",
      cause: error,
    });
  };
}

/**
 * Runs in a step. Prints where the browser is and its version; nothing where Playwright's own are there. What does not
 * tell its version is none: Ubuntu's chromium-browser only says how to install it.
 */
const search = `
# have a browser
look() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    path=$(command -v "$name") || continue
    version=$("$path" --version 2>/dev/null) || continue
    printf '%s\\n%s\\n' "$path" "$version"
    exit 0
  done
}
look
if [ -n "\${PLAYWRIGHT_BROWSERS_PATH:-}" ] && [ -d "$PLAYWRIGHT_BROWSERS_PATH" ]; then exit 0; fi
if [ ! -s /var/lib/dpkg/status ]; then
  echo "no chromium or google-chrome in PATH, and no apt-get that could install one" >&2
  exit 1
fi
apt-get update >&2
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium fonts-liberation >&2
rm -rf /var/lib/apt/lists/*
look
echo "what apt-get installed does not start" >&2
exit 1
`;

export const haveBrowser: readonly string[] = ["sh", "-euc", search];
