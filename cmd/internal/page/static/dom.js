// Small helpers to build pages. Texts become text nodes, never markup.

/** h makes an element: properties that begin with on are listeners, the rest attributes. */
export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (name === "value") e.value = value;
    else e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false));
  return e;
}

/** fill replaces the children of an element. */
export const fill = (e, ...children) => e.replaceChildren(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false));

/** sync replaces the children of an element, but does not touch those already in place. */
export function sync(e, children) {
  const stay = new Set(children);
  for (const c of [...e.children]) if (!stay.has(c)) c.remove();
  let at = e.firstChild;
  for (const c of children) {
    if (c === at) at = at.nextSibling;
    else e.insertBefore(c, at);
  }
}

/** combo shows a combo as keys. */
export const combo = (text) => h("kbd", {}, text);

/** choice is a select with a label. */
export function choice(label, values, value, change) {
  const select = h("select", { onchange: (e) => change(e.target.value) },
    values.map((v) => {
      const [name, text] = Array.isArray(v) ? v : [v, v];
      return h("option", { value: name, selected: name === value }, text);
    }));
  return h("label", {}, label, select);
}

/** toast shows a message for a moment, with a way to undo. */
export function toast(text, undo) {
  const place = document.getElementById("toast");
  place.replaceChildren(h("span", {}, text));
  if (undo) place.append(h("button", { type: "button", onclick: () => { place.replaceChildren(); undo(); } }, "Undo"));
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => place.replaceChildren(), undo ? 20000 : 6000);
}

/** complain shows what went wrong and what to do. */
export function complaint(err) {
  return h("div", { class: "notice bad", role: "alert" }, err.message, err.hint && h("pre", {}, err.hint),
    err.problems && h("ul", {}, err.problems.map((p) => h("li", {}, `${p.file === "text" ? `Line ${p.line}` : `${p.file}:${p.line}`}: ${p.message}`, p.hint && ` (${p.hint})`))));
}

/** hinted divides a hint into its command and the words after it. */
function hinted(hint) {
  const at = hint.search(/, or |; /);
  return at < 0 ? [hint, ""] : [hint.slice(0, at), hint.slice(at + 2)];
}

/** command is the command of a hint, with a button that copies it. */
export function command(hint) {
  const [first, rest] = hinted(hint);
  return [copyable(first), rest && h("p", { class: "sub" }, rest)];
}

/** starting says how to start toshy. */
export function starting(hint) {
  const [first, rest] = hinted(hint || "toshy run");
  return ["Start it with: ", h("code", {}, first), rest && ` (${rest})`];
}

/** ask shows a dialog and returns it. It closes with Escape. */
export function ask(title, ...children) {
  const d = document.getElementById("dialog");
  d.replaceChildren(h("div", { class: "stack" }, h("h2", { id: "dialog-title" }, title), ...children.flat(Infinity).filter(Boolean)));
  if (!d.open) d.showModal();
  return d;
}

/** difference shows changed lines. */
export const difference = (lines, label = "What changes in the file") => h("pre", { class: "diff", tabindex: "0", "aria-label": label }, lines.map((l) =>
  h("span", { class: { "+": "plus", "-": "minus" }[l[0]] || "same" }, l)));

/** copyable is a text with a button that copies it. */
export function copyable(text) {
  return h("div", { class: "row" }, h("code", {}, text),
    h("button", { class: "quiet", type: "button", onclick: () => navigator.clipboard.writeText(text).then(() => toast("Copied")) }, "Copy"));
}
