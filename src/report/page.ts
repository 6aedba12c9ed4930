import { markup, type Markup, type Part } from "./markup.ts";
import { pageStyle } from "./page-style.ts";

export interface Page {
  /** Of the browser's tab. */
  readonly title: string;
  /** What kind of page it is, above its heading. */
  readonly kind: string;
  readonly heading: string;
  readonly lead?: Part;
  readonly badges: Part;
  readonly main: Part;
  readonly footer: Part;
  /** Beside the sheet of all pages. */
  readonly style?: Markup;
  /** The only script that the page lets run, and the source list of `script-src` that says so. */
  readonly script?: { readonly text: Markup; readonly policy: string };
}

/** A page that needs nothing else and no network: to read, to print, to keep. */
export function pageHtml({ title, kind, heading, lead, badges, main, footer, style, script }: Page): string {
  const scripts = script === undefined ? "" : markup`; script-src '${script.policy}'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${scripts}">
<title>${title}</title>
<style>${pageStyle}${style ?? ""}</style>
</head>
<body>
<header>
<p class="eyebrow">${kind}</p>
<h1>${heading}</h1>
${lead === undefined ? "" : markup`<p class="lead">${lead}</p>`}
<p class="badges">${badges}</p>
</header>
<main>
${main}
</main>
<footer>
<p>${footer}</p>
</footer>
${script === undefined ? "" : markup`<script>${script.text}</script>`}
</body>
</html>
`.text;
}
