// The page: its panes, and what they share.
import { api } from "./api.js";
import { h, complaint } from "./dom.js";
import * as shortcuts from "./shortcuts.js";
import * as keys from "./keys.js";
import * as rules from "./rules.js";
import * as settings from "./settings.js";
import * as state from "./state.js";

const panes = api.panes || [shortcuts, keys, rules, settings, state];

/** world has the facts for every pane. */
export const world = {
  api,
  state: null, // of the daemon
  file: null, // the user's configuration
  names: null,
  apps: [], // that had the focus while the page was open
  situation: { app: "", title: "", exe: "", categories: [], desktop: "", session: "", device: "", keyboard: "", form: localStorage.getItem("form") || "ansi", layers: [], settings: {} },
  follow: true, // the focus says which application
  go(name, wanted) {
    world.wanted = wanted;
    if (location.hash === "#" + name) show();
    else location.hash = name;
  },
};

let current;
const main = document.getElementById("main");

function show() {
  const pane = panes.find((p) => "#" + p.name === location.hash) || panes[0];
  const links = panes.map((p) => h("a", { href: "#" + p.name, "aria-current": p === pane && "page" }, p.title));
  document.querySelector("nav").replaceChildren(...links);
  document.title = pane.title + " · toshy";
  current?.leave?.();
  current = pane;
  main.replaceChildren();
  Promise.resolve(pane.enter(main, world)).catch((err) => main.prepend(complaint(err)));
  listen();
}

/** badge shows the state of toshy in a word. */
function badge() {
  const b = document.getElementById("badge");
  if (!api.live) return b.replaceChildren("Playground: your keyboard is not used");
  const s = world.state;
  const [text, kind] = !s ? ["", ""] : s.error ? ["Not running", "bad"] : s.status.config_error || world.file?.problems?.some((p) => p.severity === "error") ? ["Configuration has a mistake", "warn"] :
    s.status.paused ? ["Paused", "warn"] : s.status.passthrough ? ["Keys pass unmapped", "warn"] : ["Running", "good"];
  b.className = kind;
  if (b.textContent !== text) b.textContent = text;
}

/** situated stores what the daemon reports about the window, the keyboard and the settings. */
function situated() {
  const s = world.state?.status;
  if (!s) return;
  const at = world.situation;
  at.layers = s.layers || [];
  at.settings = s.settings || {};
  at.desktop = s.window.desktop || at.desktop;
  const board = s.keyboards.find((k) => k.grabbed);
  if (board) [at.device, at.keyboard] = [board.name, board.type || ""];
  if (!s.window.app) return;
  if (world.seen) front(s.window); // the focus may have changed while the page was hidden
  else focused(s.window);
}

function focused(w) {
  world.seen = true;
  if (w.app && !world.apps.includes(w.app)) world.apps.unshift(w.app);
  if (world.follow) Object.assign(world.situation, { app: w.app, title: w.title, exe: w.exe || "", categories: w.categories || [] });
}

// If this page gets the focus, people want to know about the window that was focused before.
let before;

// early is another window that has the focus, when the daemon says so before the browser does.
let early;

/** front stores the focused window, unless that is this page. */
function front(w) {
  const at = world.situation;
  if (document.hasFocus() || at.app === w.app && at.title === w.title) return;
  before = { at: performance.now(), window: { ...at } };
  focused(w);
}

function tell(kind, value) {
  if (kind === "state") {
    world.state = value;
    situated();
    badge();
  } else if (kind === "focus") {
    if (document.hasFocus()) early = value.title?.includes(document.title) ? undefined : value;
    front(value);
  } else if (kind === "file") {
    world.file = value;
    api.call("names").then((n) => { world.names = n; }, () => {});
    badge();
  }
  current.tell?.(kind, value);
}

addEventListener("focus", () => {
  if (before && world.follow && performance.now() - before.at < 1000) {
    Object.assign(world.situation, { app: before.window.app, title: before.window.title, exe: before.window.exe, categories: before.window.categories });
    current.tell?.("focus", world.situation);
  }
  before = undefined;
  listen();
});
addEventListener("blur", () => {
  if (early) {
    front(early);
    current.tell?.("focus", early);
  }
  early = undefined;
  listen();
});
document.addEventListener("visibilitychange", () => listen());

let stream = { what: "" };
/** listen follows what the page needs now: nothing while it is hidden, keys only while their pane has the focus. */
async function listen() {
  if (!api.live) return;
  const what = document.hidden ? "none" : current?.keys?.() && document.hasFocus() ? "keys" : "live";
  if (stream.what === what) return;
  const old = stream;
  const mine = (stream = { what, stop: new AbortController() });
  current?.tell?.("listening", what);
  try {
    const gone = api.follow(what, world.file?.version || 0, (kind, value) => mine === stream && tell(kind, value), mine.stop.signal);
    old.stop?.abort();
    await gone;
  } catch (err) {
    if (mine.stop.signal.aborted) return;
    lost(err);
    return;
  }
  if (mine === stream) lost(new Error("toshy ui has ended"));
}

function lost(err) {
  stream = { what: "" };
  const b = document.getElementById("badge");
  b.className = "bad";
  b.textContent = "Disconnected";
  main.prepend(h("div", { class: "notice bad", role: "alert" }, err.message + ". Start it again with: ", h("code", {}, "toshy ui")));
}

world.listen = listen;
world.badge = badge;

/** code asks for the code that toshy ui has printed, if toshy ui has not opened the browser. */
function code() {
  main.replaceChildren(h("form", { class: "card stack", method: "post", action: "open" },
    h("h1", {}, "Open toshy"), h("p", {}, "This page is opened by ", h("code", {}, "toshy ui"), ". If the browser does not open by itself, the program prints a code:"),
    h("label", {}, "Code", h("input", { name: "token", autocomplete: "off", required: true, spellcheck: "false" })), h("div", {}, h("button", { class: "main" }, "Open"))));
}

async function begin() {
  try {
    const start = await api.call("start");
    if (start.app) {
      world.follow = false;
      world.situation.app = start.app;
    } else if (start.front?.app) focused(start.front); // before the browser came to the front
    [world.state, world.file] = [start.state, start.file];
  } catch (err) {
    if (err.hint === "toshy ui") return code();
    main.replaceChildren(complaint(err));
    return;
  }
  situated();
  badge();
  addEventListener("hashchange", show);
  show();
}
begin();
