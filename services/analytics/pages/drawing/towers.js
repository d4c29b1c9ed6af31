// Three towers, each a stack of floors, each floor a row of units in their colour. SVG, so that a unit is a thing
// that can be reached by keyboard, ringed and named. Painting changes only the cells that differ.
const SVG = "http://www.w3.org/2000/svg";
const RING_LASTS = 7000;

function make(tag, attributes, parent) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent?.append(element);
  return element;
}

export default {
  template: `
    <div class="towers-box" ref="box" @mouseleave="hover = null">
      <svg ref="svg" class="towers-svg" role="application" :aria-label="label" tabindex="0"
           @keydown="key" @focus="focusFirst" @blur="focused = null"></svg>
      <div v-if="said" class="callout" :class="said.side" :style="said.style">
        <span class="callout-title">{{ said.title }}</span>
        <span v-if="said.detail" class="callout-detail">{{ said.detail }}</span>
      </div>
      <span class="unseen" aria-live="polite">{{ spoken }}</span>
    </div>`,
  props: { towers: Array, colours: Array, names: Object, band: Object, label: String },
  data: () => ({ hover: null, focused: null, rung: [], spoken: "" }),
  computed: {
    said() {
      const target = this.hover ?? this.focused;
      const cell = target && this.cells.get(target);
      if (cell) return this.callout(cell, `${cell.label} ${this.names[cell.colour] ?? ""}`.trim(), cell.note);
      const last = this.rung[this.rung.length - 1];
      const changed = last && this.cells.get(last.unit);
      return changed ? this.callout(changed, last.title, last.detail) : null;
    },
  },
  watch: {
    towers() {
      this.shown = this.colours;
      this.draw();
    },
    band() {
      this.draw();
    },
    focused(now, before) {
      this.cells.get(before)?.rect.classList.remove("at");
      const cell = this.cells.get(now);
      cell?.rect.classList.add("at");
      if (cell) this.spoken = `${cell.label} ${this.names[cell.colour] ?? ""}`;
    },
  },
  created() {
    this.cells = new Map();
    this.shown = this.colours;
  },
  mounted() {
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.$refs.box);
    this.draw();
  },
  unmounted() {
    this.observer.disconnect();
  },
  methods: {
    // where everything stands, from the size of the box; whole pixels, so that edges are sharp
    measure() {
      const { width, height } = this.$refs.box.getBoundingClientRect();
      const small = width < 560;
      const gutter = small ? 24 : 40;
      const band = this.band && !small ? 40 : 0;
      const head = small ? 24 : 36;
      const widest = Math.max(1, ...this.towers.map((tower) => tower.columns));
      const pitch = ((width - band) / this.towers.length - gutter) / widest;
      const bottom = Math.min(...this.towers.map((tower) => tower.lowest));
      const top = Math.max(...this.towers.map((tower) => tower.highest));
      const rise = Math.max(4, (height - head - 4) / (top - bottom + 1));
      const gap = pitch >= 10 ? 2 : 1;
      const stride = (width - band - gutter - widest * pitch) / Math.max(1, this.towers.length - 1);
      return { width, height, gutter, band, head, pitch, rise, gap, bottom, top, small,
        left: (index) => gutter + Math.floor(this.towers.length > 1 ? index * stride : 0),
        y: (floor) => Math.round(head + (top - floor) * rise) };
    },
    draw() {
      const svg = this.$refs.svg;
      if (!svg || !this.towers.length) return svg?.replaceChildren();
      const size = this.measure();
      if (size.width < 40) return;
      this.size = size;
      svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      svg.replaceChildren();
      this.cells.clear();
      this.towers.forEach((tower, index) => this.drawTower(svg, tower, size.left(index), index));
      if (this.band && size.band) this.drawBand(svg);
      for (const ring of this.rung) this.mark(ring.unit, true);
    },
    drawTower(svg, tower, left, index) {
      const { pitch, rise, gap, y, head, small } = this.size;
      const middle = left + (tower.columns * pitch) / 2;
      make("text", { x: middle, y: head - 14, class: "tower-name" }, svg).textContent = tower.name;
      let cursor = 0;
      for (const row of tower.floors) {
        if (row.floor === 1 || row.floor % 5 === 0 || row.floor === tower.highest || row.floor === this.band?.from) {
          const tight = small && row.floor !== 1 && row.floor % 10 !== 0;
          const close = row.floor === this.band?.from && rise < 13 && (row.floor % 5 === 1);
          if (!tight && !close) {
            const text = make("text", { x: left - 8, y: y(row.floor) + rise / 2, class: "floor-name" }, svg);
            text.textContent = row.floor;
          }
        }
        row.units.forEach(([id, label, note], column) => {
          const colour = this.shown[index][cursor++];
          const x = Math.round(left + column * pitch);
          const rect = make("rect", {
            "data-unit": id, x, y: y(row.floor),
            width: Math.max(1, Math.round(left + (column + 1) * pitch) - x - gap),
            height: Math.max(1, y(row.floor - 1) - y(row.floor) - gap),
            rx: Math.min(2, pitch / 6), class: `cell c-${colour}${note ? " noted" : ""}`,
          }, svg);
          rect.onmouseenter = () => (this.hover = id);
          rect.onclick = () => this.$emit("unit", id);
          this.cells.set(id, { id, label, note, colour, rect, index, column, floor: row.floor });
        });
      }
    },
    drawBand(svg) {
      const { width, y, rise, gap } = this.size;
      const x = width - 22;
      const [from, to] = [y(this.band.to), y(this.band.from) + rise - gap];
      make("path", { d: `M${x - 8} ${from}h8V${to}h-8`, class: "band" }, svg);
      const text = make("text", { x: x + 12, y: (from + to) / 2, class: "band-name" }, svg);
      text.textContent = this.band.label;
    },
    callout(cell, title, detail) {
      const { pitch, rise, width } = this.size;
      const x = Number(cell.rect.getAttribute("x"));
      const y = Number(cell.rect.getAttribute("y")) + rise / 2;
      const right = x + pitch + 24 + 200 < width;
      return { title, detail, side: right ? "right" : "left",
        style: right ? { left: `${x + pitch}px`, top: `${y}px` } : { right: `${width - x}px`, top: `${y}px` } };
    },
    // new colours, one letter a unit and one text a tower
    paint(colours) {
      this.shown = colours;
      const cursors = colours.map(() => 0);
      for (const cell of this.cells.values()) {
        const colour = colours[cell.index][cursors[cell.index]++];
        if (colour === cell.colour) continue;
        cell.rect.classList.replace(`c-${cell.colour}`, `c-${colour}`);
        cell.colour = colour;
      }
    },
    ring(unit, title, detail) {
      if (!this.cells.has(unit)) return;
      const ring = { unit, title, detail };
      this.rung = [...this.rung.filter((other) => other.unit !== unit), ring];
      this.spoken = `${title} ${detail ?? ""}`;
      this.mark(unit, true);
      setTimeout(() => {
        this.rung = this.rung.filter((other) => other !== ring);
        if (!this.rung.some((other) => other.unit === unit)) this.mark(unit, false);
      }, RING_LASTS);
    },
    mark(unit, on) {
      const rect = this.cells.get(unit)?.rect;
      rect?.classList.toggle("rung", on);
      if (on) rect?.parentNode.append(rect);
    },
    focusFirst() {
      this.focused ??= this.cells.keys().next().value;
    },
    key(event) {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      const cell = this.cells.get(this.focused);
      if (event.key === "Enter" && cell) this.$emit("unit", cell.id);
      if (!step || !cell) return;
      event.preventDefault();
      this.focused = this.neighbour(cell, step)?.id ?? this.focused;
    },
    neighbour(cell, [across, up]) {
      const all = [...this.cells.values()];
      const near = all.filter((other) => other.index === cell.index && other.floor === cell.floor + up);
      const found = near.find((other) => other.column === cell.column + across);
      if (found || up) return found;
      const beside = all.filter((other) => other.index === cell.index + across && other.floor === cell.floor);
      return across > 0 ? beside[0] : beside[beside.length - 1];
    },
  },
};
