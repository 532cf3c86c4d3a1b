// The moments as cards: what was asked of the agent, what came, how late, why; and what the reviewer says to it.
const FILTERS = {
  all: () => true,
  critical: (moment) => moment.verdict !== "handled" && moment.severity === "critical",
  minor: (moment) => moment.verdict !== "handled" && moment.severity === "minor",
  handled: (moment) => moment.verdict === "handled",
};

class Cards {
  constructor(words, handlers) {
    this.words = words;
    this.handlers = handlers; // select(subject), act(action), clip(moment)
    this.filter = "all";
    this.tabs = h("div", { class: "tabs", role: "group", "aria-label": words.filter });
    this.list = h("div", { class: "cards" });
    this.form = h("div", { class: "adding" });
    this.node = h("section", { class: "side", "aria-label": words.lane_moments }, this.tabs, this.form, this.list);
  }

  show(data) {
    this.data = data;
    this.tabs.replaceChildren(...Object.entries(FILTERS).map(([name, keeps]) => h("button", {
      class: "tab", "aria-pressed": String(this.filter === name),
      onclick: () => { this.filter = name; this.show(this.data); },
    }, this.words[`filter_${name}`], h("span", { class: "count" }, String(data.moments.filter(keeps).length)))),
    h("button", { class: "tab add", onclick: () => this.handlers.spanHere() }, `+ ${this.words.add_moment}`));
    const shown = data.moments.filter(FILTERS[this.filter]);
    this.list.replaceChildren(...(shown.length ? shown.map((moment) => this.card(moment))
      : [h("p", { class: "none" }, data.moments.length ? this.words.no_moments : this.words.nothing_flagged)]));
  }

  select(subject) {
    this.selected = subject;
    if (this.data) this.show(this.data);
    const card = this.list.querySelector(".card.selected");
    if (card) this.list.scrollTo({ top: card.offsetTop - 8, behavior: "smooth" });
  }

  card(moment) {
    const open = moment.subject === this.selected;
    const label = [moment.origin === "gone" ? this.words.gone : "", moment.decided].filter(Boolean).join(" · ");
    const head = h("button", { class: "top", "aria-expanded": String(open), onclick: () => this.handlers.select(moment.subject) },
      h("span", { class: `sign ${toneOf(moment)}`, "aria-hidden": "true" }, signOf(moment)),
      h("span", { class: "name" }, moment.title),
      h("span", { class: "when" }, clock(moment.at_s)));
    const line = h("div", { class: "line" }, h("span", { class: `tag ${toneOf(moment)}` }, moment.state),
      h("span", { class: "sure", title: this.words.confidence }, moment.sure), label ? h("span", { class: "decided" }, label) : "");
    return h("article", { class: `card${open ? " selected" : ""} ${toneOf(moment)}`, "data-subject": moment.subject },
      head, line, open ? this.body(moment) : moment.quote ? h("blockquote", { class: "short" }, moment.quote) : "");
  }

  body(moment) {
    const fact = (name, text, extra) => text ? [h("dt", {}, name), h("dd", {}, text, extra || "")] : [];
    return h("div", { class: "body" },
      moment.quote ? h("blockquote", {}, moment.quote) : "",
      h("dl", {}, ...fact(this.words.asked, moment.asked), ...fact(this.words.came, moment.came),
        ...fact(this.words.late, moment.late), ...fact(this.words.why, moment.why)),
      ...moment.comments.map((comment) => h("p", { class: "comment" }, h("b", {}, comment.who), ` ${comment.when} `, comment.text)),
      this.actions(moment));
  }

  actions(moment) {
    const act = (name, values) => () => this.handlers.act({ do: name, subject: moment.subject, ...values });
    const button = (name, tone, run, key) => h("button", { class: `action ${tone}`, onclick: run, title: key || null }, this.words[name]);
    const kinds = h("select", { "aria-label": this.words.relabel,
      onchange: (event) => { const [kind, verdict] = event.target.value.split("|"); act("relabel", { kind, verdict })(); } },
      h("option", { value: "" }, this.words.relabel), ...this.choices(moment.kind, moment.verdict));
    const note = h("input", { type: "text", placeholder: this.words.comment, "aria-label": this.words.comment, maxlength: 2000,
      onkeydown: (event) => { if (event.key === "Enter" && note.value.trim()) act("comment", { comment: note.value.trim() })(); } });
    const judged = moment.decision !== null;
    return h("div", { class: "actions" },
      h("div", { class: "row" },
        judged ? button("undo", "", act("undo")) : [button("confirm", "yes", act("confirm"), "c"), button("dismiss", "no", act("dismiss"), "x")],
        kinds,
        moment.clip ? h("a", { class: "action", href: "#", role: "button",
          onclick: (event) => { event.preventDefault(); this.handlers.clip(moment, event.target); } }, this.words.clip) : ""),
      note);
  }

  choices(kind, verdict) {
    return this.data.kinds.flatMap((each) => ["missed", "handled"].filter((one) => each[one] && !(each.kind === kind && one === verdict))
      .map((one) => h("option", { value: `${each.kind}|${one}` }, `${signOf({ verdict: one, severity: "critical" })} ${each[one]}`)));
  }

  // The form for a moment that the detectors missed, for a span that was chosen on the timeline.
  adding(span) {
    if (!span) return this.form.replaceChildren();
    const kind = h("select", { "aria-label": this.words.kind }, ...this.choices("", ""));
    const severity = h("select", { "aria-label": this.words.severity },
      ...["critical", "minor"].map((name) => h("option", { value: name }, this.words[name])));
    const note = h("input", { type: "text", placeholder: this.words.comment, "aria-label": this.words.comment, maxlength: 2000 });
    note.addEventListener("keydown", (event) => { if (event.key === "Enter") add(); });
    const add = () => {
      const [name, verdict] = kind.value.split("|");
      this.handlers.act({ do: "add", kind: name, verdict, severity: severity.value, start_s: span[0], end_s: span[1], comment: note.value });
      this.adding(null);
      this.handlers.span(null);
    };
    return this.form.replaceChildren(h("div", { class: "card selected" },
      h("strong", {}, say(this.words.add_between, { from: clock(span[0]), to: clock(span[1]) })), kind, severity, note,
      h("div", { class: "row" }, h("button", { class: "action yes", onclick: add }, this.words.add),
        h("button", { class: "action", onclick: () => { this.adding(null); this.handlers.span(null); } }, this.words.cancel))));
  }
}
