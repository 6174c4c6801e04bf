"""The looks of the svg: colours in custom properties, light and dark."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
.fllint-graph{--paper:#ffffff;--ink:#1f2933;--faint:#64707d;--box:#f7f8fa;--edge:#c9d0d8;--rule:#e4e8ec;
--site:#8a6d3b;--app:#475569;--flow:#0f766e;--handled:#6fb8ae;--id:#3b5bdb;--filter:#a21caf;--code:#4d7c0f;
--error:#c81e1e;--error-fill:#fdecec;--warning:#a15c07;--warning-fill:#fff6db;--info:#1d5fbf;--info-fill:#e8f1fd;
font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
@media (prefers-color-scheme:dark){.fllint-graph{--paper:#14181d;--ink:#e3e8ee;--faint:#94a0ad;--box:#1d232a;
--edge:#46515d;--rule:#2a323a;--site:#c9a66b;--app:#94a3b8;--flow:#2dd4bf;--handled:#3a8a7f;--id:#8ea2ff;--filter:#e879f9;--code:#a3d65c;
--error:#ff7b7b;--error-fill:#3a1d20;--warning:#f0b34a;--warning-fill:#352a14;--info:#7db4ff;--info-fill:#182a42}}
.fllint-graph text{fill:var(--ink);white-space:pre}
.fllint-graph .paper{fill:var(--paper)}
.fllint-graph .job{font-weight:700}
.fllint-graph .detail,.fllint-graph .heading,.fllint-graph .legend{fill:var(--faint)}
.fllint-graph .heading{letter-spacing:0}
.fllint-graph .rule{stroke:var(--rule);fill:none}
.fllint-graph .title{font-weight:600}
.fllint-graph .row{fill:var(--faint)}
.fllint-graph .frame{fill:var(--box);stroke:var(--edge);stroke-width:1}
.fllint-graph .stripe{fill:var(--app)}
.fllint-graph .site .stripe{fill:var(--site)}
.fllint-graph .workflow .stripe,.fllint-graph .executor .stripe,.fllint-graph .task .stripe{fill:var(--flow)}
.fllint-graph .component .stripe{fill:var(--id)}
.fllint-graph .filter .stripe{fill:var(--filter)}
.fllint-graph .class .stripe,.fllint-graph .script .stripe,.fllint-graph .module .stripe,
.fllint-graph .file .stripe{fill:var(--code)}
.fllint-graph .box.error .frame{fill:var(--error-fill);stroke:var(--error);stroke-width:1.5}
.fllint-graph .box.warning .frame{fill:var(--warning-fill);stroke:var(--warning);stroke-width:1.5}
.fllint-graph .box.info .frame{fill:var(--info-fill);stroke:var(--info)}
.fllint-graph .box.missing .frame,.fllint-graph .box.muted .frame{stroke-dasharray:4 3}
.fllint-graph .box.muted text{fill:var(--faint)}
.fllint-graph text.error{fill:var(--error)}
.fllint-graph text.warning{fill:var(--warning)}
.fllint-graph text.info{fill:var(--info)}
.fllint-graph text.muted{fill:var(--faint)}
.fllint-graph .link path{fill:none;stroke:var(--edge);stroke-width:1.3}
.fllint-graph .link polygon{fill:var(--edge)}
.fllint-graph .deploys-to path{stroke:var(--site);opacity:.75}.fllint-graph .deploys-to polygon{fill:var(--site)}
.fllint-graph .issues path{stroke:var(--flow);stroke-width:1.6}.fllint-graph .issues polygon{fill:var(--flow)}
.fllint-graph .handles path{stroke:var(--handled);stroke-width:1.6}.fllint-graph .handles polygon{fill:var(--handled)}
.fllint-graph .refers-to path{stroke:var(--id)}.fllint-graph .refers-to polygon{fill:var(--id)}
.fllint-graph .filters path{stroke:var(--filter);stroke-dasharray:5 3}.fllint-graph .filters polygon{fill:var(--filter)}
.fllint-graph .runs path{stroke:var(--code)}.fllint-graph .runs polygon{fill:var(--code)}
.fllint-graph .link.broken path{stroke:var(--error);stroke-dasharray:4 3}
.fllint-graph .link.broken polygon{fill:var(--error)}
.fllint-graph .link:hover path{stroke-width:3}
"""
