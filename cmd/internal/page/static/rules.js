// Rules: the user's own, as a list and as text.
import { h, fill, combo, choice, complaint, ask } from "./dom.js";
import { save as write, proposal, review } from "./save.js";
import { names as keyNames } from "./shortcuts.js";

export const name = "rules";
export const title = "Rules";

let world, parts, view, text, dirty, base, capture;

export async function enter(main, w) {
  world = w;
  view = api().live ? view || "list" : "text";
  parts = { notice: h("div"), body: h("div", { class: "stack" }), tabs: h("div", { class: "row" }) };
  main.append(h("div", { class: "top" }, h("div", {}, h("h1", {}, "Your rules"), h("p", { class: "sub", id: "where" })), parts.tabs), parts.notice, parts.body);
  [world.file, world.names] = await Promise.all([api().call("file"), world.names || api().call("names")]);
  if (!dirty) show(world.file);
  draw();
  if (world.wanted) {
    const wanted = world.wanted;
    world.wanted = undefined;
    add(wanted);
  }
}

/** show shows the text of a file in an editor. */
function show(file) {
  base = file;
  text = file.text;
  dirty = false;
}

const api = () => world.api;

export function leave() {
  capture = undefined;
}

/** keys says that a combo is to be pressed. */
export const keys = () => Boolean(capture);

export function tell(kind, value) {
  if (kind === "key" && capture) capture(value);
  if (kind === "file") took();
}

/** took shows the file that is there now. A text that was changed here stays. */
function took() {
  if (dirty && text !== world.file.text) return notices();
  show(world.file);
  if (parts.body.isConnected) draw();
}

function draw() {
  const f = world.file;
  fill(document.getElementById("where"), f.hash ? f.path : `There is no file yet: ${f.source} is in use. Your first rule creates ${f.path}.`);
  const tab = (id, label) => h("button", { type: "button", "aria-pressed": String(view === id), onclick: () => { view = id; draw(); } }, label);
  fill(parts.tabs, tab("list", "List"), tab("text", "Text"), h("button", { class: "main", type: "button", onclick: () => add({}) }, "Add a rule"));
  notices();
  fill(parts.body, view === "text" ? editor() : list());
}

function notices() {
  const f = world.file;
  const list = [];
  if (dirty && base.hash !== f.hash) {
    list.push(h("p", { class: "notice" }, "The file was changed outside this text. Your text is still here. ",
      h("button", { type: "button", onclick: () => { show(f); draw(); } }, "Show the file")));
  }
  if (f.error) list.push(h("p", { class: "notice bad", role: "alert" }, f.error));
  if (f.read_only) list.push(h("p", { class: "notice" }, `This file cannot be changed here. ${f.read_only}. `, f.nix ? "For each change, this page shows the lines for your Nix configuration." : ""));
  fill(parts.notice, ...list);
}

function list() {
  const errors = world.file.problems.filter((p) => p.severity === "error");
  const cards = world.file.keymaps.map((m) => h("section", { class: "card", "aria-label": m.Name },
    h("h2", {}, m.Name, m.Disabled ? " (off)" : ""), h("p", { class: "sub" }, m.When ? where(m.When) : "everywhere"),
    h("table", {}, (m.Keys || []).map((k) => h("tr", {}, h("th", { scope: "row" }, combo(k.Combo)), h("td", {}, inWords(k.Value)),
      h("td", { class: "do" }, h("button", { class: "quiet", type: "button", "aria-label": `Change ${k.Combo}`, onclick: () => add({ combo: k.Combo, when: m.When, ...parsed(k.Value) }) }, "Change"),
        h("button", { class: "quiet", type: "button", "aria-label": `Remove ${k.Combo}`, onclick: () => remove(m.Name, k.Combo) }, "Remove")))))));
  if (!cards.length && !errors.length) cards.push(h("div", { class: "card" }, h("h2", {}, "You have no rules yet"), h("p", {}, "The rules of the preset are in use. A rule that you add takes precedence over them."),
    h("button", { class: "main", type: "button", onclick: () => add({}) }, "Add a rule")));
  return h("div", { class: "stack" }, errors.length ? problems(errors, (p) => { view = "text"; draw(); jump(p); }) : "", h("div", { class: "cards wide" }, cards));
}

/** where is a condition in words, if it is simple enough. */
function where(when) {
  const app = when.match(/^app == "([^"]*)"$/)?.[1];
  return app ? "in " + app : /^\w+$/.test(when) ? "in the group " + when : "when " + when;
}

/** parsed is an action's form fields, from its text in the file; {} if the form has no such action. */
function parsed(value) {
  const text = (s) => { try { return JSON.parse(s); } catch { return s.startsWith("'") ? s.slice(1, -1) : undefined; } };
  const string = `"(?:[^"\\\\]|\\\\.)*"|'[^']*'`;
  if (new RegExp(`^(?:${string})$`).test(value)) {
    const combo = text(value);
    return combo === undefined ? {} : combo === "block" ? { do: "block" } : { do: "combo", value: combo };
  }
  const one = value.match(new RegExp(`^\\{\\s*(hold|text|action|layer)\\s*=\\s*(${string})\\s*\\}$`));
  if (one) return text(one[2]) === undefined ? {} : { do: one[1], value: text(one[2]) };
  const run = value.match(new RegExp(`^\\{\\s*run\\s*=\\s*\\[\\s*((?:(?:${string})\\s*,?\\s*)+)\\]\\s*\\}$`));
  const args = run?.[1].match(new RegExp(string, "g")).map(text);
  return args && args.every((a) => a !== undefined && /^\S+$/.test(a)) ? { do: "run", value: args.join(" ") } : {};
}

/** inWords describes an entry; if there is no short description, it is the text in the file. */
function inWords(written) {
  const a = parsed(written);
  const action = () => world.names?.actions.find((x) => x.name === a.value)?.what || a.value;
  switch (a.do) {
    case "combo": return ["sends ", combo(a.value)];
    case "hold": return ["sends ", combo(a.value), ", with its modifier held"];
    case "text": return ["types ", h("q", {}, a.value)];
    case "run": return ["starts ", h("code", {}, a.value)];
    case "action": return action();
    case "layer": return `turns on the layer ${a.value} while held`;
    case "block": return "does nothing";
  }
  return h("code", {}, written);
}

const problems = (list, go) => h("ul", { class: "problems", "aria-label": "Mistakes" }, list.map((p) =>
  h("li", {}, h("button", { type: "button", class: p.severity, onclick: () => go(p) }, `Line ${p.line}: ${p.message}`, p.hint ? ` (${p.hint})` : ""))));

// ---- the text

function editor() {
  const area = h("textarea", { class: "code", spellcheck: "false", "aria-label": "Configuration", readonly: Boolean(world.file.read_only) });
  area.value = text;
  const back = h("pre", { "aria-hidden": "true" });
  const wrong = h("div", { role: "status" });
  const words = h("ul", { class: "names", "aria-label": "Names that fit" });
  const save = h("button", { class: "main", type: "button", disabled: !dirty, onclick: () => write(world, text, took, base) }, "Save");
  const undo = h("button", { type: "button", disabled: !dirty, onclick: () => { show(world.file); draw(); } }, "Discard");
  let found = [], timer, asked = 0;
  const paint = () => {
    fill(back, ...marked(area.value, found), "\n");
    back.scrollTop = area.scrollTop;
    area.style.height = "auto";
    area.style.height = Math.max(384, area.scrollHeight + 2) + "px";
  };
  const check = async () => {
    const mine = ++asked;
    try {
      const list = await api().call("check", { text: area.value });
      if (mine !== asked) return;
      found = list.filter((p) => p.file === world.file.path);
      const elsewhere = list.filter((p) => p.file !== world.file.path);
      fill(wrong, list.length ? problems([...found, ...elsewhere], (p) => jump(p)) : h("p", { class: "notice good" }, "No mistakes."));
      save.disabled = !dirty || list.some((p) => p.severity === "error");
    } catch (err) {
      fill(wrong, complaint(err));
    }
    paint();
  };
  area.addEventListener("input", () => {
    text = area.value;
    dirty = text !== base.text;
    undo.disabled = !dirty;
    save.disabled = true;
    found = [];
    paint();
    complete(area, words);
    clearTimeout(timer);
    timer = setTimeout(check, 150);
  });
  area.addEventListener("scroll", () => { back.scrollTop = area.scrollTop; });
  queueMicrotask(check);
  return h("div", { class: "stack" }, h("div", { class: "editor" }, back, area), words, wrong, !world.file.read_only && h("div", { class: "row" }, save, undo));
}

/** marked is a text with its mistakes marked. */
function marked(text, list) {
  const lines = text.split("\n");
  return lines.flatMap((line, i) => {
    const end = i < lines.length - 1 ? "\n" : "";
    const chars = [...line];
    const out = [];
    let at = 0;
    for (const p of list.filter((p) => p.line === i + 1).sort((a, b) => a.column - b.column)) {
      const from = Math.max(at, Math.min(p.column - 1, chars.length));
      out.push(chars.slice(at, from).join(""), h("mark", { class: p.severity }, chars.slice(from, from + p.length).join("") || " "));
      at = Math.min(chars.length, from + p.length);
    }
    return [...out, chars.slice(at).join("") + end];
  });
}

function jump(p) {
  const area = parts.body.querySelector("textarea");
  if (!area || p.file !== world.file.path) return;
  const lines = area.value.split("\n");
  const from = lines.slice(0, p.line - 1).join("\n").length + (p.line > 1 ? 1 : 0) + p.column - 1;
  area.focus();
  area.setSelectionRange(from, from + p.length);
}

/** complete suggests names for the word at the cursor. */
function complete(area, place) {
  const before = area.value.slice(0, area.selectionStart);
  const word = before.match(/[A-Za-z_][\w]*$/)?.[0] || "";
  const n = world.names;
  const all = word.length < 2 ? [] : [...n.modifiers, ...n.keys, ...n.groups, ...n.settings, ...n.layers, ...n.actions.map((a) => a.name), ...n.conditions, "keymap", "modmap", "settings", "groups", "keys", "when", "extends", "words"];
  const fits = [...new Set(all)].filter((x) => x.toLowerCase().startsWith(word.toLowerCase()) && x !== word).slice(0, 12);
  fill(place, ...fits.map((x) => h("li", {}, h("button", { type: "button", onclick: () => {
    area.focus();
    area.setRangeText(x, before.length - word.length, before.length, "end");
    area.dispatchEvent(new Event("input"));
  } }, x))));
}

// ---- changes

async function remove(keymap, key) {
  const seen = world.file;
  try {
    const c = await api().call("remove", { text: seen.text, keymap, combo: key });
    review(world, `Remove ${key}?`, c, took, seen);
  } catch (err) {
    parts.notice.prepend(complaint(err));
  }
}

const kinds = [["combo", "presses another combo"], ["hold", "presses a combo and keeps its first modifier down"], ["text", "types a text"], ["run", "starts a program"], ["action", "does what the desktop has for it"], ["layer", "turns a layer on while held"], ["block", "does nothing"]];

function add(wanted) {
  const n = world.names;
  const rule = { combo: wanted.combo || "", where: wanted.app || /^app == /.test(wanted.when || "") ? "app" : wanted.when ? "group" : "all", name: wanted.app || (wanted.when || "").match(/^app == "([^"]*)"$/)?.[1] || wanted.when || "", do: wanted.do || "combo", value: wanted.value || "", words: wanted.words || "" };
  const result = h("div", { class: "stack", role: "status" });
  const input = h("input", { value: rule.combo, placeholder: "Cmd-K", required: true, autocomplete: "off", spellcheck: "false", oninput: (e) => { rule.combo = e.target.value.trim(); } });
  const press = h("button", { type: "button", onclick: () => pressed(press, input, rule) }, "Press it");
  const nameBox = h("span"), valueBox = h("span");
  const named = () => fill(nameBox, rule.where === "app" ? h("label", {}, "Application", h("input", { list: "rule-apps", value: rule.name, required: true, oninput: (e) => { rule.name = e.target.value.trim(); } }), h("datalist", { id: "rule-apps" }, [...new Set([...world.apps, ...n.apps])].map((a) => h("option", { value: a })))) :
    rule.where === "group" ? choice("Group", [...new Set([rule.name || n.groups[0], ...n.groups])], rule.name, (v) => { rule.name = v; }) : "");
  const valued = () => {
    const label = { combo: "Combo", hold: "Combo", text: "Text", run: "Program and arguments" }[rule.do];
    fill(valueBox, label ? h("label", {}, label, h("input", { id: "value", value: rule.value, required: true, autocomplete: "off", spellcheck: "false", placeholder: { combo: "Ctrl-L", hold: "Alt-Tab", run: "kitty -1" }[rule.do] || "", oninput: (e) => { rule.value = e.target.value; } })) :
      rule.do === "action" ? choice("Desktop action", n.actions.map((a) => [a.name, `${a.name}: ${a.what}`]), rule.value || (rule.value = n.actions[0].name), (v) => { rule.value = v; }) :
      rule.do === "layer" ? choice("Layer", n.layers.length ? n.layers : [""], rule.value || (rule.value = n.layers[0] || ""), (v) => { rule.value = v; }) : "");
  };
  const form = h("form", { onsubmit: async (e) => {
    e.preventDefault();
    if (rule.where === "group" && !rule.name) rule.name = n.groups[0];
    const seen = world.file;
    try {
      const p = await api().call("plan", { text: seen.text, rule, situation: world.situation });
      fill(result, 
        h("p", {}, combo(rule.combo), " now: ", p.now || "goes through", ". With the rule: ", h("strong", {}, p.then || "?"), "."),
        p.beaten && h("p", { class: "notice" }, `${p.beaten.rule} still wins: ${p.beaten.file}:${p.beaten.line}`),
        proposal(seen, p),
        h("div", { class: "row" }, !seen.read_only && h("button", { class: "main", type: "button", id: "save-rule", onclick: async () => { if (await write(world, p.text, took, seen)) d.close(); else fill(result); } }, "Save")));
    } catch (err) {
      fill(result, complaint(err));
    }
  } },
  h("div", { class: "row" }, h("label", {}, "When you press", input), api().live && press),
  h("div", { class: "row" }, choice("Where", [["all", "everywhere"], ["app", "in one application"], ["group", "in a group of applications"]], rule.where, (v) => { rule.where = v; rule.name = ""; named(); }), nameBox),
  h("div", { class: "row" }, choice("Action", kinds, rule.do, (v) => { rule.do = v; rule.value = ""; valued(); }), valueBox),
  h("label", {}, "Description (optional)", h("input", { value: rule.words, oninput: (e) => { rule.words = e.target.value; } })),
  h("div", { class: "row" }, h("button", { class: "main" }, "Show what changes"), h("button", { type: "button", onclick: () => d.close() }, "Cancel")), result);
  named();
  valued();
  const d = ask("Rule", form);
  d.onclose = () => { capture = undefined; world.listen(); };
}

/** pressed reads a combo from the keyboard, with the names of its keys. */
function pressed(button, input, rule) {
  button.textContent = "Press the combo now …";
  const down = [];
  const done = async (physical) => {
    capture = undefined;
    removeEventListener("keydown", hold, true);
    button.textContent = "Press it";
    world.listen();
    try {
      const e = await api().call("explain", { ...world.situation, app: rule.where === "app" ? rule.name : world.situation.app, combo: physical });
      input.value = rule.combo = e.seen;
    } catch (err) {
      input.value = rule.combo = physical;
    }
    input.focus();
  };
  const hold = (e) => {
    e.preventDefault();
    if (!world.state?.error) return; // toshy itself says which key it was
    const key = keyNames[e.code];
    if (!key) return;
    if (/ctrl|shift|alt|meta/.test(key)) { if (!down.includes(key)) down.push(key); } else done([...down, key].join("-"));
  };
  addEventListener("keydown", hold, true);
  capture = (e) => {
    if (e.kind !== "in" || e.value === "repeat") return;
    if (e.value === "up") { const i = down.indexOf(e.key); if (i >= 0) down.splice(i, 1); return; }
    down.push(e.key);
    if (!/ctrl|shift|alt|meta|^fn$/.test(e.key) && e.key !== "capslock") done(down.join("-"));
  };
  world.listen();
}
