// toshy's focus extension, for GNOME Shell 43 and 44.
/* exported init */
const { Gio, GLib, Meta } = imports.gi;
const inputSources = imports.ui.status.keyboard.getInputSourceManager;
const keyboards = imports.misc.keyboardManager.getKeyboardManager;

@BODY@
function init() {
    return new Focus();
}
