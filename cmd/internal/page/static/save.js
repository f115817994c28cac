// Saving the user's file: shown before, checked, undone by one click.
import { h, ask, difference, complaint, toast } from "./dom.js";

const saves = []; // the texts before and after each save, the last save at the end

/** save writes the file. seen is the file that was changed: if the file on the disk is another one by now, it stays. undoes says
 * that this save undoes the last one. after is called when the file is written. */
export async function save(world, changed, after, seen, undoes) {
  document.getElementById("unsaved")?.remove();
  try {
    const a = await world.api.call("save", { text: changed, hash: seen.hash });
    if (undoes) saves.pop();
    else saves.push({ before: seen.text, after: changed });
    world.file = a.file;
    world.badge();
    after();
    const last = saves.at(-1);
    toast((undoes ? "Undone: " : "") + a.taken, last?.after === changed && (() => save(world, last.before, after, a.file, true)));
    return true;
  } catch (err) {
    const d = document.getElementById("dialog");
    const failed = complaint(err);
    failed.id = "unsaved";
    (d.open ? d.firstChild : document.getElementById("main")).prepend(failed);
    failed.scrollIntoView({ block: "nearest" });
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
