// Saving the user's file: shown before, checked, undone by one click.
import { h, ask, difference, complaint, toast } from "./dom.js";

/** save writes the file. seen is the file that the change was made of: another one on the disk is not overwritten, and Undo
 * puts its text back. after is called when that is done. */
export async function save(world, changed, after, seen) {
  try {
    const a = await world.api.call("save", { text: changed, hash: seen.hash });
    world.file = a.file;
    world.badge();
    after();
    toast(a.taken, () => save(world, seen.text, after, a.file));
    return true;
  } catch (err) {
    const d = document.getElementById("dialog");
    (d.open ? d.firstChild : document.getElementById("main")).prepend(complaint(err));
    return false;
  }
}

/** proposal is the change in the file. For a file from Nix, it is the change in the Nix configuration. */
export function proposal(file, change) {
  if (!file.read_only) return difference(change.lines);
  const fixed = h("p", { class: "notice" }, `This file cannot be changed here. ${file.read_only}.`);
  if (!file.nix) return [fixed, difference(change.lines)];
  const added = change.nix.filter((l) => l[0] === "+").map((l) => l.slice(1) + "\n").join("");
  return [fixed, h("p", {}, "Make this change in your Nix configuration and rebuild:"), difference(change.nix, "What changes in the Nix configuration"),
    h("div", { class: "row" }, added && h("button", { type: "button", onclick: () => navigator.clipboard.writeText(added).then(() => toast("Copied")) }, "Copy the new lines")),
    h("details", {}, h("summary", {}, "If you use services.toshy.configFile, change that file instead"), difference(change.lines))];
}

/** review shows what changes in the file, and saves it. */
export function review(world, what, change, after, seen) {
  const fixed = Boolean(seen.read_only);
  const d = ask(what, proposal(seen, change), h("div", { class: "row" },
    !fixed && h("button", { class: "main", type: "button", onclick: async () => { if (await save(world, change.text, after, seen)) d.close(); } }, "Save"),
    h("button", { type: "button", onclick: () => d.close() }, fixed ? "Close" : "Cancel")));
  return d;
}
