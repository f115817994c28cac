// toshy's focus extension, for GNOME Shell 43 and 44.
/* exported init */
const { Gio, GLib, Meta, Shell } = imports.gi;
const Main = imports.ui.main;
const inputSources = imports.ui.status.keyboard.getInputSourceManager;
const keyboards = imports.misc.keyboardManager.getKeyboardManager;

@BODY@
function init() {
    return new Focus();
}
