// toshy's focus extension, for GNOME Shell 43 and 44.
/* exported init */
const { Gio, GLib, Meta } = imports.gi;

@BODY@
function init() {
    return new Focus();
}
