// Press a key: what the keyboard sends, what it becomes and why, while this pane has the focus.
import { h, fill, starting } from "./dom.js";

export const name = "keys";
export const title = "Press a key";

const most = 30; // keys that stay on the page

let world, parts, rows;

export function enter(main, w) {
  world = w;
  rows = [];
  parts = { notice: h("div", { class: "notice" }), now: h("div", { class: "big", "aria-live": "polite" }, "Press a key"), device: h("p", { class: "sub" }), list: h("ol", { class: "keys" }) };
  main.append(h("div", { class: "top" }, h("div", {}, h("h1", {}, "Press a key"),
    h("p", { class: "sub" }, "What your keyboard sends, what it becomes, and why.")),
  h("div", { class: "row" }, h("button", { type: "button", onclick: clear }, "Clear"))),
  parts.notice, h("div", { class: "card" }, parts.now, parts.device), h("div", { class: "card" }, h("h2", {}, "Last keys"), parts.list));
  listening("");
}

export function leave() {
  rows = [];
  removeEventListener("keydown", hold, true);
}

/** keys says that this pane wants keys. */
export const keys = () => true;

function clear() {
  rows = [];
  parts.list.replaceChildren();
  fill(parts.now, "Press a key");
  parts.device.replaceChildren();
}

function listening(what) {
  const on = what === "keys" && !world.state?.error;
  parts.notice.className = on ? "notice good" : "notice";
  fill(parts.notice, world.state?.error ? [world.state.error + ", so no keys can be shown. ", starting(world.state.hint)] :
    on ? "This page sees every key that you press now. It stops when you leave this pane or window, and it stores nothing." : "No keys are shown, because this window does not have the focus. Click here to continue.");
  if (on) addEventListener("keydown", hold, true);
  else removeEventListener("keydown", hold, true);
}

// Keys are only shown here: they do not scroll or leave the page. Tab and Escape work as usual.
function hold(e) {
  if (!["Tab", "Escape"].includes(e.key) && !(e.target instanceof HTMLElement && e.target.closest("button, a") && ["Enter", " "].includes(e.key))) e.preventDefault();
}

export function tell(kind, value) {
  if (kind === "listening") return listening(value);
  if (kind === "state") return listening(document.hasFocus() && !document.hidden ? "keys" : "live");
  if (kind === "key") return key(value);
}

function key(e) {
  if (e.kind === "lost") return parts.list.prepend(h("li", {}, `${e.dropped} events are missing: there were too many`));
  if (e.kind === "in" && e.value === "repeat") return;
  if (e.kind === "in" && e.value === "down") {
    const board = world.state?.status?.keyboards?.find((k) => k.name === e.device);
    const out = h("span", { class: "out" });
    const met = h("div", { class: "met" });
    rows.unshift({ key: e.key, out, met });
    fill(parts.now, e.key);
    fill(parts.device, [e.code && "code " + e.code, e.device, board?.type && "type " + board.type].filter(Boolean).join(", "));
    parts.list.prepend(h("li", {}, h("div", {}, h("kbd", {}, e.key), e.code ? h("small", { class: "sub" }, ` code ${e.code}`) : ""), h("div", {}, h("div", {}, "→ ", out), met)));
    while (parts.list.children.length > most) parts.list.lastChild.remove();
    rows.length = Math.min(rows.length, most);
    return;
  }
  const row = rows[0];
  if (!row) return;
  if (e.kind === "match") row.met.append(h("div", {}, `${e.map}`, e.line ? ` · ${e.file}:${e.line}` : ""));
  if (e.kind === "out" && e.value !== "repeat") {
    row.out.append(`${e.value === "down" ? "↓" : "↑"}${e.key} `);
  }
}
