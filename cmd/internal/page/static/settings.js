// Settings: every switch of the configuration, the keyboards, the preset, the start at login.
import { h, fill, combo, choice, complaint, ask, toast, starting } from "./dom.js";
import { review } from "./save.js";

export const name = "settings";
export const title = "Settings";

let world, parts, shown, check;

export async function enter(main, w) {
  world = w;
  shown = "";
  parts = { notice: h("div"), settings: h("section", { class: "card", "aria-label": "Settings" }), boards: h("section", { class: "card", "aria-label": "Keyboards" }), preset: h("section", { class: "card", "aria-label": "Preset" }), start: h("section", { class: "card", "aria-label": "Start" }) };
  main.append(h("div", { class: "top" }, h("div", {}, h("h1", {}, "Settings"), h("p", { class: "sub" }, "Changes take effect at once and are kept."))), parts.notice,
    h("div", { class: "cards wide" }, parts.settings, h("div", { class: "stack" }, parts.boards, parts.preset, parts.start)));
  draw();
  if (!world.names) world.names = await world.api.call("names");
  preset();
  autostart();
}

export function leave() {
  check = undefined;
}

/** keys says that the keys beside a space bar are to be pressed. */
export const keys = () => Boolean(check);

export function tell(kind, value) {
  if (kind === "key" && check) check(value);
  if (kind === "state") draw();
  if (kind === "file") preset();
}

const spelled = { altgr: "AltGr", capslock: "Caps Lock", cmd: "Command", k: "K", lang: "language", level3: "level 3", opt: "Option", vscode: "VSCode" };

/** label is the name of a setting in words. */
const label = (name) => { const s = name.split("_").map((w) => spelled[w] || w).join(" "); return s[0].toUpperCase() + s.slice(1); };

const sentence = (s) => s && s[0].toUpperCase() + s.slice(1) + (/[.!?]$/.test(s) ? "" : ".");

/** said is the description of a value. */
const said = (v) => ({ true: "on", false: "off" })[v] || v.replaceAll("_", " ");

async function change(body, said) {
  parts.notice.replaceChildren();
  try {
    const a = await world.api.call("do", body);
    toast(a.note || said);
  } catch (err) {
    fill(parts.notice, complaint(err));
    shown = "";
    draw();
  }
}

function draw() {
  const now = JSON.stringify([world.state?.settings, world.state?.status?.keyboards, world.state?.error]);
  if (now === shown) return;
  shown = now;
  const focus = document.activeElement?.id;
  const off = Boolean(world.state?.error);
  fill(parts.settings, h("h2", {}, "Switches"), off && h("p", { class: "notice" }, world.state.error + ", so you cannot change anything now. ", starting(world.state.hint)),
    ...(world.state?.settings || []).map((s) => setting(s, off)));
  if (!world.state?.settings?.length) parts.settings.append(h("p", { class: "sub" }, "The configuration has no settings."));
  boards();
  if (focus) document.getElementById(focus)?.focus();
}

function setting(s, off) {
  const id = "set-" + s.name;
  const bool = s.values.length === 2 && s.values.includes("true") && s.values.includes("false");
  const set = (value) => change({ command: "set", name: s.name, value }, `${label(s.name)}: ${said(value)}`);
  const control = bool ? h("span", { class: "switch" }, h("input", { type: "checkbox", role: "switch", id, checked: s.value === "true", disabled: off, "aria-describedby": id + "-d", onchange: (e) => set(String(e.target.checked)) })) :
    h("select", { id, disabled: off, "aria-describedby": id + "-d", onchange: (e) => set(e.target.value) }, s.values.map((v) => h("option", { value: v, selected: v === s.value }, said(v))));
  const changed = s.value !== s.configured || s.kept;
  return h("div", { class: "setting" + (s.parent ? " child" : "") }, h("div", {}, h("label", { for: id, class: "inline" }, label(s.name)), h("small", { id: id + "-d" }, sentence(s.description || ""))),
    changed && h("button", { class: "quiet", type: "button", disabled: off, "aria-label": `${label(s.name)} back to ${said(s.configured)}`, onclick: () => change({ command: "set", name: s.name, default: true }, `${label(s.name)} is as the configuration says`) }, "Back to default"), control);
}

function boards() {
  const s = world.state?.status;
  const list = s?.keyboards || [];
  fill(parts.boards, h("h2", {}, "Keyboards"), ...list.map((k, i) => h("div", { class: "setting" }, h("div", {}, h("span", { id: "board-" + i }, k.name), h("small", {}, k.grabbed ? "taken" : "not taken", k.why ? ": " + k.why : "")),
    h("select", { "aria-labelledby": "board-" + i, onchange: (e) => change({ command: "keyboard-type", name: k.id, value: e.target.value }, "This type is used until toshy restarts") },
      h("option", { value: "", selected: !k.chosen }, k.chosen ? "as configured" : `${k.type || "no type"} (as configured)`), (s.keyboard_types || []).map((t) => h("option", { value: t, selected: k.chosen && t === k.type }, t))))));
  if (list.length) parts.boards.append(h("div", { class: "row" }, h("button", { type: "button", onclick: keycheck }, "Find the type by pressing keys")));
  else parts.boards.append(h("p", { class: "sub" }, world.state?.error ? "The keyboards appear here while toshy runs." : "No keyboard is taken."));
}

/** keycheck asks for the keys next to the space bar, which show the type of a keyboard. */
function keycheck() {
  const seen = world.file;
  const presses = [];
  const question = h("p", { class: "big", role: "status" });
  const so = h("div", { class: "row" });
  const d = ask("What type is your keyboard?", h("p", { class: "sub" }, "toshy looks only at these keys, and only while this dialog is open."), question, so,
    h("div", { class: "row" }, h("button", { type: "button", onclick: () => d.close() }, "Cancel")));
  const hold = (e) => { if (e.key !== "Escape" && e.key !== "Tab" && e.key !== "Enter" && e.key !== " ") e.preventDefault(); };
  const end = () => { check = undefined; removeEventListener("keydown", hold, true); world.listen(); };
  const next = async () => {
    const asked = presses.length;
    try {
      const a = await world.api.call("keycheck", { text: seen.text, presses });
      if (asked !== presses.length || !d.open) return; // another key came meanwhile: its answer counts
      fill(so, a.seen && a.seen.split(", then ").map((k) => combo(k)), a.note && h("span", { class: "warn-text" }, a.note));
      if (a.question) return fill(question, a.question);
      end();
      if (a.known) return fill(question, `${a.keyboard} has the type ${a.type}. toshy already uses this type; there is nothing to write.`);
      review(world, `${a.keyboard} has the type ${a.type}`, a, () => {}, seen);
    } catch (err) {
      end();
      fill(question, complaint(err));
    }
  };
  addEventListener("keydown", hold, true);
  check = (e) => {
    if (e.kind !== "in" || e.value !== "down" || !e.key) return;
    presses.push({ keyboard: e.device, key: e.key });
    next();
  };
  d.onclose = end;
  world.listen();
  next();
}

const about = { "mac": "A Mac's shortcuts in every application", "mac-minimal": "Command and Option where a Mac has them, and nothing for single applications", "windows": "Windows' shortcuts on every desktop", "none": "Nothing but your own rules" };

function preset() {
  if (!parts.preset.isConnected || !world.names) return;
  const f = world.file;
  const now = f.text.match(/^\s*extends\s*=\s*["']([^"']*)["']/m)?.[1] || "mac";
  fill(parts.preset, h("fieldset", { class: "stack" }, h("legend", {}, h("h2", {}, "Preset")), h("p", { class: "sub" }, "What your own rules build on."),
    (world.names.presets || []).map((p) => h("label", { class: "inline" }, h("input", { type: "radio", name: "preset", value: p, checked: p === now, disabled: Boolean(f.read_only) && !f.nix, onchange: () => choose(p) }), h("span", {}, p, about[p] ? h("small", { class: "sub" }, ": " + about[p]) : ""))),
    f.read_only && h("p", { class: "sub" }, f.nix ? "Choose one to see the line for your Nix configuration." : f.read_only)));
}

async function choose(p) {
  const seen = world.file;
  try {
    const c = await world.api.call("preset", { text: seen.text, name: p });
    review(world, `Build on ${p}?`, c, preset, seen).onclose = preset;
  } catch (err) {
    fill(parts.notice, complaint(err));
  }
}

async function autostart(on) {
  let a;
  try {
    a = await world.api.call("autostart", on === undefined ? {} : { on });
  } catch (err) {
    fill(parts.notice, complaint(err));
    return;
  }
  fill(parts.start, h("h2", {}, "Start at login"), a.unit ? h("div", { class: "setting" }, h("div", {}, h("label", { for: "autostart", class: "inline" }, "Start toshy when you log in"), h("small", {}, a.unit, a.fixed ? ", which the system has set" : "")),
    h("span", { class: "switch" }, h("input", { type: "checkbox", role: "switch", id: "autostart", checked: a.enabled, disabled: a.fixed, onchange: (e) => autostart(e.target.checked) }))) :
    h("p", { class: "sub" }, "toshy has no user service here. A package or sudo toshy setup installs it."));
}
