// What was said, turn by turn; the turn being spoken is marked and kept in view.
class Transcript {
  constructor(words, handlers) {
    this.words = words;
    this.handlers = handlers; // seek(t, play), select(subject)
    this.list = h("ol", { class: "turns" });
    this.node = this.list;
    this.following = true;
    this.current = -1;
    // Whoever scrolls by hand wants to read there; playing from a turn follows again.
    for (const event of ["wheel", "touchmove"]) this.list.addEventListener(event, () => { this.following = false; }, { passive: true });
  }

  show(data) {
    this.data = data;
    const flags = new Map();
    for (const moment of data.moments) {
      if (moment.turn === null) continue;
      flags.set(moment.turn, [...(flags.get(moment.turn) || []), moment]);
    }
    this.rows = data.turns.map((turn, index) => this.row(turn, index, flags.get(index) || []));
    this.list.replaceChildren(...this.rows);
    this.current = -1;
  }

  row(turn, index, moments) {
    const acts = turn.acts.map((act) => h("span", { class: "act" }, act));
    const flags = moments.map((moment) => h("button", {
      class: `flag ${toneOf(moment)}`, "data-subject": moment.subject,
      onclick: (event) => { event.stopPropagation(); this.handlers.select(moment.subject); },
    }, `${signOf(moment)} ${moment.title}`));
    const level = turn.frustration === null ? "" : h("span", {
      class: "level", title: `${this.words.lane_curve} ${turn.frustration.toFixed(2)}`, style: `--level:${turn.frustration}`,
    });
    return h("li", { class: `turn ${turn.speaker}${turn.hit ? " hit" : ""}` },
      h("button", { class: "when", "aria-label": say(this.words.play_from, { at: clock(turn.start_s) }),
        onclick: () => this.play(index) }, clock(turn.start_s)),
      h("div", { class: "said", onclick: () => { if (!String(getSelection())) this.play(index); } },
        h("span", { class: "who" }, this.words[turn.speaker] || turn.speaker, level), h("p", {}, turn.text),
        acts.length ? h("div", { class: "acts" }, acts) : ""),
      flags.length ? h("div", { class: "flags" }, flags) : "");
  }

  play(index) {
    this.following = true;
    this.handlers.seek(this.data.turns[index].start_s, true);
  }

  move(t) {
    const turns = this.data.turns;
    let found = -1;
    let [low, high] = [0, turns.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (turns[middle].start_s <= t + 0.05) { found = middle; low = middle + 1; } else high = middle - 1;
    }
    if (found === this.current) return;
    if (this.rows[this.current]) this.rows[this.current].classList.remove("now");
    this.current = found;
    const row = this.rows[found];
    if (!row) return;
    row.classList.add("now");
    if (this.following) this.reveal(row);
  }

  reveal(row) {
    const top = row.offsetTop - this.list.clientHeight * 0.3;
    const near = Math.abs(top - this.list.scrollTop) < this.list.clientHeight * 2;
    const smooth = near && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.list.scrollTo({ top, behavior: smooth ? "smooth" : "auto" });
  }
}
