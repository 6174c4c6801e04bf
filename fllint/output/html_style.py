"""How the HTML report looks: in the light and in the dark, on screen and on paper."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1c2024; --soft: #5b6470; --line: #dfe3e8; --code: #f3f5f7;
  --mark: #fff0c2; --link: #0b5cad;
  --error: #b3261e; --error-tint: #fdeceb; --warning: #8a5a00; --warning-tint: #fff4dc;
  --info: #0b5cad; --info-tint: #e7f1fb; --ok: #1b7f4b; --ok-tint: #e5f5ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --card: #1c2024; --ink: #e6e9ed; --soft: #9aa4b0; --line: #30363d; --code: #15191d;
    --mark: #4d3d10; --link: #7ab7f5;
    --error: #ff8a80; --error-tint: #3b1f1e; --warning: #f2bd5c; --warning-tint: #382b12;
    --info: #7ab7f5; --info-tint: #172a3d; --ok: #6bd49b; --ok-tint: #15301f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
a { color: var(--link); }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.about { color: var(--soft); margin: .35rem 0 1.25rem; }
.counts { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0; padding: 0; list-style: none; }
.counts li { border-radius: .6rem; padding: .45rem .9rem; background: var(--card); border: 1px solid var(--line); }
.counts strong { font-size: 1.15rem; margin-right: .3rem; font-variant-numeric: tabular-nums; }
.error { --tone: var(--error); --tint: var(--error-tint); }
.warning { --tone: var(--warning); --tint: var(--warning-tint); }
.info { --tone: var(--info); --tint: var(--info-tint); }
.ok { --tone: var(--ok); --tint: var(--ok-tint); }
.counts .error, .counts .warning, .counts .info, .counts .ok { background: var(--tint); border-color: transparent;
  color: var(--tone); }
.finding { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--tone, var(--line));
  border-radius: .5rem; padding: .9rem 1.1rem 1rem; margin: .8rem 0; break-inside: avoid; }
.head { display: flex; flex-wrap: wrap; gap: .3rem .6rem; align-items: baseline; font-size: .85rem;
  color: var(--soft); margin-bottom: .3rem; }
.badge { background: var(--tint); color: var(--tone); border-radius: .3rem; padding: .05rem .45rem; font-weight: 600; }
.where { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .82rem;
  color: var(--soft); margin: .75rem 0 .3rem; overflow-wrap: anywhere; }
pre { margin: 0; background: var(--code); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem 0;
  overflow-x: auto; font: .82rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  tab-size: 4; }
pre span.line { display: block; padding: 0 .9rem 0 0; white-space: pre; width: max-content; min-width: 100%; }
pre span.meant { background: color-mix(in srgb, var(--mark) 40%, transparent); }
pre span.number { display: inline-block; width: 3.6rem; padding-right: .9rem; text-align: right; color: var(--soft);
  user-select: none; }
mark { background: var(--mark); color: inherit; border-radius: .15rem; box-shadow: 0 2px 0 var(--tone, transparent); }
.help { margin: .75rem 0 0; padding: .5rem .8rem; background: var(--ok-tint); border-radius: .4rem; }
.help strong { color: var(--ok); margin-right: .35rem; }
.quiet { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1.1rem;
  margin: .8rem 0; }
.quiet summary { cursor: pointer; font-weight: 600; }
.quiet ul, .quiet table { margin: .7rem 0 .2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: .85rem; }
td:last-child { overflow-wrap: anywhere; }
td.count { font-variant-numeric: tabular-nums; }
img.drawing { display: block; max-width: 100%; height: auto; margin-top: .7rem; }
.drawing-frame { overflow-x: auto; }
@media print {
  body { background: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  pre span.line { white-space: pre-wrap; overflow-wrap: anywhere; width: auto; }
}
"""
