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

/** review shows what changes in the file, and saves it. */
export function review(world, what, changed, lines, after, seen) {
  const fixed = world.file.read_only;
  const d = ask(what, difference(lines), fixed && h("p", { class: "notice" }, `This file cannot be changed here. ${fixed}. `, world.file.nix ? "Add the same to services.toshy.settings in your Nix configuration." : ""), h("div", { class: "row" },
    h("button", { class: "main", type: "button", disabled: Boolean(fixed), onclick: async () => { if (await save(world, changed, after, seen)) d.close(); } }, "Save"),
    h("button", { type: "button", onclick: () => d.close() }, "Cancel")));
  return d;
}
