import { html, Html } from "./html.ts";

export interface PageOptions {
  readonly version: string;
}

export function page({ version }: PageOptions, title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Harbour Goods</title>
        <style>
          ${new Html(styles)}
        </style>
      </head>
      <body>
        <header>
          <a href="/">Harbour Goods</a>
          <span>Made to be kept</span>
        </header>
        <main>${content}</main>
        <footer>Release ${version}</footer>
      </body>
    </html> `.text;
}

const styles = `
  :root { color-scheme: light dark; --ink: light-dark(#1d2a33, #e9eef1); --paper: light-dark(#f6f3ec, #14202a);
    --card: light-dark(#fffdf8, #1c2b37); --line: light-dark(#ddd6c8, #2d4150); --accent: light-dark(#0d5c75, #7cc4da); }
  * { box-sizing: border-box; }
  body { margin: 0; font: 16px/1.5 ui-sans-serif, system-ui, sans-serif; color: var(--ink); background: var(--paper); }
  header, main, footer { max-width: 68rem; margin: 0 auto; padding: 1.25rem 1.5rem; }
  header { display: flex; align-items: baseline; gap: 1rem; border-bottom: 1px solid var(--line); }
  header a { font: 600 1.35rem/1 ui-serif, Georgia, serif; color: inherit; text-decoration: none; }
  header span, footer, .muted { color: color-mix(in srgb, var(--ink) 62%, transparent); font-size: 0.9rem; }
  h1, h2 { font-family: ui-serif, Georgia, serif; font-weight: 600; line-height: 1.2; }
  a { color: var(--accent); }
  .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; padding: 0; }
  .card { display: flex; flex-direction: column; gap: 0.35rem; padding: 1rem 1.1rem; background: var(--card);
    border: 1px solid var(--line); border-radius: 0.6rem; list-style: none; }
  .card a { font-weight: 600; text-decoration: none; }
  .price { margin-top: auto; font-variant-numeric: tabular-nums; font-weight: 600; }
  form { display: grid; gap: 0.75rem; max-width: 22rem; padding: 1rem 0; }
  label { display: grid; gap: 0.25rem; font-size: 0.9rem; }
  input, button { font: inherit; padding: 0.5rem 0.7rem; border: 1px solid var(--line); border-radius: 0.4rem;
    background: var(--card); color: inherit; }
  button { background: var(--accent); border-color: var(--accent); color: var(--paper); cursor: pointer; }
`;
