/** All there is to the looks of the page: it loads nothing. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2024; --faint: #6a737d; --line: #e4e7ea; --good: #1a7f37; --poor: #9a6700; --bad: #cf222e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ink: #dde2e6; --faint: #8b949e; --line: #2b3137; --good: #3fb950; --poor: #d29922; --bad: #f85149;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
h1 { margin: 0; font-size: 1.35rem; }
h2 { margin: 2.2rem 0 .4rem; font-size: 1rem; }
p { margin: .2rem 0 .5rem; max-width: 46rem; }
time, .faint { color: var(--faint); }
header time { margin-left: auto; }
section > div { overflow-x: auto; }
section > div + div { margin-top: 1rem; }
section > div + p { margin-top: .6rem; }
table { border-collapse: collapse; }
th, td { padding: .32rem 1.1rem .32rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--faint); font-weight: 500; font-size: .85rem; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
td:last-child, th:last-child { padding-right: 0; }
td.text { overflow-wrap: anywhere; min-width: 12rem; }
code { font: .86em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.state { white-space: nowrap; }
.state::before {
  content: ""; display: inline-block; width: .55em; height: .55em; margin-right: .5em; border-radius: 50%;
  background: currentColor; vertical-align: .06em;
}
.good::before { background: var(--good); }
.poor { color: var(--poor); }
.bad { color: var(--bad); }
`;
