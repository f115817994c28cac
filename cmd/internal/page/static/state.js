// State: what toshy does now and why, problems of the machine, the log.
import { h, fill, complaint, toast, command } from "./dom.js";

export const name = "state";
export const title = "State";

let world, parts, shown;

export async function enter(main, w) {
  world = w;
  shown = "";
  parts = { notice: h("div"), cards: h("div", { class: "cards" }), doctor: h("section", { class: "card", "aria-label": "Check of this machine" }, h("h2", {}, "Check of this machine"), h("p", { class: "sub" }, "Checking …")), log: h("section", { class: "card", "aria-label": "Log" }) };
  main.append(h("div", { class: "top" }, h("div", {}, h("h1", {}, "State"), h("p", { class: "sub" }, "What toshy is doing, and why.")), h("div", { class: "row" },
    parts.pause = button("Pause", "toggle", "Done"), button("Release all keys", "release", "All keys are released"), button("Reload the configuration", "reload", "Reloaded and in use"))), parts.notice, parts.cards, parts.doctor, parts.log);
  parts.log.append(h("h2", {}, "Log and report"), h("p", { class: "sub" }, "A report contains no keys that you typed. Read it before you send it."), h("div", { class: "row" }, h("button", { type: "button", onclick: () => text("log") }, "Show the log"), h("button", { type: "button", onclick: () => text("dump") }, "Make a report")), h("div", { id: "report" }));
  draw();
  await doctor();
}

export function tell(kind) {
  if (kind === "state" || kind === "focus") draw();
}

function button(label, request, said) {
  return h("button", { type: "button", onclick: async () => {
    parts.notice.replaceChildren();
    try {
      const a = await world.api.call("do", { command: request });
      toast(a.note || said);
    } catch (err) {
      fill(parts.notice, complaint(err));
    }
  } }, label);
}

const table = (rows) => h("table", {}, rows.filter(([, v]) => v !== undefined && v !== "").map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, v))));
const card = (title, ...children) => h("section", { class: "card", "aria-label": title }, h("h2", {}, title), children);

function draw() {
  const s = world.state?.status;
  const now = JSON.stringify([s && { ...s, latency: 0, counters: 0, window: { ...s.window, age_ns: 0 } }, world.state?.error]);
  if (now === shown) return;
  shown = now;
  fill(parts.pause, s?.paused ? "Resume" : "Pause");
  for (const b of parts.pause.parentElement.children) b.disabled = !s;
  if (!s) {
    fill(parts.cards, card("Now", h("p", {}, (world.state?.error || "toshy is not running") + "."), world.state?.hint && command(world.state.hint)));
    return;
  }
  const w = s.window;
  fill(parts.cards, 
    card("Now", table([["Status", s.paused ? "paused: the keyboards are released" : s.passthrough ? "keys pass unmapped" : "maps keys"], ["Reason", s.reason || ""], ["Configuration", s.configuration.split(/(?<=\/)/).flatMap((part) => [part, h("wbr")])], ["Mistake", s.config_error || ""], ["Runs as", s.mode === "system" ? "a system service" : "your own program"], ["Version", s.program], ["Since", new Date(s.since).toLocaleString()]])),
    card("Window", table([["Application", w.app || "not known"], ["Title", w.title], ["Reported by", w.source || "nothing"], ["Desktop", w.desktop || ""], ["Layout", s.layout || ""], ["Rules", (s.maps || []).filter((m) => m.startsWith("keymap")).map((m) => m.slice(7)).join(", ")]])),
    card("Keyboards", table([...s.keyboards, ...s.other_devices].map((k) => [k.name, `${k.grabbed ? "taken" : "left alone"}${k.type ? ", type " + k.type : ""}${k.why ? ": " + k.why : ""}`]))),
    card("Keys that are down", s.held.length || s.down.length ? table([...s.held.map((k) => [k.key, `is ${k.is}${k.undecided ? ", tap or hold is not known yet" : ""}`]), ...s.down.map((k) => [k.key, `down for programs${(k.by || []).length ? " by " + k.by.map((b) => b.key || b.for).join(", ") : ""}`])]) : h("p", { class: "sub" }, "None.")),
    card("Layers", (s.all_layers || []).length ? s.all_layers.map((l) => h("label", { class: "inline" }, h("input", { type: "checkbox", checked: (s.layers || []).includes(l), onchange: (e) => world.api.call("do", { command: "layer", name: l, value: e.target.checked ? "on" : "off" }).catch((err) => fill(parts.notice, complaint(err))) }), l)) : h("p", { class: "sub" }, "The configuration has no layers.")));
}

const words = { ok: "good", note: "", warning: "warn", broken: "bad" };

async function doctor() {
  try {
    const all = await world.api.call("report", { name: "doctor" });
    const rank = ["broken", "warning", "note", "ok"];
    all.sort((a, b) => rank.indexOf(a.level) - rank.indexOf(b.level));
    fill(parts.doctor, h("h2", {}, "Check of this machine"), h("table", {}, all.map((f) => h("tr", {}, h("th", { scope: "row" }, h("span", { class: words[f.level] + "-text" }, f.level)), h("td", {}, f.text, f.fix && (/^(sudo|systemctl|toshy|usermod|apt|gsettings) /.test(f.fix) ? command(f.fix) : h("p", { class: "sub" }, f.fix)))))));
  } catch (err) {
    fill(parts.doctor, h("h2", {}, "Check of this machine"), complaint(err));
  }
}

async function text(which) {
  const place = document.getElementById("report");
  fill(place, "…");
  try {
    const a = await world.api.call("report", { name: which });
    fill(place, h("div", { class: "row" }, h("button", { type: "button", onclick: () => navigator.clipboard.writeText(a.text).then(() => toast("Copied")) }, "Copy")), h("pre", { tabindex: "0" }, a.text || "Nothing."));
  } catch (err) {
    fill(place, complaint(err));
  }
}
