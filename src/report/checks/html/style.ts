import { Markup } from "../../markup.ts";

/** Beside the sheet of all pages: filters and findings. */
export const style = new Markup(`
body { max-width: 72rem; }
:root { --focus: #3c6186; } @media (prefers-color-scheme: dark) { :root { --focus: #7d9cbb; } }
#filters { padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
#filters fieldset { border: 0; margin: .4rem 0; padding: 0; min-width: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
#filters legend { float: left; width: 6rem; color: var(--faint); padding: 0; }
#filters label { overflow-wrap: anywhere; } h2, p { overflow-wrap: anywhere; } #filters .search { color: var(--faint); }
#filters input[type="search"] { font: inherit; color: var(--ink); background: var(--page); border: 1px solid var(--line);
  border-radius: .3rem; padding: .25rem .5rem; width: min(28rem, 100%); margin-left: 2.9rem; }
#filters button { font: inherit; font-size: .85rem; color: var(--ink); background: var(--page); border: 1px solid var(--line); border-radius: .3rem; padding: .1rem .6rem; cursor: pointer; }
#filters input[type="checkbox"] { accent-color: var(--focus); }
.count { color: var(--faint); font-size: .9rem; margin: .5rem 0 0; }
#findings { list-style: none; padding: 0; }
#findings > li { padding: .7rem 0 .6rem; border-bottom: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 6rem; }
#findings > li[hidden] { display: none; }
.finding { margin: 0; overflow-wrap: anywhere; } .finding .badge { margin-right: .3rem; }
.treatment, .place { color: var(--faint); font-size: .85rem; overflow-wrap: anywhere; } .place b { font-weight: 600; }
.message { white-space: pre-wrap; overflow-wrap: anywhere; }
#findings dl { font-size: .9rem; margin-top: .3rem; } a { color: inherit; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
@media (max-width: 40rem) { #filters input[type="search"] { margin-left: 0; } #filters legend { float: none; } }
@media print { #filters { display: none; } #findings > li { content-visibility: visible; } }
`);
