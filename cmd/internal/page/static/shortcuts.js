// Shortcuts: what every combo does, as a drawing of the keyboard and as a list.
import { h, fill, combo, choice, complaint, toast } from "./dom.js";

export const name = "shortcuts";
export const title = "Shortcuts";

let world, parts, sheet, shown, held, search, letters;

export async function enter(main, w) {
  world = w;
  held = new Set(); // physical modifiers that are chosen
  search = "";
  shown = "";
  parts = {
    head: h("div", { class: "top" }), notice: h("div"), board: h("div", { class: "card board", tabindex: "0", role: "region", "aria-label": "Keyboard" }),
    hint: h("p", { class: "sub hint" }, "Choose modifiers on the keyboard, or hold them, to see what each key does with them."), list: h("div", { class: "groups" }),
  };
  main.append(parts.head, parts.notice, h("div", {}, parts.board, parts.hint), parts.list);
  letters = navigator.keyboard?.getLayoutMap ? await navigator.keyboard.getLayoutMap().catch(() => null) : null;
  await refresh();
}

export function leave() {
  held.clear();
}

export function tell(kind) {
  if (kind === "state" || kind === "focus" || kind === "file") return refresh();
}

async function refresh() {
  try {
    sheet = await world.api.call("shortcuts", world.situation);
  } catch (err) {
    fill(parts.notice, complaint(err));
    return;
  }
  fill(parts.notice, ...notices());
  const now = JSON.stringify([sheet, world.apps, world.follow]);
  if (now === shown) return; // what is the same is not drawn anew
  shown = now;
  draw();
}

function notices() {
  const list = [];
  if (world.state?.error) list.push(h("p", { class: "notice" }, world.state.error + ". The list is of the configuration; start toshy with: ", h("code", {}, world.state.hint)));
  const wrong = world.file?.problems?.find((p) => p.severity === "error");
  if (wrong) list.push(h("p", { class: "notice bad" }, `The configuration has a mistake, so the rules before are shown. ${wrong.file}:${wrong.line}: ${wrong.message} `, h("a", { href: "#rules" }, "Mend it")));
  return list;
}

function draw() {
  head();
  board();
  list();
}

function head() {
  const apps = [...new Set([...world.apps, ...(world.names?.apps || [])])];
  const app = h("input", { list: "apps", value: world.situation.app, placeholder: "every application", "aria-label": "Application", onchange: (e) => {
    world.follow = false;
    world.situation.app = e.target.value.trim();
    Object.assign(world.situation, { title: "", exe: "", categories: [] });
    refresh();
  }, onfocus: async () => {
    if (world.names) return;
    world.names = await world.api.call("names");
    fill(document.getElementById("apps"), ...[...new Set([...world.apps, ...world.names.apps])].map((a) => h("option", { value: a })));
  } });
  const find = h("input", { type: "search", id: "search", value: search, placeholder: "copy, tab, Cmd-T …", oninput: (e) => { search = e.target.value; list(); } });
  const focus = document.activeElement;
  const caret = focus?.id === "search" ? focus.selectionStart : false;
  fill(parts.head, 
    h("div", {}, h("h1", {}, sheet.app ? sheet.app : "Every application"),
      h("p", { class: "sub" }, world.follow && world.api.live ? "The window that has the focus" : "The application that you chose", sheet.keyboard ? `, on a keyboard of type ${sheet.keyboard}` : "")),
    h("div", { class: "row" },
      h("label", {}, "Application", app, h("datalist", { id: "apps" }, apps.map((a) => h("option", { value: a })))),
      h("label", {}, "Find", find),
      choice("Keyboard", ["ansi", "iso", "jis"].map((f) => [f, f.toUpperCase()]), world.situation.form, (v) => {
        world.situation.form = v;
        localStorage.setItem("form", v);
        refresh();
      }),
      world.api.live ? h("button", { type: "button", "aria-pressed": String(world.follow), onclick: () => follow() }, "Follow the focus") :
        choice("Type", ["", "apple", "windows", "chromebook", "ibm"].map((t) => [t, t || "by its name"]), world.situation.keyboard, (v) => { world.situation.keyboard = v; refresh(); }),
      h("button", { type: "button", onclick: () => print() }, "Print")));
  if (caret !== false) { // whoever writes goes on
    find.focus();
    find.setSelectionRange(caret, caret);
  }
}

function follow() {
  world.follow = !world.follow;
  const w = world.state?.status?.window;
  if (world.follow && w && !document.hasFocus()) Object.assign(world.situation, { app: w.app, title: w.title, exe: w.exe || "", categories: w.categories || [] });
  if (world.follow) toast("Change to another window: its shortcuts appear here");
  refresh();
}

function board() {
  const old = document.activeElement?.closest?.("svg [data-key]")?.dataset.key;
  const svg = new DOMParser().parseFromString(sheet.drawing, "image/svg+xml").documentElement;
  svg.removeAttribute("role");
  svg.setAttribute("role", "group");
  for (const g of svg.querySelectorAll("[data-key]")) {
    const legend = g.querySelector(".legend");
    const letter = letters?.get(codes[g.dataset.key]);
    if (letter && letter.trim() && legend.textContent.length === 1) legend.textContent = letter.toUpperCase();
    if (!g.classList.contains("mod")) continue;
    g.setAttribute("role", "button");
    g.setAttribute("tabindex", "0");
    g.setAttribute("aria-label", `${legend.textContent} is ${g.querySelector(".is").textContent || legend.textContent}`);
  }
  fill(parts.board, document.importNode(svg, true));
  parts.board.onclick = (e) => { const g = e.target.closest(".mod"); if (g) choose(g.dataset.key); };
  parts.board.onkeydown = (e) => {
    const g = e.target.closest(".mod");
    if (!g || (e.key !== "Enter" && e.key !== " ")) return;
    e.preventDefault();
    choose(g.dataset.key);
  };
  if (old) parts.board.querySelector(`[data-key="${old}"]`)?.focus();
  light();
}

function choose(key) {
  if (!held.delete(key)) held.add(key);
  light();
  list();
}

/** fits says which keys finish a row with the modifiers that are chosen, null for none. */
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
    const most = Math.max(6, Math.floor(width / 6.4));
    const text = row ? row.what : is.get(key) || "";
    g.querySelector(".is").textContent = text.length > most ? text.slice(0, most - 1) + "…" : text;
    g.querySelector(".is").setAttribute("font-size", row ? "8" : "10");
    g.querySelector("title")?.remove();
    if (row) {
      const t = document.createElementNS("http://www.w3.org/2000/svg", "title");
      t.textContent = `${row.combo}: ${row.what}`;
      g.append(t);
    }
  }
}

function list() {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = sheet.rows.filter((r) => {
    const text = `${r.combo} ${r.what} ${r.group} ${r.sends || ""}`.toLowerCase();
    return words.every((w) => text.includes(w)) && (!held.size || fits(r));
  });
  const groups = Map.groupBy(rows, (r) => r.group);
  const cards = [...groups].map(([group, rows]) => h("section", { class: "card group", "aria-label": group }, h("h2", {}, group), rows.map(item)));
  if (!cards.length) cards.push(h("p", { class: "card" }, held.size ? "No shortcut has these modifiers." : "No shortcut is like that."));
  fill(parts.list, ...cards);
}

function item(row) {
  const more = h("div", { class: "more" });
  return h("details", { ontoggle: (e) => e.target.open && !more.hasChildNodes() && explain(row, more) },
    h("summary", {}, h("span", { class: "combo" }, combo(row.combo)), h("span", { class: "what" }, row.what), row.own && h("span", { class: "own-mark" }, "yours")), more);
}

/** pressed is a row's combo in physical keys. */
const pressed = (row) => [...(row.ways[0].mods || []).map((m) => m[0]), row.ways[0].keys[0]].join("-");

async function explain(row, place) {
  fill(place, "…");
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
    e.winner ? h("div", {}, `Rule ${e.winner.rule}`, e.winner.line ? h("span", { class: "lost" }, ` ${e.winner.file}:${e.winner.line}`) : "") : h("div", {}, "No keymap has it: the keys are others, that is all"),
    e.action && h("div", {}, "It " + e.action),
    (e.lost || []).sort((a, b) => b.shadowed - a.shadowed).slice(0, 5).map((l) => h("div", { class: "lost" }, `${l.entry} in ${l.rule} `, l.line ? `${l.file}:${l.line} ` : "", l.shadowed ? "comes after it" : l.why?.length ? `does not hold: ${l.why.at(-1).part}` : "")),
    h("div", { class: "no-print" }, h("button", { type: "button", onclick: () => world.go("rules", { combo: row.combo, words: "", app: world.situation.app }) }, "Change")));
}

// The browser's names of keys, for what stands on them and for modifiers that are held.
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

// A modifier that is held: the browser sees what it has become, so a key that becomes it is chosen.
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
