/* exported init */
const { Clutter, Gio, GLib, Meta, Shell } = imports.gi;
const Main = imports.ui.main;
const { WindowSwitcherPopup } = imports.ui.altTab;
const inputSources = imports.ui.status.keyboard.getInputSourceManager;

@BODY@
function init() {
    return new WindowTest();
}
