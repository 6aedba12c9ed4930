import { Markup } from "../../markup.ts";

/** Beside the sheet of all pages: the timeline, and statements with what was found in them. */
export const style = new Markup(`
:root { --calm: #3c6186; --both: #c2352f; --writes: #c77d10; --grid: #e3e8ec; }
@media (prefers-color-scheme: dark) { :root { --calm: #7d9cbb; --both: #ef6f66; --writes: #e0a13c; --grid: #2a323b; } }
body { max-width: 72rem; }
h3 { font-size: .95rem; margin: 1.4rem 0 .1rem; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; margin: .4rem 0; font-size: .85rem; }
.legend span { display: inline-flex; align-items: center; gap: .45rem; }
.key { position: relative; width: 1.7rem; height: .75rem; border-radius: .15rem; }
.timeline { margin: 1.2rem 0 2rem; padding: .9rem 1rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
.timeline figcaption { font-size: .95rem; overflow-wrap: anywhere; }
.timeline figcaption small { display: block; color: var(--faint); font-size: .85rem; font-weight: 400; }
.timeline > ul { list-style: none; padding: 0; font-size: .9rem; }
.tone.both { color: var(--bad); } .tone.writes { color: var(--warn); } .tone.nobody { color: var(--faint); }
.timeline > ul .tone { font-weight: 600; }
.statements { list-style: none; padding: 0; margin: .6rem 0 0; }
.statements > li { border-top: 1px solid var(--line); padding: .55rem 0 .5rem; }
.said { display: flex; gap: .8rem; align-items: baseline; }
.said b { color: var(--faint); font-weight: 600; font-size: .85rem; white-space: nowrap; }
.said code { flex: 1; min-width: 0; } .takes { white-space: nowrap; font-size: .85rem; font-weight: 600; }
.takes.none, .doubt { color: var(--warn); } .doubt { font-size: .85rem; margin: .15rem 0 0; }
.ordered .takes { color: var(--faint); font-weight: 400; }
.lane { display: grid; grid-template-columns: 17rem 1fr; gap: 1rem; align-items: center; margin-top: .35rem; }
.lock { font-size: .8rem; line-height: 1.35; overflow-wrap: anywhere; }
.track { position: relative; height: 1.5rem; background: var(--page); border-radius: .2rem; box-shadow: inset 0 0 0 1px var(--grid); overflow: hidden; }
i.key.unknown { --tone: var(--faint); }
.track i { position: absolute; top: 3px; bottom: 3px; }
.sure, .may, .kept, .unknown, .order, .key { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.both { --tone: var(--both); } .writes { --tone: var(--writes); } .nobody { --tone: var(--calm); }
i.sure { background: var(--tone); min-width: 3px; border-radius: 2px; }
i.may { background: color-mix(in srgb, var(--tone) 38%, transparent); }
i.order { background: color-mix(in srgb, var(--tone) 70%, transparent); border-radius: 2px; }
i.kept { background: color-mix(in srgb, var(--tone) 10%, transparent); border: 1px solid color-mix(in srgb, var(--tone) 55%, transparent); border-left: 0; }
.track i.kept { top: 7px; bottom: 7px; }
i.unknown { border: 1px dashed var(--tone); border-radius: 2px;
  background: repeating-linear-gradient(-45deg, transparent 0 5px, color-mix(in srgb, var(--tone) 45%, transparent) 5px 8px); }
.axis .lock { color: var(--faint); text-align: right; } .axis .track { background: none; box-shadow: none; overflow: hidden; height: 1.3rem; border-top: 1px solid var(--line); border-radius: 0; }
.axis .track span { position: absolute; top: .2rem; padding-left: .3rem; border-left: 1px solid var(--line); font-size: .75rem; color: var(--faint); white-space: nowrap; }
.axis { margin-top: .6rem; }
.statement { margin: .7rem 0 1.2rem; padding-left: .9rem; border-left: 3px solid var(--line); }
.place { color: var(--faint); font-size: .85rem; overflow-wrap: anywhere; }
.finding { margin: .5rem 0 .2rem; } .finding .badge { margin-right: .3rem; }
.measured details { border-bottom: 1px solid var(--line); padding: .2rem 0; } .measured summary { overflow-wrap: anywhere; }
summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--calm); outline-offset: 2px; }
@media (max-width: 48rem) { .lane { grid-template-columns: 1fr; gap: .2rem; } .said { flex-wrap: wrap; } .said code { flex-basis: 100%; order: 3; } .axis .lock { display: none; } }
@media print { .timeline { break-inside: avoid; border-color: #bbb; } }
`);
