"""How a preview page looks around its emails. The emails bring their own style, as Notify's do."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; color: #0b0c0c; background: #f3f2f1;
  font: 1rem/1.5 Helvetica, Arial, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; line-height: 1.25; margin: 0; }
a { color: #1d70b8; }
a:focus, summary:focus, [tabindex]:focus { outline: 3px solid #0b0c0c; outline-offset: 2px;
  background: #fd0; color: #0b0c0c; }
.email:focus, pre:focus { background: #fff; }
nav ol { max-height: 14rem; overflow: auto; background: #fff; border: 1px solid #b1b4b6;
  margin: 0 0 1rem; padding: .5rem 1rem .5rem 3rem; }
article { background: #fff; border: 1px solid #b1b4b6; margin: 0 0 2rem; padding: 1rem; }
.steps { margin: .25rem 0 0; }
.steps a { margin-right: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0;
  padding: .75rem 0; border: solid #b1b4b6; border-width: 1px 0; }
dt { font-weight: bold; }
dd { margin: 0; min-width: 0; }
details { margin-top: 1rem; }
summary { color: #1d70b8; cursor: pointer; text-decoration: underline; }
pre { background: #f3f2f1; margin: .5rem 0 0; padding: 1rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font: .875rem/1.5 monospace; }
.email { max-width: 580px; font: 19px/25px Helvetica, Arial, sans-serif; }
@media (max-width: 30rem) {
  body { padding: .5rem; }
  dl { display: block; }
  dd { margin: 0 0 .5rem; }
}
@media print {
  body { max-width: none; background: none; padding: 0; }
  nav, .steps, summary { display: none; }
  article { border: 0; padding: 0; margin: 0; break-after: page; }
  article:last-child { break-after: auto; }
  details::details-content { content-visibility: visible; }
}
"""
