// Try: keys go through the configuration in this page, which shows what applications would get.
import { h, fill, complaint, choice } from "./dom.js";
import { names } from "./shortcuts.js";

export const name = "try";
export const title = "Try";

let world, parts;
let script = `# A browser: Command-C copies, Command-T opens a tab.
app firefox
+leftalt +c -c -leftalt
+leftalt +t -t -leftalt

# A terminal: Command-C copies here too, Control-C interrupts as ever.
app gnome-terminal
+leftalt +c -c -leftalt
+leftctrl +c -c -leftctrl
`;

export async function enter(main, w) {
  world = w;
  parts = {
    script: h("textarea", { class: "code", rows: "14", spellcheck: "false", "aria-label": "Keys", oninput: (e) => { script = e.target.value; run(); } }),
    out: h("pre", { tabindex: "0", role: "region", "aria-label": "What applications get" }), wrong: h("div", { role: "status" }),
    pad: h("div", { class: "pad", tabindex: "0", role: "application", "aria-label": "Press keys here. Escape leaves the field." }, "Click here and press keys"),
  };
  parts.script.value = script;
  parts.pad.addEventListener("keydown", (e) => key(e, "+"));
  parts.pad.addEventListener("keyup", (e) => key(e, "-"));
  world.names ||= await world.api.call("names");
  main.append(h("div", { class: "top" }, h("div", {}, h("h1", {}, "Try it"), h("p", { class: "sub" }, "Keys go through the configuration in the pane Rules. Nothing leaves this page, and your keyboard is not used.")),
    h("div", { class: "row" }, h("label", {}, "Application", h("input", { list: "try-apps", value: world.situation.app || "firefox", onchange: (e) => { world.situation.app = e.target.value; add(`app ${e.target.value}`); } }), h("datalist", { id: "try-apps" }, world.names.apps.map((a) => h("option", { value: a })))),
      choice("Keyboard", ["", ...world.names.keyboards].map((t) => [t, t || "by its name"]), world.situation.keyboard, (v) => { world.situation.keyboard = v; if (v) add(`keyboard ${v}`); }),
      h("button", { type: "button", onclick: () => { script = parts.script.value = ""; run(); } }, "Clear"))),
  h("div", { class: "card stack" }, parts.pad),
  h("div", { class: "cards wide" }, h("section", { class: "card stack", "aria-label": "Keys" }, h("h2", {}, "What you press"), parts.script), h("section", { class: "card stack", "aria-label": "Output" }, h("h2", {}, "What applications get"), parts.wrong, parts.out)));
  run();
}

function add(line) {
  script = parts.script.value = script + (script && !script.endsWith("\n") ? "\n" : "") + line + "\n";
  parts.script.scrollTop = parts.script.scrollHeight;
  run();
}

function key(e, sign) {
  if (e.key === "Escape") return e.target.blur();
  if (e.key === "Tab") return;
  e.preventDefault();
  const k = names[e.code];
  if (k && !e.repeat) add(sign + k);
}

async function run() {
  try {
    const a = await world.api.call("simulate", { script });
    fill(parts.wrong);
    fill(parts.out, a.text || "Nothing.");
  } catch (err) {
    fill(parts.wrong, complaint(err));
  }
}
