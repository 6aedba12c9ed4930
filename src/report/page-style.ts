import { Markup } from "./markup.ts";

/** One sheet for screen and paper, light and dark; paper is always light. */
export const pageStyle = new Markup(`
:root {
  color-scheme: light dark;
  --ink: #1b1f24; --faint: #5b6672; --page: #ffffff; --card: #f5f7f9; --line: #d6dce2;
  --good: #11632f; --good-back: #dff3e5; --warn: #7a4a00; --warn-back: #fdf0d5; --bad: #9b1c1c; --bad-back: #fde3e1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6eaee; --faint: #9aa7b4; --page: #14181d; --card: #1c2229; --line: #343d47;
    --good: #8fe0a8; --good-back: #173722; --warn: #f2c572; --warn-back: #3b2c10; --bad: #ffaaa3; --bad-back: #45201f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
p { margin: .3rem 0; }
.eyebrow { color: var(--faint); font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; }
.lead { color: var(--faint); margin-bottom: 1rem; overflow-wrap: anywhere; }
.badges { margin: .8rem 0 1rem; display: flex; flex-wrap: wrap; gap: .5rem; }
.badge { padding: .1rem .65rem; border-radius: 1rem; font-size: .85rem; font-weight: 600; background: var(--card); border: 1px solid var(--line); }
.good { color: var(--good); } .badge.good { background: var(--good-back); border-color: currentColor; }
.warn { color: var(--warn); } .badge.warn { background: var(--warn-back); border-color: currentColor; }
.bad { color: var(--bad); } .badge.bad { background: var(--bad-back); border-color: currentColor; }
.note { background: var(--warn-back); color: var(--warn); border-left: 3px solid currentColor; padding: .5rem .8rem; margin: .8rem 0; overflow-wrap: anywhere; }
.note.bad { background: var(--bad-back); color: var(--bad); }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .3rem 1.2rem; margin: 0; padding: .8rem 1rem; background: var(--card); border-radius: .4rem; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--faint); font-weight: 600; white-space: nowrap; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: break-word; } td.time, td.state { white-space: nowrap; } td code { display: inline-block; min-width: 12ch; }
ol, ul { margin: .3rem 0; padding-left: 1.4rem; } li { overflow-wrap: anywhere; }
code, pre { font: .85em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--card); padding: .6rem .8rem; border-radius: .4rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
figure { margin: 1rem 0; } figcaption { font-weight: 600; margin-bottom: .2rem; }
svg { width: 100%; height: auto; background: var(--card); border-radius: .4rem; }
svg text { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--faint); }
svg .weight { fill: none; stroke: var(--ink); stroke-width: 2; }
svg .step { fill: var(--line); opacity: .35; } svg .step.pass { fill: var(--good); opacity: .1; }
svg .step.fail { fill: var(--bad); opacity: .14; } svg .step.insufficient { fill: var(--warn); opacity: .14; }
svg line.zero { stroke: var(--line); } svg line.limit { stroke: var(--bad); stroke-dasharray: 5 4; } svg text.limit { fill: var(--bad); }
svg .look line { stroke: var(--faint); opacity: .55; } svg .look circle, svg .look path { fill: none; stroke: var(--warn); stroke-width: 1.5; }
svg .look.pass circle { fill: var(--good); stroke: var(--good); } svg .look.fail path { stroke: var(--bad); stroke-width: 2.5; }
svg .look.decides line { stroke: var(--ink); opacity: 1; stroke-width: 1.5; }
svg .look .tip { visibility: hidden; fill: var(--ink); } svg .look:hover .tip, svg .look:focus .tip { visibility: visible; }
svg .look:focus { outline: none; } svg .look:focus circle, svg .look:focus path { stroke-width: 4; }
details { margin: .3rem 0; } summary { cursor: pointer; color: var(--faint); }
footer { margin-top: 2.5rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--faint); font-size: .85rem; }
@media (max-width: 48rem) { table { min-width: 44rem; } }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media print {
  :root {
    color-scheme: light;
    --ink: #000; --faint: #444; --page: #fff; --card: #fff; --line: #bbb;
    --good: #11632f; --good-back: #fff; --warn: #7a4a00; --warn-back: #fff; --bad: #9b1c1c; --bad-back: #fff;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  dl { border: 1px solid var(--line); } tr, li, dd { break-inside: avoid; } h2 { break-after: avoid; }
  .scroll { overflow: visible; } table { min-width: 0; font-size: 8pt; } td.time { white-space: normal; }
}
@page { margin: 18mm 15mm; }
`);
