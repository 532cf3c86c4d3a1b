// Small tools for building elements; texts are always set as text, never as HTML.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const ICONS = {
  play: "M6 3.5v13l11-6.5z", pause: "M5 3.5h3.5v13H5zM11.5 3.5H15v13h-3.5z", previous: "M4 4h2.4v12H4zM16.5 4v12L7.5 10z",
  next: "M13.6 4H16v12h-2.4zM3.5 4v12l9-6z", more: "M9 4h2v5h5v2h-5v5H9v-5H4V9h5z", less: "M4 9h12v2H4z",
};
const icon = (name) => s("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, s("path", { d: ICONS[name] }));

function clock(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// "{n} of {m}" with its values, as the catalogue writes it.
const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// By verdict and what reviewers said: sign, tone and order are the same wherever a moment is shown.
const SIGNS = { critical: "●", minor: "◆", late: "◐", handled: "✓" };
const signOf = (moment) => SIGNS[moment.verdict === "missed" ? moment.severity : moment.verdict];
function toneOf(moment) {
  if (moment.decision === "dismiss" || moment.origin === "gone") return "off";
  if (moment.verdict === "handled") return "good";
  return moment.verdict === "missed" && moment.severity === "critical" ? "bad" : "warn";
}
