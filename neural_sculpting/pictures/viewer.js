// A sculpted network to touch: one module without dependencies, for Jupyter (anywidget), for a page, and for a file.
// `show(element, document)` draws it; `evaluate(document, run, mask)` computes every output as the library does.
const svgNamespace = "http://www.w3.org/2000/svg"
const red = "#D5421F"
const clamp = (value, low, high) => Math.min(high, Math.max(low, value))
const range = n => [...Array(n).keys()]
const plural = (n, word) => `${n} ${word}${n == 1 ? "" : "s"}`

// ---- what the document holds -------------------------------------------------------------------------------------
function bytesOf(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length)
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i)
  return bytes
}
function bitsOf(text, count) {
  const bytes = bytesOf(text), bits = new Uint8Array(count)
  for (let i = 0; i < count; i++) bits[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1
  return bits
}
const floatsOf = text => new Float32Array(bytesOf(text).buffer)

class Network {
  constructor(document) {
    this.document = document
    this.arch = document.arch
    this.starts = [0]  // where each layer's weights begin; unit (l, i) reads weights (l - 1, i, ...)
    for (let l = 1; l < this.arch.length; l++) this.starts.push(this.starts[l - 1] + this.arch[l - 1] * this.arch[l])
    this.weights = this.starts[this.arch.length - 1]
    this.steps = document.steps.map(step => ({ ...step, mask: bitsOf(step.mask, this.weights) }))
    this.runs = document.runs.map((run, number) => ({ weights: this.spread(floatsOf(run.weights),
      this.steps.find(step => step.run == number).mask), biases: floatsOf(run.biases) }))
    const rows = document.rows
    this.count = rows ? rows.count : 0
    if (!rows) return
    const [inputs, outputs] = [this.arch[0], this.arch.at(-1)]
    const read = rows.kind == "bits" ? bitsOf(rows.inputs, rows.count * inputs)
      : rows.kind == "bytes" ? Float32Array.from(bytesOf(rows.inputs), value => value / 255) : floatsOf(rows.inputs)
    this.inputs = range(inputs).map(i => Float32Array.from({ length: rows.count }, (_, r) => read[r * inputs + i]))
    const wanted = bitsOf(rows.targets, rows.count * outputs)
    this.targets = range(outputs).map(o => Uint8Array.from({ length: rows.count }, (_, r) => wanted[r * outputs + o]))
  }
  spread(given, mask) {  // the weights of the edges that are left, each to its place among all
    if (given.length == this.weights) return given
    const weights = new Float32Array(this.weights)
    let next = 0
    for (let e = 0; e < this.weights; e++) if (mask[e]) weights[e] = given[next++]
    return weights
  }
  edge(l, o, i) { return this.starts[l] + o * this.arch[l] + i }  // from unit (l, i) to unit (l + 1, o)

  // Every unit's value on every row, in single precision; a unit that reads nothing has no bias, as in the library
  evaluate(run, mask) {
    const { weights, biases } = this.runs[run], values = [this.inputs], last = this.arch.length - 2
    let bias = 0
    for (let l = 0; l <= last; l++) {
      values.push(range(this.arch[l + 1]).map(o => {
        const from = range(this.arch[l]).filter(i => mask[this.edge(l, o, i)])
        const sum = new Float32Array(this.count).fill(from.length ? biases[bias + o] : 0)
        for (const i of from) {
          const weight = weights[this.edge(l, o, i)], below = values[l][i]
          for (let r = 0; r < this.count; r++) sum[r] += weight * below[r]
        }
        return this.activate(sum, l == last ? "sigmoid" : this.document.activation)
      }))
      bias += this.arch[l + 1]
    }
    return values
  }
  activate(sum, name) {
    if (name == "relu") for (let r = 0; r < sum.length; r++) sum[r] = sum[r] > 0 ? sum[r] : 0
    else if (name == "step") for (let r = 0; r < sum.length; r++) sum[r] = sum[r] > 0 ? 1 : 0
    else for (let r = 0; r < sum.length; r++) sum[r] = 1 / (1 + Math.exp(-sum[r]))
    return sum
  }
  // Outputs as 0 and 1: above one half, or the largest of a choice
  answers(outputs) {
    const bits = outputs.map(values => Uint8Array.from(values, value => value > .5 ? 1 : 0))
    for (const group of this.document.choices || []) for (let r = 0; r < this.count; r++) {
      const best = group.reduce((a, b) => outputs[b][r] > outputs[a][r] ? b : a)
      for (const o of group) bits[o][r] = o == best ? 1 : 0
    }
    return bits
  }
  // Which units have a path from an input and a path to an output
  reached(mask) {
    const last = this.arch.length - 1, from = [new Uint8Array(this.arch[0]).fill(1)], to = Array(last + 1)
    for (let l = 0; l < last; l++) from.push(Uint8Array.from(range(this.arch[l + 1]), o =>
      range(this.arch[l]).some(i => from[l][i] && mask[this.edge(l, o, i)]) ? 1 : 0))
    to[last] = new Uint8Array(this.arch[last]).fill(1)
    for (let l = last - 1; l >= 0; l--) to[l] = Uint8Array.from(range(this.arch[l]), i =>
      range(this.arch[l + 1]).some(o => to[l + 1][o] && mask[this.edge(l, o, i)]) ? 1 : 0)
    return from.map((layer, l) => layer.map((value, i) => value && to[l][i]))
  }
  // The units that lead to some units, those that these lead to, and the edges on the way
  paths(units, mask) {
    const up = new Set(units), down = new Set(units), edges = new Set()
    for (let l = 0; l < this.arch.length - 1; l++) for (let o = 0; o < this.arch[l + 1]; o++)
      for (let i = 0; i < this.arch[l]; i++) if (mask[this.edge(l, o, i)] && up.has(`${l},${i}`)) {
        up.add(`${l + 1},${o}`); edges.add(this.edge(l, o, i))
      }
    for (let l = this.arch.length - 2; l >= 0; l--) for (let o = 0; o < this.arch[l + 1]; o++)
      if (down.has(`${l + 1},${o}`)) for (let i = 0; i < this.arch[l]; i++) if (mask[this.edge(l, o, i)]) {
        down.add(`${l},${i}`); edges.add(this.edge(l, o, i))
      }
    return { up, down, edges }
  }
}

export function evaluate(document, run = document.runs.length - 1, mask = null) {
  const network = new Network(document)
  const step = network.steps.findLast(step => step.run == run)
  const values = network.evaluate(run, mask || step.mask)
  return network.answers(values.at(-1)).map(bits => Array.from(bits).join(""))
}

// ---- the look ----------------------------------------------------------------------------------------------------
const style = `
:host { display: block; --ink: #24292f; --muted: #656d76; --line: #d5dae0; --panel: #f5f7f9; --accent: #0072B2;
  --bad: #C2330F; --good: #1a7f4e; --halo: #fff; color: var(--ink); }
:host([data-theme=dark]) { --ink: #e8eaed; --muted: #a6adb6; --line: #474d55; --panel: #2c3036; --accent: #6cb6ff;
  --bad: #ff7a5c; --good: #56c596; --halo: #1d1f23; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.viewer { font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  container-type: inline-size; text-align: left; }
.parts { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 8px 20px; align-items: start; }
.parts.alone { grid-template-columns: minmax(0, 1fr); }
.head { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; }
h3 { font: 600 15px/1.3 inherit; font-family: inherit; margin: 0; color: var(--ink); }
.caption { color: var(--muted); min-height: 1.45em; } h3, .caption, .chip, .say { overflow-wrap: anywhere; }
.network { min-width: 0; }
svg { display: block; width: 100%; touch-action: manipulation; outline-offset: 2px; border-radius: 6px; }
svg:focus-visible, button:focus-visible, input:focus-visible, .scroll:focus-visible {
  outline: 2px solid var(--accent); }
svg { cursor: default; } svg.hot { cursor: pointer; }
.edge { fill: none; } .unit { transition: opacity .15s; }
.unit text { font-weight: 600; text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.unit text.beside { fill: var(--muted); font-weight: 400; }
.dim .edge { opacity: .18 !important; } .unit.dim { opacity: .25; }
.unit circle { stroke-width: 0; }
.unit.off circle { fill: var(--halo); stroke-width: 2; } .unit.off text.inside { fill: var(--ink); }
.unit.idle circle { fill: var(--halo); stroke: var(--muted); stroke-width: 1.2; stroke-dasharray: 1.5 3; }
.unit.idle text.inside { fill: var(--muted); }
.unit.cut circle { fill: var(--halo); stroke: var(--bad); stroke-width: 1.6; stroke-dasharray: 3 2.5; }
.unit.cut text.inside { fill: var(--bad); text-decoration: line-through; }
.ring { fill: none; stroke: var(--accent); stroke-width: 2.5; }
.sentence { fill: var(--muted); text-anchor: middle; font-size: 14px; }
.layer { fill: var(--muted); font-size: 11px; }
.bar { display: flex; align-items: center; gap: 10px; margin-top: 6px; flex-wrap: wrap; }
.bar input[type=range] { flex: 1 1 140px; min-width: 100px; accent-color: var(--accent); height: 26px; margin: 0; }
button { font: inherit; font-weight: 500; color: var(--ink); background: var(--panel); border: 1px solid var(--line);
  border-radius: 6px; padding: 4px 11px; min-height: 34px; cursor: pointer; }
button:hover:not(:disabled) { border-color: var(--accent); } button:disabled { opacity: .5; cursor: default; }
button.play { min-width: 84px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 10px; }
.chip { display: inline-flex; align-items: center; gap: 7px; padding: 3px 10px 3px 8px; border-radius: 17px; }
.chip i { width: 12px; height: 12px; border-radius: 50%; background: var(--color); flex: none; }
.chip[aria-pressed=true] { border-color: var(--color); box-shadow: inset 0 0 0 1px var(--color); }
.chip.cut span { text-decoration: line-through; color: var(--bad); }
.say { margin-top: 8px; min-height: 3em; color: var(--muted); }
.say b { color: var(--ink); font-weight: 600; }
.card { border: 1px solid var(--line); border-left: 4px solid var(--color); border-radius: 6px; padding: 8px 12px;
  margin-top: 8px; background: var(--panel); }
.card h4 { margin: 0 0 4px; font-size: 14px; } .card p { margin: 2px 0; overflow-wrap: anywhere; }
.card code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: inherit;
  white-space: pre-wrap;
  background: none; padding: 0; }
.card .row { display: flex; gap: 8px; margin-top: 6px; flex-wrap: wrap; }
.table { max-width: min(46cqw, 560px); min-width: 190px; }
.result { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; min-height: 1.6em; font-weight: 600;
  contain: inline-size; }
.result .good { color: var(--good); } .result .bad { color: var(--bad); } .result .plain { color: var(--muted); }
.table label { color: var(--muted); display: inline-flex; gap: 6px; align-items: center; padding: 3px 0; }
.table input { accent-color: var(--accent); margin: 0; width: 16px; height: 16px; }
.scroll { overflow: auto; scrollbar-gutter: stable; scrollbar-width: thin; max-height: 430px; border: 1px solid var(--line); border-radius: 6px; position: relative; }
.scroll.stale { opacity: .35; }
table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; font-size: 13px; margin: 0;
  width: 100%; color: var(--ink); }
th, td { padding: 0 5px; height: 24px; min-width: 27px; text-align: center; border: 0; white-space: nowrap; }
thead th { position: sticky; top: 0; background: var(--panel); border-bottom: 1px solid var(--line); z-index: 1;
  font-weight: 600; color: var(--ink); }
thead th.long { vertical-align: bottom; padding: 6px 2px; }
thead th.long span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 110px; overflow: hidden; }
.split { border-left: 1px solid var(--line); }
td.input { color: var(--muted); } tr.chosen td { background: color-mix(in srgb, var(--accent) 16%, transparent); }
tbody tr { cursor: pointer; } tbody tr.room { cursor: default; } tbody tr.room td { padding: 0; border: 0; height: auto; }
td.wrong b { background: var(--bad); color: var(--halo); border-radius: 4px; padding: 1px 6px; margin: 0 -6px;
  font-weight: 700; text-decoration: underline; text-underline-offset: 2px; }
.keys { color: var(--muted); font-size: 12.5px; margin-top: 8px; } .keys summary { cursor: pointer; }
.keys p { margin: 4px 0; } kbd { font: 12px ui-monospace, Menlo, monospace; border: 1px solid var(--line);
  border-radius: 4px; padding: 0 4px; background: var(--panel); color: var(--ink); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (max-width: 720px) {
  .parts { grid-template-columns: minmax(0, 1fr); }
  .table { max-width: none; } .scroll { max-height: 300px; }
}`

function isDark() {  // the page's own switch where it has one (Quarto, JupyterLab, Bootstrap), else what the system says
  const classes = [...document.documentElement.classList, ...document.body.classList]
  if (classes.includes("quarto-dark")) return true
  if (classes.includes("quarto-light")) return false
  const said = document.body.dataset.jpThemeLight
  if (said !== undefined) return said == "false"
  const theme = document.documentElement.dataset.bsTheme || document.documentElement.dataset.theme
  if (theme == "dark" || theme == "light") return theme == "dark"
  return matchMedia("(prefers-color-scheme: dark)").matches
}
function inkOn(color) {
  const [r, g, b] = [1, 3, 5].map(at => parseInt(color.slice(at, at + 2), 16) / 255)
  return .299 * r + .587 * g + .114 * b < .62 ? "#fff" : "#222"
}
function element(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "circle", "text", "title"].includes(name)
  const made = svg ? document.createElementNS(svgNamespace, name) : document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value)
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value)
  }
  made.append(...children)
  return made
}
// A closed line about nodes that span [left, right] at some heights, highest first, not too near to others: as in the figures
function outline(spans, radius, most) {
  const sides = [[], []], n = 24
  const ys = spans.flatMap(s => range(n + 1).map(k => s.y - radius * Math.cos(Math.PI * k / n))).sort((a, b) => a - b)
  for (const y of ys) {
    let low = Infinity, high = -Infinity
    for (const s of spans) if (Math.abs(y - s.y) <= radius + 1e-6) {
      const reach = Math.sqrt(Math.max(0, radius ** 2 - (y - s.y) ** 2))
      low = Math.min(low, s.left - reach); high = Math.max(high, s.right + reach)
    }
    for (let k = 0; k + 1 < spans.length; k++) {
      const [a, b] = [spans[k], spans[k + 1]]
      for (const [side, sign] of [["left", -1], ["right", 1]]) {
        const slope = (b[side] - a[side]) / (b.y - a.y), steep = Math.sqrt(1 + slope ** 2)
        const touch = -sign * radius * slope / steep
        if (y < a.y + touch || y > b.y + touch) continue
        const x = a[side] + slope * (y - a.y) + sign * Math.min(radius * steep, radius + most)
        if (sign < 0) low = Math.min(low, x); else high = Math.max(high, x)
      }
    }
    if (low <= high) { sides[0].push([high, y]); sides[1].unshift([low, y]) }
  }
  return "M" + [...sides[0], ...sides[1]].map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L") + "Z"
}

// ---- the viewer --------------------------------------------------------------------------------------------------
class Viewer {
  constructor(host, data) {
    this.data = data
    this.network = new Network(data)
    this.arch = data.arch
    this.step = this.network.steps.length - 1
    this.cuts = new Set()
    this.hovered = this.cursor = this.module = null
    this.row = -1
    this.onchange = () => {}
    this.color = Object.fromEntries(data.modules.map(m => [m.number, m.color]))
    this.root = host.shadowRoot || host.attachShadow({ mode: "open" })
    this.host = host
    host.viewer = this
    this.build()
    this.watch()
    this.refresh()
  }

  // -- parts of the page
  build() {
    const { data } = this, parts = data.rows ? "parts" : "parts alone"
    this.svg = element("svg", { tabindex: 0, role: "application", "aria-roledescription": "network",
      "aria-label": `Network ${data.title}: arrow keys go from unit to unit, Enter cuts or restores` })
    this.layers = Object.fromEntries(["outlines", "edges", "gone", "strong", "units", "marks"].map(name => [name,
      this.svg.appendChild(element("g", { class: name }))]))
    this.units = this.arch.map((width, l) => range(width).map(i => this.makeUnit(l, i)))
    this.caption = element("div", { class: "caption" })
    this.say = element("div", { class: "say", "aria-live": "polite" })
    this.card = element("div")
    this.chips = element("div", { class: "chips", role: "group", "aria-label": "Modules" })
    this.head = element("div", { class: "head" }, element("h3", {}, data.title), this.caption)
    const network = element("div", { class: "network" }, this.svg, this.buildBar(), this.chips, this.card, this.say,
      this.buildKeys())
    const shown = [this.head, network].concat(data.rows ? [this.buildTable()] : [])
    this.root.replaceChildren(element("style", {}, style),
      element("div", { class: "viewer" }, element("div", { class: parts }, ...shown)))
    this.buildChips()
    this.svg.addEventListener("pointermove", e => this.hover(this.find(e)))
    this.svg.addEventListener("pointerleave", () => this.hover(null))
    this.svg.addEventListener("click", e => this.click(this.find(e)))
    this.svg.addEventListener("keydown", e => this.key(e))
    this.svg.addEventListener("blur", () => { this.cursor = null; this.paint() })
  }
  makeUnit(l, i) {
    const text = element("text", { class: "inside" })
    const unit = element("g", { class: "unit" }, element("circle"), text)
    this.layers.units.append(unit)
    return unit
  }
  buildBar() {
    const last = this.network.steps.length - 1
    this.play = element("button", { class: "play", type: "button", onclick: () => this.toggle() })
    this.slider = element("input", { type: "range", min: 0, max: last, step: 1, "aria-label": "Step of the sculpting",
      oninput: () => { this.pause(); this.go(+this.slider.value) } })
    this.restore = element("button", { type: "button", class: "restore", onclick: () => this.restoreAll() }, "Restore all")
    this.pause()
    return element("div", { class: "bar" }, ...(last ? [this.play, this.slider] : []), this.restore)
  }
  buildKeys() {
    const key = name => element("kbd", {}, name)
    return element("details", { class: "keys" }, element("summary", {}, "Mouse, touch and keys"),
      element("p", {}, "Point at a unit: what reaches it and what it feeds. Click a unit, an edge or the area of a " +
        "module to cut it, and again to restore it. Click a row of the table to see which units it makes active."),
      element("p", {}, "In the network: ", key("← → ↑ ↓"), " from unit to unit, ", key(","), " ", key("."),
        " through its edges, ", key("Enter"), " cuts or restores, ", key("M"), " the whole module, ", key("R"),
        " restores all, ", key("[ ]"), " steps, ", key("P"), " plays."))
  }
  buildChips() {
    this.chips.replaceChildren(...this.data.modules.map(m => element("button", { type: "button", class: "chip",
      style: `--color:${m.color}`, "data-module": m.number, "aria-pressed": "false",
      onclick: () => { this.module = this.module == m.number ? null : m.number; this.showCard(); this.paint() },
      onpointerenter: () => this.hover({ module: m.number }), onpointerleave: () => this.hover(null) },
      element("i"), element("span", {}, m.name + (m.card?.equals ? `: ${m.card.equals}` : "")))))
  }
  buildTable() {
    const { data } = this, long = [...data.inputs, ...data.outputs].some(name => name.length > 4)
    this.turned = long || data.inputs.length > 12  // what the network says comes first where the table is wide
    const last = this.network.steps.at(-1), many = data.inputs.length > 24  // pixels, of which most have no edge left
    this.columns = range(data.inputs.length).filter(i => !many || this.living(0, i, last))
    const inputs = this.columns.map(i => data.inputs[i])
    const names = this.turned ? [data.outputs, inputs] : [inputs, data.outputs]
    const heads = names.flatMap((group, second) => group.map((name, c) => element("th", { scope: "col", title: name,
      class: [long ? "long" : "", second && !c ? "split" : ""].join(" ") }, element("span", {}, name))))
    this.body = element("tbody")
    this.table = element("table", { "aria-label": data.rows.name, "aria-rowcount": data.rows.count + 1 },
      element("thead", {}, element("tr", { "aria-rowindex": 1 }, ...heads)), this.body)
    this.scroll = element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": data.rows.name,
      onscroll: () => this.fillTable(), onkeydown: e => this.tableKey(e) }, this.table)
    this.result = element("div", { class: "result", role: "status" })
    this.only = element("input", { type: "checkbox", onchange: () => { this.scroll.scrollTop = 0; this.listRows() } })
    this.some = element("span")
    const left = many ? `Of ${data.inputs.length} inputs, the ${this.columns.length} that have edges at the end.` : ""
    return element("div", { class: "table" }, this.result, element("label", {}, this.only, this.some), this.scroll,
      element("div", { class: "keys" }, [data.rows.name.includes(",") ? `${data.rows.name}. ` : "", left].join("")))
  }
  watch() {
    const theme = () => this.host.setAttribute("data-theme", isDark() ? "dark" : "light")
    this.query = matchMedia("(prefers-color-scheme: dark)")
    this.query.addEventListener("change", theme)
    this.observer = new MutationObserver(theme)
    for (const node of [document.documentElement, document.body])
      this.observer.observe(node, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-bs-theme",
        "data-theme"] })
    theme()
    this.resize = new ResizeObserver(() => { if (this.svg.clientWidth != this.width) this.draw() })
    this.resize.observe(this.svg)
  }
  remove() { this.pause(); cancelAnimationFrame(this.frame); this.observer.disconnect(); this.resize.disconnect() }

  // -- what is left
  get now() { return this.network.steps[this.step] }
  get runs() { return this.now.run !== null && this.now.run !== undefined }
  isCut(l, i) { return this.cuts.has(`${l},${i}`) }
  edgeIsCut(l, o, i) { return this.cuts.has(`${l},${i},${o}`) || this.isCut(l, i) || this.isCut(l + 1, o) }
  living(l, i, step = this.now) { return step.modules[l][i] != -1 }
  members(module) {
    const units = []
    this.now.modules.forEach((layer, l) => layer.forEach((m, i) => { if (m == module) units.push(`${l},${i}`) }))
    return units
  }
  mask() {  // the edges of the step without those that were cut
    const mask = this.now.mask.slice()
    if (!this.cuts.size) return mask
    for (let l = 0; l + 1 < this.arch.length; l++) for (let o = 0; o < this.arch[l + 1]; o++)
      for (let i = 0; i < this.arch[l]; i++) if (this.edgeIsCut(l, o, i)) mask[this.network.edge(l, o, i)] = 0
    return mask
  }
  edges(step = this.now) {  // [layer, unit above, unit below] of the edges between living units
    const found = []
    for (let l = 0; l + 1 < this.arch.length; l++) for (let o = 0; o < this.arch[l + 1]; o++)
      if (this.living(l + 1, o, step)) for (let i = 0; i < this.arch[l]; i++)
        if (step.mask[this.network.edge(l, o, i)] && this.living(l, i, step)) found.push([l, o, i])
    return found
  }
  refresh() {  // compute and draw anew
    this.left = this.mask()
    this.alive = this.network.reached(this.left)
    this.values = this.data.rows && this.runs ? this.network.evaluate(this.now.run, this.left) : null
    this.answers = this.values && this.network.answers(this.values.at(-1))
    this.slider.value = this.step
    this.slider.setAttribute("aria-valuetext", this.now.caption)
    this.caption.textContent = this.now.caption
    this.restore.disabled = !this.cuts.size
    this.restore.textContent = this.cuts.size ? `Restore all (${this.cuts.size} cut)` : "Restore all"
    this.chips.hidden = !this.now.outlined
    this.draw()
    if (this.data.rows) this.listRows()
    this.showCard()
    this.onchange()
  }

  // -- steps
  go(step, animated = true) {
    if (step == this.step || step < 0 || step >= this.network.steps.length) return
    const before = this.now
    this.step = step
    this.cuts.clear()
    this.hovered = this.cursor = null
    if (!this.now.outlined) this.module = null
    this.refresh()
    if (animated && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.move(before)
  }
  move(before) {
    cancelAnimationFrame(this.frame)
    const start = performance.now(), length = this.timer ? 320 : 420
    const tick = time => {
      const t = clamp((time - start) / length, 0, 1)
      this.draw(before, t * t * (3 - 2 * t))
      if (t < 1) this.frame = requestAnimationFrame(tick)
    }
    this.draw(before, 0)
    this.frame = requestAnimationFrame(tick)
  }
  toggle() { this.timer ? this.pause() : this.start() }
  start() {
    if (this.step == this.network.steps.length - 1) this.go(0)
    this.play.textContent = "❚❚ Pause"
    this.timer = setInterval(() => {
      this.go(this.step + 1)
      if (this.step == this.network.steps.length - 1) this.pause()
    }, clamp(12000 / this.network.steps.length, 350, 900))
  }
  pause() {
    clearInterval(this.timer)
    this.timer = null
    this.play.textContent = "▶ Play"
  }

  // -- drawing
  spacing(l) {  // the least distance between the units of a layer
    const xs = range(this.arch[l]).filter(i => this.living(l, i)).map(i => this.now.x[l][i]).sort((a, b) => a - b)
    return Math.min(9, ...xs.slice(1).map((x, k) => x - xs[k]))
  }
  measure(before, t) {
    const width = this.svg.clientWidth || 640, mix = (a, b) => a + (b - a) * t
    const left = mix(before.span[0], this.now.span[0]), right = mix(before.span[1], this.now.span[1])
    const scale = width / (Math.max(right - left, 9) * 1.04)
    const radius = clamp(.36 * scale, 3.2, 16), pad = clamp(.22 * scale, 4, 9)
    const long = names => names.some(name => name.length > 3)
    const gaps = range(this.arch.length).map(l => scale * this.spacing(l))
    const room = (names, gap) => gap < 10 ? 0 : long(names) || radius < 8
      ? 12 + (gap < 19 ? 5.6 : 4.4) * Math.min(14, Math.max(...names.map(n => n.length))) : 0
    const [top, bottom] = [room(this.data.outputs, gaps.at(-1)), room(this.data.inputs, gaps[0])].map(more => radius + pad + 3 + more)
    const height = clamp(width * .6, 230, 130 + 95 * (this.arch.length - 1)) + top + bottom - 40
    const gap = (height - top - bottom) / (this.arch.length - 1)
    this.width = width
    const x = (l, i) => {
      const a = before.x[l][i], b = this.now.x[l][i]
      return (mix(a ?? b ?? 0, b ?? a ?? 0) - (left + right) / 2) * scale + width / 2
    }
    return { width, height, scale, radius, pad, gaps, x, y: l => height - bottom - l * gap }
  }
  draw(before = this.now, t = 1) {
    const at = this.at = this.measure(before, t)
    this.svg.setAttribute("viewBox", `0 0 ${at.width} ${at.height}`)
    this.svg.style.height = `${at.height}px`
    const line = ([l, o, i]) =>
      `M${at.x(l, i).toFixed(1)} ${at.y(l).toFixed(1)}L${at.x(l + 1, o).toFixed(1)} ${at.y(l + 1).toFixed(1)}`
    const edges = this.edges(), groups = {}, thick = clamp(.05 * at.scale, .7, 1.8)
    for (const edge of edges) {
      const key = this.edgeIsCut(...edge) ? "cut" : this.shade(edge[0], edge[2])
      groups[key] = (groups[key] || "") + line(edge)
    }
    const opacity = clamp(60 / Math.max(1, edges.length), .3, .8)
    const path = (d, color, more) => element("path", { class: "edge", d, stroke: color, "stroke-width": thick, ...more })
    this.layers.edges.replaceChildren(...Object.entries(groups).map(([key, d]) => key == "cut"
      ? path(d, red, { "stroke-dasharray": "3 4", opacity: .7 }) : path(d, key, { opacity })))
    const gone = before === this.now || t >= 1 ? "" : this.edges(before).filter(([l, o, i]) =>
      !this.now.mask[this.network.edge(l, o, i)] || !this.living(l, i) || !this.living(l + 1, o)).map(line).join("")
    this.layers.gone.replaceChildren(...(gone ? [path(gone, red, { opacity: (1 - t) * Math.min(1, 1.6 * opacity) })] : []))
    this.drawOutlines(t)
    this.drawUnits(before, t)
    this.paint()
  }
  drawOutlines(t) {
    const at = this.at
    if (!this.now.outlined) return this.layers.outlines.replaceChildren()
    const paths = this.data.modules.flatMap(({ number, color }) => {
      const runs = [[]]
      for (let l = this.arch.length - 1; l >= 0; l--) {
        const xs = range(this.arch[l]).filter(i => this.now.modules[l][i] == number).map(i => at.x(l, i))
        if (xs.length) runs.at(-1).push({ y: at.y(l), left: Math.min(...xs), right: Math.max(...xs) })
        else if (runs.at(-1).length) runs.push([])
      }
      return runs.filter(run => run.length).map(run => element("path", { d: outline(run, at.radius + at.pad, .3 * at.scale),
        fill: color, "fill-opacity": .15 * t, stroke: color, "stroke-opacity": .9 * t, "stroke-width": 1.2,
        "data-module": number }))
    })
    this.layers.outlines.replaceChildren(...paths)
  }
  drawUnits(before, t) {
    const at = this.at, last = this.arch.length - 1
    this.units.forEach((layer, l) => layer.forEach((unit, i) => {
      const here = this.living(l, i), was = this.living(l, i, before)
      unit.style.display = here || (was && t < 1) ? "" : "none"
      if (unit.style.display) return
      unit.setAttribute("transform", `translate(${at.x(l, i).toFixed(1)} ${at.y(l).toFixed(1)})`)
      unit.style.opacity = here ? "" : 1 - t
      const color = here ? this.shade(l, i) : red, [circle, text] = unit.children
      circle.setAttribute("r", at.radius)
      circle.setAttribute("fill", color)
      circle.setAttribute("stroke", color)
      const name = l == 0 ? this.data.inputs[i] : l == last ? this.data.outputs[i] : ""
      const names = l == 0 ? this.data.inputs : this.data.outputs
      const inside = at.radius >= 8 && names.every(name => name.length <= 3)
      text.textContent = at.gaps[l] < 10 ? "" : name.length > 14 ? name.slice(0, 13) + "…" : name  // too many to read
      text.setAttribute("class", inside ? "inside" : "beside")
      text.setAttribute("fill", inkOn(color))
      text.setAttribute("font-size", inside ? clamp(.86 * at.radius, 8, 13) : 11)
      const away = at.radius + at.pad + 4, side = l == 0 ? away : -away
      const crowded = !inside && names.some(name => Math.min(14, name.length) * 6.2 > at.gaps[l] * .95)
      text.setAttribute("transform", inside ? "" : crowded ? `translate(0 ${side}) rotate(${at.gaps[l] < 19 ? -60 : -35})`
        : `translate(0 ${side + Math.sign(side) * 5})`)
      text.style.textAnchor = inside || !crowded ? "middle" : l == 0 ? "end" : "start"
    }))
    const empty = !this.edges().length
    this.layers.marks.replaceChildren(...(empty ? [element("text", { class: "sentence", x: at.width / 2,
      y: at.height / 2 }, "nothing is left: no input reaches an output")] : []))
  }
  shade(l, i) { return this.color[this.now.modules[l][i]] || "#9AA0A8" }

  // -- marks: what is pointed at, what is cut, which units a row makes active
  paint() {
    const { at, cursor } = this, target = this.hovered || cursor
    const units = !target ? [] : target.module !== undefined ? this.members(target.module)
      : target.edge ? [`${target.edge[0]},${target.edge[2]}`, `${target.edge[0] + 1},${target.edge[1]}`] : [target.unit]
    const ways = target && !target.edge ? this.network.paths(units, this.left) : null
    const near = ways ? new Set([...ways.up, ...ways.down]) : new Set(units)
    this.svg.classList.toggle("hot", !!target)
    this.layers.edges.classList.toggle("dim", !!ways)
    const strong = {}
    for (const edge of target ? this.edges() : []) {
      const number = this.network.edge(...edge)
      const chosen = target.edge && this.network.edge(...target.edge) == number
      if (!chosen && !(ways && ways.edges.has(number))) continue
      const color = this.edgeIsCut(...edge) ? red : this.shade(edge[0], edge[2])
      strong[color] = (strong[color] || "") + `M${at.x(edge[0], edge[2])} ${at.y(edge[0])}L${at.x(edge[0] + 1, edge[1])} ${
        at.y(edge[0] + 1)}`
    }
    this.layers.strong.replaceChildren(...Object.entries(strong).map(([color, d]) => element("path", { d, stroke: color,
      fill: "none", "stroke-width": target.edge ? 4 : 2.2, "stroke-linecap": "round" })))
    this.units.forEach((layer, l) => layer.forEach((unit, i) => {
      unit.classList.toggle("dim", !!ways && !near.has(`${l},${i}`))
      unit.classList.toggle("cut", this.isCut(l, i))
      unit.classList.toggle("idle", !this.isCut(l, i) && !this.alive[l][i])
      unit.classList.toggle("off", this.row >= 0 && !!this.values && !(this.values[l][i][this.row] > (l == this.arch.length - 1 ? .5 : 0)))
    }))
    for (const ring of this.layers.marks.querySelectorAll(".ring")) ring.remove()
    if (cursor?.unit) {
      const [l, i] = cursor.unit.split(",").map(Number)
      this.layers.marks.append(element("circle", { class: "ring", cx: at.x(l, i), cy: at.y(l), r: at.radius + 4 }))
    }
    for (const chip of this.chips.children) {
      const number = +chip.dataset.module, members = this.members(number)
      chip.setAttribute("aria-pressed", this.module == number)
      chip.classList.toggle("cut", members.length > 0 && members.every(unit => this.cuts.has(unit)))
    }
    if (target) this.say.replaceChildren(...this.describe(target), this.runs ? "" : ` ${this.where()}`)
    else if (this.row >= 0) this.say.replaceChildren(...this.describeRow(this.row))
    else this.say.textContent = this.runs ? "Point at a unit, or click a unit, an edge or a module to cut it."
      : this.where()
  }
  where() {  // a document may hold the weights of some steps alone
    const first = this.network.steps[0].run !== null && this.network.steps[0].run !== undefined
    return `This step is shown without its weights: cut ${first ? "at the first and at the last step" : "at the last step"}.`
  }
  named(l, i) {
    return l == 0 ? `input ${this.data.inputs[i]}` : l == this.arch.length - 1 ? `output ${this.data.outputs[i]}`
      : `unit ${i + 1} of hidden layer ${l}`
  }
  ends(ways) {  // names of the inputs that reach some units, and of the outputs that these feed
    const pick = (set, layer, names) => names.filter((_, i) => set.has(`${layer},${i}`))
    const listed = names => names.length > 12 ? `${names.length} of them` : names.join(", ") || "nothing"
    return [listed(pick(ways.down, 0, this.data.inputs)), listed(pick(ways.up, this.arch.length - 1, this.data.outputs))]
  }
  describe(target) {
    const bold = text => element("b", {}, text[0].toUpperCase() + text.slice(1))
    if (target.edge) {
      const [l, o, i] = target.edge, weight = this.runs ? this.network.runs[this.now.run].weights[this.network.edge(l, o, i)] : null
      return [bold("edge"), ` from ${this.named(l, i)} to ${this.named(l + 1, o)}` +
        (weight === null ? "" : `, weight ${weight.toPrecision(3)}`) + (this.edgeIsCut(l, o, i) ? ", cut" : "")]
    }
    const units = target.module !== undefined ? this.members(target.module) : [target.unit]
    const [reads, feeds] = this.ends(this.network.paths(units, this.left))
    if (target.module !== undefined)
      return [bold(this.data.modules.find(m => m.number == target.module).name), `, ${plural(units.length, "unit")}. ` +
        `Reached by ${reads}. Feeds ${feeds}.`]
    const [l, i] = target.unit.split(",").map(Number), value = this.row >= 0 && this.values ? this.values[l][i][this.row] : null
    return [bold(this.named(l, i)), (this.isCut(l, i) ? ", cut" : "") +
      (value === null ? "" : `, value ${+value.toPrecision(3)}`) + `. Reached by ${reads}. Feeds ${feeds}.`]
  }

  describeRow(r) {
    const { network, answers } = this, outputs = range(network.targets.length)
    const on = this.columns.filter(i => network.inputs[i][r] > .5).map(i => this.data.inputs[i])
    const bad = answers ? outputs.filter(o => answers[o][r] != network.targets[o][r]).map(o => this.data.outputs[o]) : []
    const set = outputs.filter(o => (answers ? answers[o] : network.targets[o])[r]).map(o => this.data.outputs[o])
    const listed = names => names.length > 12 ? `${names.length} of them` : names.join(", ") || "none"
    const bits = this.data.rows.kind == "bits" ? `: inputs that are 1: ${listed(on)}; outputs` : ": outputs"
    return [element("b", {}, `Row ${r + 1}`), `${bits} that are 1: ${listed(set)}` + (bad.length ? `; wrong: ${listed(bad)}.` : ".")]
  }

  // -- pointing, clicking, keys
  find(event) {
    const box = this.svg.getBoundingClientRect(), at = this.at
    const [px, py] = [event.clientX - box.left, event.clientY - box.top].map(v => v * at.width / box.width)
    let best = null, least = at.radius + 4
    this.units.forEach((layer, l) => layer.forEach((_, i) => {
      const far = Math.hypot(px - at.x(l, i), py - at.y(l))
      if (this.living(l, i) && far < least) { least = far; best = { unit: `${l},${i}` } }
    }))
    if (best) return best
    least = 6
    for (const [l, o, i] of this.edges()) {
      const [x0, y0, x1, y1] = [at.x(l, i), at.y(l), at.x(l + 1, o), at.y(l + 1)]
      const share = clamp(((px - x0) * (x1 - x0) + (py - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2), 0, 1)
      const far = Math.hypot(px - x0 - share * (x1 - x0), py - y0 - share * (y1 - y0))
      if (far < least) { least = far; best = { edge: [l, o, i] } }
    }
    if (best) return best
    const module = event.target.dataset?.module
    return module === undefined ? null : { module: +module }
  }
  hover(target) {
    if (JSON.stringify(target) == JSON.stringify(this.hovered)) return
    this.hovered = target
    this.paint()
  }
  click(target) {
    if (!target) return
    if (target.module !== undefined) this.module = target.module
    this.cut(target)
  }
  cut(target) {  // or restore
    if (!this.runs) return this.paint()
    const toggle = (keys, on) => keys.forEach(key => on ? this.cuts.add(key) : this.cuts.delete(key))
    if (target.edge) {
      const [l, o, i] = target.edge, key = `${l},${i},${o}`
      if (!this.isCut(l, i) && !this.isCut(l + 1, o)) toggle([key], !this.cuts.has(key))
    } else {
      const keys = target.module !== undefined ? this.members(target.module) : [target.unit]
      toggle(keys, !keys.every(key => this.cuts.has(key)))
    }
    this.refresh()
  }
  restoreAll() {
    const here = this.root.activeElement == this.restore  // which is about to be disabled
    this.cuts.clear()
    this.refresh()
    if (here) this.svg.focus()
  }
  key(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }
    const act = {
      Enter: () => this.cursor && this.cut(this.cursor), " ": () => this.cursor && this.cut(this.cursor),
      m: () => this.cursor?.unit && this.cut({ module: this.moduleAt(this.cursor.unit) }),
      r: () => this.restoreAll(), p: () => this.toggle(), "[": () => this.go(this.step - 1),
      "]": () => this.go(this.step + 1), ",": () => this.nextEdge(-1), ".": () => this.nextEdge(1),
      Escape: () => { this.cursor = null; this.paint() } }[event.key.length == 1 ? event.key.toLowerCase() : event.key]
    if (!act && !moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    if (act) return act()
    this.walk(...moves[event.key])
  }
  moduleAt(unit) { const [l, i] = unit.split(",").map(Number); return this.now.modules[l][i] }
  walk(up, right) {
    const [l, i] = (this.cursor?.home || this.cursor?.unit || "0,-1").split(",").map(Number), x = k => this.now.x[l][k]
    const row = layer => range(this.arch[layer]).filter(k => this.living(layer, k))
      .sort((a, b) => this.now.x[layer][a] - this.now.x[layer][b])
    let unit = null
    if (i < 0 || right) {
      const order = row(l), place = order.indexOf(i) + right
      if (order.length) unit = `${l},${order[clamp(i < 0 ? 0 : place, 0, order.length - 1)]}`
    } else for (let layer = l + up; layer >= 0 && layer < this.arch.length && !unit; layer += up) {
      const order = row(layer)
      if (order.length) unit = `${layer},${order.reduce((a, b) =>
        Math.abs(this.now.x[layer][b] - x(i)) < Math.abs(this.now.x[layer][a] - x(i)) ? b : a)}`
    }
    if (unit) { this.cursor = { unit }; this.hovered = null; this.paint() }
  }
  nextEdge(by) {
    const home = this.cursor?.home || this.cursor?.unit
    if (!home) return
    const [l, i] = home.split(",").map(Number)
    const mine = this.edges().filter(([a, o, k]) => a == l && k == i || a + 1 == l && o == i)
    if (!mine.length) return
    const at = this.cursor.edge ? mine.findIndex(edge => `${edge}` == `${this.cursor.edge}`) : by > 0 ? -1 : 0
    this.cursor = { home, edge: mine[(at + by + mine.length) % mine.length] }
    this.paint()
  }

  // -- the card of a module
  showCard() {
    const here = this.card.contains(this.root.activeElement)  // the button that was pressed is made anew
    this.makeCard()
    if (here) (this.card.querySelector("button") || this.chips.querySelector(".chip")).focus()
  }
  makeCard() {
    const module = this.data.modules.find(m => m.number == this.module)
    if (!module || !this.now.outlined) return this.card.replaceChildren()
    const units = this.members(module.number), ways = this.network.paths(units, this.now.mask)
    const [reads, feeds] = this.ends(ways), given = module.card || {}
    const cut = units.every(unit => this.cuts.has(unit))
    const lines = [["Reads", reads], ["Feeds", feeds], ["Equals", given.equals], ["Computes", given.formula, true],
      ["That is", given.words], ["Of other modules:", given.built, true], ["", given.proved]].filter(([, text]) => text)
    this.card.replaceChildren(element("div", { class: "card", style: `--color:${module.color}` },
      element("h4", {}, `${module.name}: ${plural(units.length, "unit")}`),
      ...lines.map(([word, text, code]) => element("p", {}, word ? `${word} ` : "", code ? element("code", {}, text) : text)),
      element("div", { class: "row" },
        element("button", { type: "button", onclick: () => this.cut({ module: module.number }) },
          cut ? "Restore this module" : "Cut this module"),
        element("button", { type: "button", onclick: () => this.closeCard() }, "Close"))))
  }

  closeCard() {
    const chip = this.chips.querySelector(`[data-module="${this.module}"]`)
    this.module = null
    this.makeCard()
    this.paint()
    chip?.focus()
  }

  // -- the truth table
  listRows() {
    const { answers, network } = this, count = network.count
    this.scroll.classList.toggle("stale", !answers)
    const given = this.data.choices || [], chosen = given.flat().length == network.targets.length  // labels, not bits
    const answered = chosen ? given : range(network.targets.length).map(o => [o]), bad = new Uint8Array(count)
    let wrong = 0
    if (answers) for (const group of answered) for (let r = 0; r < count; r++)
      if (group.some(o => answers[o][r] != network.targets[o][r])) { wrong++; bad[r] = 1 }
    const all = plural(count * answered.length, chosen ? "label" : "output")
    const rows = bad.reduce((a, b) => a + b, 0)
    this.result.replaceChildren(element("span", { class: !answers ? "plain" : wrong ? "bad" : "good" }, !answers
      ? `accuracy then: ${this.now.accuracy}` : wrong
        ? `✗ ${wrong} of ${all} wrong` : `✓ all ${all} right`))
    this.some.textContent = wrong ? `only the ${rows} wrong of ${plural(count, "row")}` : `only wrong rows, of ${count}`
    this.only.disabled = !wrong && !this.only.checked
    this.list = this.only.checked && answers ? range(count).filter(r => bad[r]) : range(count)
    this.fillTable(true)
  }
  fillTable(anew) {
    const high = 24, first = Math.max(0, Math.floor(this.scroll.scrollTop / high) - 8)
    const until = Math.min(this.list.length, first + Math.ceil((this.scroll.clientHeight || 430) / high) + 18)
    if (!anew && first == this.first && until == this.until) return
    Object.assign(this, { first, until })
    const columns = this.columns.length + this.arch.at(-1)
    const room = n => element("tr", { class: "room", "aria-hidden": "true" }, element("td", { colspan: columns,
      style: `height:${n * high}px` }))
    const rows = this.list.slice(first, until).map(r => this.makeRow(r))
    this.body.replaceChildren(...(first ? [room(first)] : []), ...rows,
      ...(until < this.list.length ? [room(this.list.length - until)] : []))
  }
  makeRow(r) {
    const { network, answers } = this
    const split = (c, turned) => this.turned == turned && !c ? "split" : ""
    const inputs = this.columns.map((i, c) => element("td", { class: `input ${split(c, true)}` },
      `${+network.inputs[i][r].toPrecision(3)}`))
    const outputs = network.targets.map((column, o) => {
      const said = answers ? answers[o][r] : column[r], wrong = answers && said != column[r]
      return element("td", { class: `${wrong ? "wrong" : ""} ${split(o, false)}`,
        title: wrong ? `should be ${column[r]}` : null }, ...(wrong
        ? [element("b", {}, `${said}`), element("span", { class: "unseen" }, ` wrong, should be ${column[r]}`)]
        : [`${said}`]))
    })
    const cells = this.turned ? [...outputs, ...inputs] : [...inputs, ...outputs]
    return element("tr", { "aria-rowindex": r + 2, class: r == this.row ? "chosen" : null,
      "aria-current": r == this.row, onclick: () => this.choose(r == this.row ? -1 : r) }, ...cells)
  }
  choose(r) { this.row = r; this.fillTable(true); this.paint() }
  tableKey(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key == "Escape") this.choose(-1)
    if (!by || !this.list.length) return
    event.preventDefault()
    const place = clamp(this.list.indexOf(this.row) + by, 0, this.list.length - 1)
    const top = place * 24, box = this.scroll
    if (top < box.scrollTop) box.scrollTop = top
    if (top + 80 > box.scrollTop + box.clientHeight) box.scrollTop = top + 80 - box.clientHeight
    this.choose(this.list[place])
  }
}

export function show(host, document) { return new Viewer(host, document) }

function render({ model, el }) {  // in Jupyter, by anywidget
  const host = document.createElement("div")
  el.append(host)
  let viewer = null
  function draw() {
    if (viewer) viewer.remove()
    viewer = show(host, model.get("document"))
    viewer.onchange = () => {
      model.set("step", viewer.step)
      model.set("cuts", [...viewer.cuts].sort())
      model.save_changes()
    }
    viewer.onchange()
  }
  model.on("change:document", draw)
  model.on("change:step", () => viewer.go(model.get("step")))
  model.on("change:cuts", () => {
    const cuts = model.get("cuts")
    if (`${cuts}` == `${[...viewer.cuts].sort()}`) return
    viewer.cuts = new Set(cuts)
    viewer.refresh()
  })
  draw()
  return () => viewer.remove()
}

export default { render }
