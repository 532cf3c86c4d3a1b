// The call drawn along one axis of time: both sides, frustration with its band, background, moments.
const LANES = { axis: 20, customer: 46, agent: 46, curve: 78, background: 22, moments: 42 };
const GAP = 6;
const MOST_ZOOM = 64;

class Timeline {
  constructor(words, handlers) {
    this.words = words;
    this.handlers = handlers; // seek(t, play), select(subject), span([from, to] | null)
    this.zoom = 1;
    this.gutter = h("div", { class: "gutter", "aria-hidden": "true" });
    this.canvas = h("div", { class: "canvas" });
    this.scroll = h("div", { class: "scroll" }, this.canvas);
    this.node = h("div", { class: "timeline" }, this.gutter, this.scroll);
    this.playhead = h("div", { class: "playhead" });
    this.hover = h("div", { class: "hover" });
    this.band = h("div", { class: "span" });
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.scroll);
  }

  show(data) {
    this.data = data;
    this.drawn = "";
    this.draw();
  }

  get width() { return Math.round(this.scroll.clientWidth * this.zoom); }
  x(t) { return (t / this.data.duration_s) * this.width; }
  t(x) { return Math.min(this.data.duration_s, Math.max(0, (x / this.width) * this.data.duration_s)); }

  draw() {
    const size = `${this.width}`;
    if (!this.data || this.width < 40 || this.drawn === size) return;
    this.drawn = size;
    const tops = {};
    let y = 0;
    for (const [lane, height] of Object.entries(LANES)) { tops[lane] = y; y += height + GAP; }
    const svg = s("svg", { width: this.width, height: y, role: "img", "aria-label": this.words.timeline });
    svg.append(
      this.drawTicks(y), this.drawSpans(tops), this.drawWave("customer", tops.customer),
      this.drawWave("agent", tops.agent), this.drawCurve(tops.curve), this.drawSounds(tops.background),
    );
    const marks = this.drawMoments(tops.moments);
    this.canvas.replaceChildren(svg, this.band, this.hover, this.playhead, ...marks);
    this.canvas.style.width = `${this.width}px`;
    this.playhead.style.transform = `translateX(${this.x(this.now || 0)}px)`; // its place changes with the width
    this.canvas.style.height = `${y}px`;
    this.gutter.replaceChildren(...["customer", "agent", "curve", "background", "moments"].map((lane) =>
      h("span", { style: `top:${tops[lane]}px;height:${LANES[lane]}px` }, this.words[`lane_${lane}`])));
    this.gutter.style.height = `${y}px`;
    this.mark(this.selected);
    this.showSpan(this.chosen);
  }

  drawTicks(height) {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
    const step = steps.find((each) => this.x(each) >= 64) || 7200;
    const group = s("g", { class: "ticks" });
    for (let at = 0; at <= this.data.duration_s; at += step) {
      group.append(s("line", { x1: this.x(at), x2: this.x(at), y1: LANES.axis, y2: height - GAP }));
      if (this.x(at) < this.width - 24) group.append(s("text", { x: this.x(at) + 4, y: 13 }, clock(at)));
    }
    return group;
  }

  drawSpans(tops) {
    const height = LANES.customer + GAP + LANES.agent;
    const rect = (kind) => ([from, to]) =>
      s("rect", { class: kind, x: this.x(from), width: Math.max(1, this.x(to) - this.x(from)), y: tops.customer, height },
        s("title", {}, `${this.words[kind]} ${clock(from)}–${clock(to)}`));
    const names = this.data.holds.filter(([from, to]) => this.x(to) - this.x(from) > 64).map(([from]) =>
      s("text", { x: this.x(from) + 6, y: tops.customer + 13 }, this.words.hold));
    return s("g", {}, ...this.data.holds.map(rect("hold")), ...names, ...this.data.overlaps.map(rect("overlap")));
  }

  // One bar every third pixel, the highest peak within it; without a waveform, where somebody speaks.
  drawWave(role, top) {
    const height = LANES[role];
    const middle = top + height / 2;
    const peaks = this.data.peaks && this.data.peaks[role];
    const parts = [`M0 ${middle}H${this.width}`];
    if (!peaks) {
      for (const turn of this.data.turns) {
        if (turn.speaker !== role) continue;
        const [from, to] = [this.x(turn.start_s), Math.max(this.x(turn.start_s) + 1, this.x(turn.end_s))];
        parts.push(`M${from.toFixed(1)} ${middle - 5}H${to.toFixed(1)}V${middle + 5}H${from.toFixed(1)}Z`);
      }
      return s("path", { class: `wave ${role} spoken`, d: parts.join("") });
    }
    const loudest = this.data.loudest || 255;
    const each = (3 / this.width) * peaks.length;
    for (let bar = 0; bar * 3 < this.width; bar += 1) {
      let peak = 0;
      for (let i = Math.floor(bar * each); i < Math.min(peaks.length, Math.ceil((bar + 1) * each)); i += 1) {
        peak = Math.max(peak, peaks[i]);
      }
      const half = Math.min(1, peak / loudest) ** 0.8 * (height / 2 - 1);
      if (half > 1.2) parts.push(`M${bar * 3 + 1.5} ${(middle - half).toFixed(1)}V${(middle + half).toFixed(1)}`);
    }
    return s("path", { class: `wave ${role}`, d: parts.join("") });
  }

  drawCurve(top) {
    const height = LANES.curve;
    const y = (level) => (top + height - Math.min(1, Math.max(0, level)) * height).toFixed(1);
    const group = s("g", { class: "curve" });
    for (const [level, name] of [[0, "0"], [0.5, "0.5"], [1, "1"]]) {
      group.append(s("line", { class: "grid", x1: 0, x2: this.width, y1: y(level), y2: y(level) }));
      if (level) group.append(s("text", { x: 2, y: Number(y(level)) + 11 }, name));
    }
    const points = this.data.curve;
    if (!points.length) return group;
    const path = (key, list) => list.map((point) => `${this.x(point.time_s).toFixed(1)} ${y(point[key])}`).join("L");
    group.append(
      s("path", { class: "band", d: `M${path("high", points)}L${path("low", [...points].reverse())}Z` }),
      s("path", { class: "level", d: `M${path("level", points)}` }),
    );
    return group;
  }

  drawSounds(top) {
    const group = s("g", { class: "sounds" });
    for (const sound of this.data.sounds) {
      const [from, width] = [this.x(sound.start_s), Math.max(3, this.x(sound.end_s) - this.x(sound.start_s))];
      group.append(s("rect", { x: from, width, y: top + 2, height: LANES.background - 4, rx: 4 }, s("title", {},
        `${sound.name} ${clock(sound.start_s)}–${clock(sound.end_s)}`)));
      if (width > sound.name.length * 7) group.append(s("text", { x: from + 6, y: top + 15 }, sound.name));
    }
    return group;
  }

  drawMoments(top) {
    let last = -100;
    let row = 0;
    return this.data.moments.map((moment) => {
      const x = this.x(moment.at_s);
      row = x - last < 20 ? (row + 1) % 2 : 0; // neighbours would cover each other
      last = x;
      const label = `${clock(moment.at_s)} ${moment.title} (${moment.state})`;
      return h("button", {
        class: `mark ${toneOf(moment)}`, style: `left:${x}px;top:${top + row * 21}px`, title: label, "aria-label": label,
        "data-subject": moment.subject, onclick: (event) => { event.stopPropagation(); this.handlers.select(moment.subject); },
      }, signOf(moment));
    });
  }

  // Click to hear from there; drag to choose a span.
  listen() {
    const at = (event) => this.t(event.clientX - this.canvas.getBoundingClientRect().left);
    let from = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest("button")) return;
      from = { t: at(event), x: event.clientX };
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      this.hover.style.transform = `translateX(${this.x(at(event))}px)`;
      this.hover.textContent = clock(at(event));
      if (from && Math.abs(event.clientX - from.x) > 6) this.showSpan([Math.min(from.t, at(event)), Math.max(from.t, at(event))]);
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (!from) return;
      const dragged = Math.abs(event.clientX - from.x) > 6;
      if (dragged) this.handlers.span(this.chosen);
      else { this.handlers.span(null); this.handlers.seek(at(event), true); }
      from = null;
    });
    this.scroll.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.setZoom(this.zoom * (event.deltaY < 0 ? 1.25 : 0.8), at(event));
    }, { passive: false });
  }

  setZoom(zoom, around) {
    const offset = this.x(around) - this.scroll.scrollLeft;
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
    this.draw();
    this.scroll.scrollLeft = this.x(around) - offset;
  }

  showSpan(span) {
    this.chosen = span;
    this.band.hidden = !span;
    if (span) Object.assign(this.band.style, { left: `${this.x(span[0])}px`, width: `${this.x(span[1]) - this.x(span[0])}px` });
  }

  mark(subject) {
    this.selected = subject;
    for (const mark of this.canvas.querySelectorAll(".mark")) {
      mark.classList.toggle("selected", mark.dataset.subject === subject);
    }
  }

  move(t, playing) {
    if (!this.data) return;
    this.now = t;
    const x = this.x(t);
    this.playhead.style.transform = `translateX(${x}px)`;
    const [left, width] = [this.scroll.scrollLeft, this.scroll.clientWidth];
    if (playing && this.zoom > 1 && (x < left || x > left + width * 0.92)) this.scroll.scrollLeft = x - width * 0.1;
  }
}
