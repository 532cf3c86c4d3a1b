// The recording and the time in it. Without a recording the time can still be set, and everything else follows it.
const SHORTEST_SKIP_S = 1.5;
const LEAD_IN_S = 0.3;

class Sound {
  constructor(onChange) {
    this.audio = new Audio();
    this.audio.preload = "metadata";
    this.onChange = onChange;
    this.state = "none"; // none, making, ready, failed
    this.reason = "";
    this.skipping = false;
    this.gaps = [];
    this.wanted = 0;
    for (const event of ["play", "pause", "ended", "seeked", "ratechange"]) this.audio.addEventListener(event, onChange);
    this.audio.addEventListener("loadedmetadata", () => { this.audio.currentTime = this.wanted; });
  }

  get playing() { return !this.audio.paused && !this.audio.ended; }
  get time() { return this.state === "ready" && this.audio.readyState > 0 ? this.audio.currentTime : this.wanted; }

  seek(seconds) {
    this.wanted = Math.max(0, seconds);
    if (this.state === "ready" && this.audio.readyState > 0) this.audio.currentTime = this.wanted;
    this.onChange();
  }

  toggle() { return this.playing ? this.audio.pause() : this.play(); }

  play() {
    if (this.state === "ready") this.audio.play().catch(() => {});
  }

  speed(rate) {
    this.audio.playbackRate = rate;
    this.audio.defaultPlaybackRate = rate;
  }

  // Where nobody speaks and nothing sounds: what "skip silence" leaves out. spans: [start, end], any order.
  busy(spans, duration) {
    this.gaps = [];
    let until = 0;
    for (const [start, end] of [...spans, [duration, duration]].sort((a, b) => a[0] - b[0])) {
      if (start - until >= SHORTEST_SKIP_S) this.gaps.push([until + LEAD_IN_S, start - LEAD_IN_S]);
      until = Math.max(until, end);
    }
  }

  skip() {
    const now = this.audio.currentTime;
    const gap = this.skipping && this.playing && this.gaps.find(([start, end]) => now >= start && now < end);
    if (gap) this.audio.currentTime = gap[1];
  }

  // The copy is made when it is first asked for; until then the server answers 202.
  async load(address, base) {
    if (this.state === "making") return;
    this.state = "making";
    this.onChange();
    for (;;) {
      if (this.closed) return;
      let answer;
      try {
        answer = await fetch(new URL(address, base), { headers: { Range: "bytes=0-0" } });
      } catch {
        return this.fail("");
      }
      if (answer.status === 206 || answer.status === 200) break;
      if (answer.status !== 202) return this.fail((await answer.json().catch(() => ({}))).error || "");
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    this.state = "ready";
    this.audio.src = new URL(address, base);
    this.onChange();
  }

  fail(reason) {
    this.state = "failed";
    this.reason = reason;
    this.onChange();
  }

  close() {
    this.closed = true;
    this.audio.pause();
    this.audio.removeAttribute("src");
  }
}
