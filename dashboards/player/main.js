// One call on the screen: timeline, player, transcript and moments, all at one time.
const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const NEAR_S = 15; // a link to a time opens the moment that is no further away
const players = new WeakMap();

class Player {
  constructor(root, words) {
    this.words = words;
    this.send = () => {};
    this.sound = new Sound(() => this.refresh());
    const handlers = {
      seek: (t, play) => this.seek(t, play), select: (subject) => this.select(subject),
      span: (span) => this.choose(span), spanHere: () => this.chooseHere(), act: (action) => this.send(action), clip: (moment, link) => this.clip(moment, link),
    };
    this.timeline = new Timeline(words, handlers);
    this.transcript = new Transcript(words, handlers);
    this.cards = new Cards(words, handlers);
    this.node = h("div", { class: "player" },
      h("div", { class: "panel" }, this.bar(), this.timeline.node),
      h("div", { class: "columns" },
        h("section", { class: "words", "aria-label": words.transcript },
          h("div", { class: "head" }, h("h2", {}, words.transcript), this.actsSwitch()), this.transcript.node),
        this.cards.node));
    root.append(this.node);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    const tick = () => { this.tick(); this.frame = requestAnimationFrame(tick); };
    tick();
  }

  // The controls: play, the moments before and after, time, speed, silence, zoom, link.
  bar() {
    const words = this.words;
    const button = (name, sign, run, key) => h("button", { class: "control", title: `${words[name]} (${key})`, "aria-label": words[name], onclick: run }, icon(sign));
    this.playButton = button("play", "play", () => this.sound.toggle(), words.space);
    this.playButton.classList.add("main");
    this.clockText = h("span", { class: "clock", role: "timer", "aria-live": "off" }, "0:00");
    this.stateText = h("span", { class: "state", role: "status" });
    this.speed = h("select", { "aria-label": words.speed, title: words.speed, onchange: (event) => this.sound.speed(Number(event.target.value)) },
      ...SPEEDS.map((rate) => h("option", { value: rate, selected: rate === 1 }, `${rate}×`)));
    const silence = h("label", { class: "check" }, h("input", { type: "checkbox",
      onchange: (event) => { this.sound.skipping = event.target.checked; } }), words.skip_silence);
    const zoom = (factor) => () => this.timeline.setZoom(this.timeline.zoom * factor, this.sound.time);
    return h("div", { class: "bar" },
      button("previous", "previous", () => this.step(-1), "k"), this.playButton, button("next", "next", () => this.step(1), "j"),
      this.clockText, this.speed, silence, this.stateText, h("span", { class: "spring" }),
      button("zoom_out", "less", zoom(0.5), "−"), button("zoom_in", "more", zoom(2), "+"),
      h("button", { class: "control wide", onclick: (event) => this.link(event.target) }, words.copy_link),
      h("details", { class: "keys" }, h("summary", { "aria-label": words.keys, title: words.keys }, "?"), h("div", {}, words.keys_list)));
  }

  actsSwitch() {
    return h("label", { class: "check" }, h("input", { type: "checkbox",
      onchange: (event) => this.node.classList.toggle("show-acts", event.target.checked) }), this.words.show_acts);
  }

  show(data, send) {
    this.send = send;
    if (JSON.stringify(data) === this.told) return;
    this.told = JSON.stringify(data);
    const fresh = !this.data || this.data.call_id !== data.call_id;
    this.data = data;
    this.data.peaks = data.outlines && Object.fromEntries(Object.entries(data.outlines).map(([role, text]) =>
      [role, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]));
    this.data.loudest = this.data.peaks && Math.max(...Object.values(this.data.peaks).map((peaks) => peaks.reduce((a, b) => Math.max(a, b), 1)));
    this.timeline.show(data);
    this.transcript.show(data);
    this.cards.show(data);
    if (fresh) this.open();
    this.refresh();
  }

  // A call that is seen for the first time: where the link says, else at the first moment that matters.
  open() {
    const { data } = this;
    this.sound.busy([...data.turns, ...data.sounds].map((each) => [each.start_s, each.end_s]), data.duration_s);
    if (data.audio) this.sound.load(data.audio, location.href);
    const worst = data.moments.find((moment) => toneOf(moment) === "bad") || data.moments[0];
    const away = (moment) => Math.abs(moment.at_s - data.open_at);
    const near = [...data.moments].sort((a, b) => away(a) - away(b)).find((moment) => away(moment) < NEAR_S);
    const named = data.open_at === null ? worst : near;
    if (named) this.select(named.subject, { move: data.open_at === null });
    if (data.open_at !== null) this.seek(data.open_at, false);
  }

  seek(t, play) {
    this.transcript.following = true;
    this.sound.seek(Math.min(t, this.data.duration_s));
    if (play) this.sound.play();
  }

  select(subject, { move = true } = {}) {
    const moment = this.data.moments.find((each) => each.subject === subject);
    if (!moment) return;
    this.cards.select(subject);
    this.timeline.mark(subject);
    for (const flag of this.node.querySelectorAll(".flag")) flag.classList.toggle("selected", flag.dataset.subject === subject);
    if (move) this.seek(moment.listen_s, this.started);
    this.started = true; // the first is chosen for the reader, who did not ask to hear anything yet
  }

  step(by) {
    const moments = this.data.moments;
    if (!moments.length) return;
    const at = moments.findIndex((moment) => moment.subject === this.cards.selected);
    this.select(moments[at < 0 ? 0 : (at + by + moments.length) % moments.length].subject);
  }

  choose(span) {
    this.timeline.showSpan(span);
    this.cards.adding(span);
  }

  // A span around the time that is shown, to be moved on the timeline or with the keys.
  chooseHere() {
    const { time } = this.sound;
    this.choose([Math.max(0, time - 3), Math.min(this.data.duration_s, time + 5)]);
  }

  link(button) {
    const url = new URL(location.pathname, location.origin);
    url.search = new URLSearchParams({ call: this.data.call_id, t: this.sound.time.toFixed(1) });
    navigator.clipboard?.writeText(String(url)).then(() => {
      button.textContent = this.words.copied;
      setTimeout(() => { button.textContent = this.words.copy_link; }, 1500);
    }, () => {});
  }

  // A clip is cut when it is asked for: wait until it is there, then let the browser save it.
  async clip(moment, link) {
    link.textContent = this.words.making;
    const sound = new Sound(() => {});
    await sound.load(moment.clip, location.href);
    link.textContent = sound.state === "ready" ? this.words.clip : this.words.no_sound;
    sound.close();
    if (sound.state === "ready") h("a", { href: moment.clip, download: "" }).click();
  }

  key(event) {
    const target = event.composedPath()[0];
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === " " && /^(BUTTON|SUMMARY|A)$/.test(target.tagName) && target !== this.playButton) return;
    const judge = (name) => () => this.cards.selected && this.send({ do: name, subject: this.cards.selected });
    const run = {
      " ": () => this.sound.toggle(), ArrowLeft: () => this.seek(this.sound.time - (event.shiftKey ? 1 : 5), false),
      ArrowRight: () => this.seek(this.sound.time + (event.shiftKey ? 1 : 5), false),
      j: () => this.step(1), k: () => this.step(-1), c: judge("confirm"), x: judge("dismiss"), u: judge("undo"),
      "[": () => this.edge(0), "]": () => this.edge(1), Escape: () => this.choose(null),
      "+": () => this.timeline.setZoom(this.timeline.zoom * 2, this.sound.time), "-": () => this.timeline.setZoom(this.timeline.zoom / 2, this.sound.time),
    }[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }

  // The span of a moment to add, set from the keyboard: [ where it begins, ] where it ends.
  edge(which) {
    const span = [...(this.timeline.chosen || [this.sound.time, this.sound.time + 5])];
    span[which] = this.sound.time;
    if (span[1] > span[0]) this.choose(span);
  }

  refresh() {
    const { sound, words } = this;
    this.playButton.replaceChildren(icon(sound.playing ? "pause" : "play"));
    this.playButton.setAttribute("aria-label", sound.playing ? words.pause : words.play);
    this.playButton.disabled = sound.state !== "ready";
    const silent = this.data && !this.data.audio ? this.data.silent : "";
    const reason = this.data?.language === "en" ? sound.reason : ""; // the server gives it in English alone
    this.stateText.textContent = silent || { making: words.making, failed: `${words.no_sound} ${reason}` }[sound.state] || "";
  }

  tick() {
    if (!this.data) return;
    this.sound.skip();
    const t = this.sound.time;
    if (t === this.at && !this.sound.playing) return;
    this.at = t;
    this.clockText.textContent = `${clock(t)} / ${clock(this.data.duration_s)}`;
    this.timeline.move(t, this.sound.playing);
    this.transcript.move(t);
  }

  close() {
    cancelAnimationFrame(this.frame);
    document.removeEventListener("keydown", this.onKey);
    this.sound.close();
    this.node.remove();
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let player = players.get(parentElement);
  if (!player) {
    player = new Player(parentElement, data.words);
    players.set(parentElement, player);
  }
  player.show(data, (action) => setTriggerValue("act", action));
  return () => {
    players.delete(parentElement);
    player.close();
  };
}
