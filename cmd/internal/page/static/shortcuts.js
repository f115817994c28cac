// Shortcuts: what every combo does, as a drawing of the keyboard and as a list.
import { h, fill, sync, combo, choice, complaint, toast, starting } from "./dom.js";

export const name = "shortcuts";
export const title = "Shortcuts";

let world, parts, sheet, asked, held, search, letters, drawn, rows, groups, stop;

export async function enter(main, w) {
  world = w;
  held = new Set(); // physical modifiers that are chosen
  search = "";
  asked = undefined;
  sheet = undefined;
  drawn = []; // lines of the drawing that is shown
  rows = new Map(); // that are shown, by what they say
  groups = new Map(); // by name
  parts = {
    title: h("h1"), sub: h("p", { class: "sub" }), apps: h("datalist", { id: "apps" }), notice: h("div"), board: h("div", { class: "card board", tabindex: "0", role: "region", "aria-label": "Keyboard" }),
    hint: h("p", { class: "sub hint" }, "Choose modifiers on the keyboard, or hold them, to see what each key does with them."), list: h("div", { class: "groups" }),
  };
  parts.board.onclick = (e) => { const g = e.target.closest(".mod"); if (g) choose(g.dataset.key); };
  parts.board.onkeydown = (e) => {
    const g = e.target.closest(".mod");
    if (!g || (e.key !== "Enter" && e.key !== " ")) return;
    e.preventDefault();
    choose(g.dataset.key);
  };
  parts.columns = [];
  const layout = navigator.keyboard?.getLayoutMap?.().catch(() => null);
  const first = refresh(layout);
  main.append(head(), parts.notice, h("div", {}, parts.board, parts.hint), parts.list);
  room();
  const resized = new ResizeObserver(room);
  resized.observe(parts.list);
  stop = () => resized.disconnect();
  await first;
}

export function leave() {
  held.clear();
  stop();
}

export function tell(kind) {
  if (kind === "file") return anew();
  if (kind === "state" || kind === "focus") return refresh();
}

/** anew sends the same request again, because the rules have changed. */
function anew() {
  asked = undefined;
  return refresh();
}

/** refresh requests the shortcuts of the situation, unless the last request was the same. */
async function refresh(layout) {
  fill(parts.notice, ...notices());
  const question = JSON.stringify(world.situation);
  if (question === asked) return titles();
  asked = question;
  let answer;
  try {
    answer = await world.api.call("shortcuts", world.situation);
  } catch (err) {
    asked = undefined;
    fill(parts.notice, complaint(err));
    return;
  }
  if (layout) letters = await layout;
  if (question !== asked) return; // another question came meanwhile: its answer is shown
  sheet = answer;
  titles();
  board();
  for (const r of rows.values()) r.situated();
  list();
}

function notices() {
  const list = [];
  if (world.state?.error) list.push(h("p", { class: "notice" }, world.state.error + ". The list shows what the configuration does. ", starting(world.state.hint)));
  const wrong = world.file?.problems?.find((p) => p.severity === "error");
  if (wrong) list.push(h("p", { class: "notice bad" }, `The configuration has a mistake, so the previous rules are shown. ${wrong.file}:${wrong.line}: ${wrong.message} `, h("a", { href: "#rules" }, "Fix it")));
  return list;
}

function head() {
  parts.app = h("input", { list: "apps", value: world.situation.app, placeholder: "every application", onchange: (e) => {
    world.follow = false;
    world.situation.app = e.target.value.trim();
    Object.assign(world.situation, { title: "", exe: "", categories: [] });
    refresh();
  }, onfocus: async () => {
    world.names ||= await world.api.call("names");
    fill(parts.apps, ...[...new Set([...world.apps, ...world.names.apps])].map((a) => h("option", { value: a })));
  } });
  parts.follow = h("button", { type: "button", onclick: () => follow() }, "Follow the focus");
  return h("div", { class: "top" }, h("div", {}, parts.title, parts.sub),
    h("div", { class: "row" },
      h("label", {}, "Application", parts.app, parts.apps),
      h("label", {}, "Find", h("input", { type: "search", id: "search", placeholder: "copy, tab, Cmd-T …", oninput: (e) => { search = e.target.value; if (sheet) list(); } })),
      choice("Keyboard", ["ansi", "iso", "jis"].map((f) => [f, f.toUpperCase()]), world.situation.form, (v) => {
        world.situation.form = v;
        localStorage.setItem("form", v);
        refresh();
      }),
      world.api.live ? parts.follow :
        choice("Type", ["", "apple", "windows", "chromebook", "ibm"].map((t) => [t, t || "by its name"]), world.situation.keyboard, (v) => { world.situation.keyboard = v; refresh(); }),
      h("button", { type: "button", onclick: () => print() }, "Print")));
}

/** says sets a text, unless it is the same. */
const says = (e, text) => { if (e.textContent !== text) e.textContent = text; };

function titles() {
  if (!sheet) return;
  says(parts.title, sheet.app || "Every application");
  says(parts.sub, (world.follow && world.api.live ? "The window that has the focus" : "The application that you chose") + (sheet.keyboard ? `, on a keyboard of type ${sheet.keyboard}` : ""));
  if (document.activeElement !== parts.app) parts.app.value = world.situation.app;
  parts.follow.setAttribute("aria-pressed", String(world.follow));
}

function follow() {
  world.follow = !world.follow;
  const w = world.state?.status?.window;
  if (world.follow && w && !document.hasFocus()) Object.assign(world.situation, { app: w.app, title: w.title, exe: w.exe || "", categories: w.categories || [] });
  if (world.follow) toast("Change to another window: its shortcuts appear here");
  refresh();
}

/** board draws the keyboard. Keys that look as before stay: nothing flickers when the focus changes. */
function board() {
  const lines = sheet.drawing.trim().split("\n"); // the beginning, a line for each key, the end
  const same = lines.length === drawn.length && lines[0] === drawn[0];
  if (same && lines.every((l, i) => l === drawn[i])) return light();
  const svg = document.importNode(new DOMParser().parseFromString(sheet.drawing, "image/svg+xml").documentElement, true);
  svg.setAttribute("role", "group");
  const caps = [...svg.children];
  caps.forEach(named);
  const focus = document.activeElement?.closest?.("svg [data-key]")?.dataset.key;
  const old = parts.board.firstElementChild;
  if (same && old) [...old.children].forEach((g, i) => { if (lines[i + 1] !== drawn[i + 1]) g.replaceWith(caps[i]); });
  else fill(parts.board, svg);
  drawn = lines;
  if (focus) parts.board.querySelector(`[data-key="${focus}"]`)?.focus();
  light();
}

/** named sets a key's letter in the layout, and its name for screen readers. */
function named(g) {
  const legend = g.querySelector(".legend");
  const letter = letters?.get(codes[g.dataset.key]);
  if (letter && letter.trim() && legend.textContent.length === 1) legend.textContent = letter.toUpperCase();
  if (!g.classList.contains("mod")) return;
  g.setAttribute("role", "button");
  g.setAttribute("tabindex", "0");
  g.setAttribute("aria-label", `${legend.textContent} is ${g.querySelector(".is").textContent || legend.textContent}`);
}

function choose(key) {
  if (!held.delete(key)) held.add(key);
  light();
  list();
}

/** fits returns the keys that complete a row with the chosen modifiers, null for none. */
function fits(row) {
  for (const way of row.ways) {
    const rest = new Set(held);
    const all = (way.mods || []).every((options) => {
      const k = options.find((o) => rest.has(o));
      return k && rest.delete(k);
    });
    if (all && rest.size === 0) return way.keys;
  }
  return null;
}

/** wrapped splits a text into at most two lines of a given length. */
function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = (lines.at(-1) + " " + word).trim();
    if (longer.length <= most || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.slice(0, 2).map((l, i) => l.length > most || i === 1 && lines.length > 2 ? l.slice(0, most - 1) + "…" : l);
}

/** write puts lines into a text of the drawing, the last one at its place. */
function write(e, lines) {
  if (e.textContent === lines.join("")) return;
  e.replaceChildren(...lines.map((line, i) => {
    const span = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
    span.setAttribute("x", e.getAttribute("x"));
    span.setAttribute("dy", i ? 9 : -9 * (lines.length - 1));
    span.textContent = line;
    return span;
  }));
}

function light() {
  const lit = new Map();
  if (held.size) for (const row of sheet.rows) {
    const keys = row.group === "Switched off" ? null : fits(row);
    if (keys && !lit.has(keys[0])) lit.set(keys[0], row);
  }
  const is = new Map(sheet.keys.map((k) => [k.key, k.is]));
  for (const g of parts.board.querySelectorAll("[data-key]")) {
    const key = g.dataset.key;
    const row = lit.get(key);
    g.classList.toggle("lit", Boolean(row));
    g.classList.toggle("own", Boolean(row?.own));
    if (g.classList.contains("mod")) {
      g.setAttribute("aria-pressed", String(held.has(key)));
      continue;
    }
    const width = g.querySelector("rect").width.baseVal.value;
    const word = g.querySelector(".is");
    write(word, row ? wrapped(row.what, Math.floor((width - 8) / 5.5)) : [is.get(key) || ""]);
    word.setAttribute("font-size", row ? "8" : "10");
    let title = g.querySelector("title");
    if (!row) title?.remove();
    else {
      if (!title) g.append(title = document.createElementNS("http://www.w3.org/2000/svg", "title"));
      says(title, `${row.combo}: ${row.what}`);
    }
  }
}

/** list shows the rows that match. Rows that are already shown do not change. */
function list() {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const before = rows;
  rows = new Map();
  const found = new Map(); // group → elements
  for (const row of sheet.rows) {
    let id = JSON.stringify(row);
    while (rows.has(id)) id += " ";
    const shown = before.get(id) || item(row);
    rows.set(id, shown);
    if (!words.every((w) => shown.text.includes(w)) || held.size && !fits(row)) continue;
    if (!found.has(row.group)) found.set(row.group, []);
    found.get(row.group).push(shown.element);
  }
  const cards = [...found].map(([name, elements]) => {
    if (!groups.has(name)) groups.set(name, h("section", { class: "card group", "aria-label": name }, h("h2", {}, name)));
    const card = groups.get(name);
    sync(card, [card.firstChild, ...elements]);
    return card;
  });
  if (!cards.length) cards.push(h("p", { class: "card" }, held.size ? "No shortcut has these modifiers." : "No shortcut matches."));
  columns(cards);
}

/** columns lays the groups out side by side, as many as have room. The browser's own columns cost several times as much, and a
 * row that is opened would move others from one to the next. */
function columns(cards) {
  const count = parts.columns.length;
  const size = (card) => card.children.length + 1.5; // rows, and what is around them
  let filled;
  for (let most = Math.ceil(cards.reduce((sum, c) => sum + size(c), 0) / count); ; most++) { // the lowest that they fit in
    filled = [[]];
    let height = 0;
    for (const c of cards) {
      if (height && height + size(c) > most) [height] = [0, filled.push([])];
      filled.at(-1).push(c);
      height += size(c);
    }
    if (filled.length <= count) break;
  }
  parts.columns.forEach((c, i) => sync(c, filled[i] || []));
  sync(parts.list, parts.columns);
}

/** room sets the number of columns for the available width. */
function room() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const count = Math.max(1, Math.floor(parts.list.clientWidth / (23 * rem)));
  if (count === parts.columns.length) return;
  parts.columns = Array.from({ length: count }, (_, i) => parts.columns[i] || h("div", { class: "column" }));
  if (sheet) list();
}

/** item is a row of the list: its element, made when it is first shown, and the text that is searched. */
function item(row) {
  const more = h("div", { class: "more" });
  let element;
  return {
    text: `${row.combo} ${row.what} ${row.group} ${row.sends || ""}`.toLowerCase(),
    get element() {
      return element ||= h("details", { ontoggle: () => {
        if (!element.open || more.hasChildNodes()) return;
        element.append(more);
        explain(row, more);
      } }, h("summary", {}, h("span", { class: "combo" }, combo(row.combo)), h("span", { class: "what" }, row.what), row.own && h("span", { class: "own-mark" }, "yours")));
    },
    /** situated forgets the explanation of the row: it may have changed. */
    situated() {
      if (element?.open) explain(row, more);
      else more.replaceChildren();
    },
  };
}

/** pressed is a row's combo in physical keys. */
const pressed = (row) => [...(row.ways[0].mods || []).map((m) => m[0]), row.ways[0].keys[0]].join("-");

async function explain(row, place) {
  if (!place.hasChildNodes()) fill(place, "…");
  let e;
  try {
    e = await world.api.call("explain", { ...world.situation, combo: pressed(row) });
  } catch (err) {
    fill(place, complaint(err));
    return;
  }
  fill(place, 
    h("div", {}, "Press ", ...e.keys.map((k, i) => [i ? " + " : "", combo(k.key), k.becomes !== k.key ? ` (is ${k.becomes})` : ""])),
    row.sends && h("div", {}, "The application gets ", combo(row.sends)),
    e.winner ? h("div", {}, `Rule ${e.winner.rule}`, e.winner.line ? h("span", { class: "lost" }, ` ${e.winner.file}:${e.winner.line}`) : "") : h("div", {}, "No rule changes it; only the keys are different"),
    e.action && h("div", {}, "It " + e.action),
    (e.lost || []).sort((a, b) => b.shadowed - a.shadowed).slice(0, 5).map((l) => h("div", { class: "lost" }, `${l.entry} in ${l.rule} `, l.line ? `${l.file}:${l.line} ` : "", l.shadowed ? "is overridden" : l.why?.length ? `does not apply: ${l.why.at(-1).part}` : "")),
    h("div", { class: "no-print" }, h("button", { type: "button", onclick: () => world.go("rules", { combo: row.combo, words: "", app: world.situation.app }) }, "Change")));
}

// The browser's names of keys, for their labels and for held modifiers.
export const codes = Object.fromEntries([
  ..."abcdefghijklmnopqrstuvwxyz".split("").map((c) => [c, "Key" + c.toUpperCase()]), ..."0123456789".split("").map((c) => [c, "Digit" + c]),
  ...Array.from({ length: 24 }, (_, i) => ["f" + (i + 1), "F" + (i + 1)]),
  ...Object.entries({
    grave: "Backquote", minus: "Minus", equal: "Equal", leftbrace: "BracketLeft", rightbrace: "BracketRight", backslash: "Backslash", semicolon: "Semicolon", apostrophe: "Quote",
    comma: "Comma", dot: "Period", slash: "Slash", "102nd": "IntlBackslash", ro: "IntlRo", yen: "IntlYen", space: "Space", tab: "Tab", enter: "Enter", esc: "Escape", backspace: "Backspace", delete: "Delete",
    insert: "Insert", home: "Home", end: "End", pageup: "PageUp", pagedown: "PageDown", up: "ArrowUp", down: "ArrowDown", left: "ArrowLeft", right: "ArrowRight", capslock: "CapsLock", numlock: "NumLock",
    scrolllock: "ScrollLock", sysrq: "PrintScreen", pause: "Pause", compose: "ContextMenu", leftctrl: "ControlLeft", rightctrl: "ControlRight", leftshift: "ShiftLeft", rightshift: "ShiftRight", leftalt: "AltLeft",
    rightalt: "AltRight", leftmeta: "MetaLeft", rightmeta: "MetaRight", henkan: "Convert", muhenkan: "NonConvert", katakanahiragana: "KanaMode",
  }),
]);
export const names = Object.fromEntries(Object.entries(codes).map(([k, c]) => [c, k]));

// A held modifier: the browser sees what it has become, so choose a key that becomes it.
for (const kind of ["keydown", "keyup"]) {
  addEventListener(kind, (e) => {
    if (!parts?.board?.isConnected || e.repeat || !sheet) return;
    const seen = names[e.code];
    const key = world.api.live ? sheet.keys.find((k) => k.mod && k.held === seen)?.key : seen;
    if (!sheet.keys.some((k) => k.mod && k.key === key)) return;
    if (kind === "keydown") held.add(key);
    else held.delete(key);
    light();
    list();
  });
}
addEventListener("blur", () => {
  if (!parts?.board?.isConnected || !held.size || !sheet) return;
  held.clear();
  light();
  list();
});
