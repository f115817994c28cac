/* exported init */
const { Gio } = imports.gi;

@BODY@
function init() {
    return new Published();
}
