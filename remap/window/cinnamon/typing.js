// Evaluated in Cinnamon by toshy, over D-Bus, for each text that no key types: types it as input methods do, in Wayland programs.
// The value is done; or why nothing was typed: failed, x11 (the window belongs to an X11 program, which input methods of
// Cinnamon do not reach), ibus (the keys before the text are still on their way through IBus), or none (there is no such way).
// toshy fills in what is in capitals. Nothing is typed after a time (microseconds of the monotonic clock), for the keys have
// gone on then.
(function (text, until, waited) {
    const GLib = imports.gi.GLib, Meta = imports.gi.Meta, Main = imports.ui.main;
    const wayland = typeof Meta.is_wayland_compositor === 'function' && Meta.is_wayland_compositor();
    const method = Main.inputMethod;
    if (!wayland || !method || typeof method.commit !== 'function')
        return 'none';
    if (text === '' || /[\x00-\x1f\x7f-\x9f]/.test(text) || GLib.get_monotonic_time() > until)
        return 'failed';
    const w = global.display.focus_window;
    if (w && Main.modalCount === 0 && w.get_client_type() === Meta.WindowClientType.X11)
        return 'x11';
    if (!method.currentFocus)
        return 'failed';
    if (method._context && !waited)
        return 'ibus';
    method.commit(text);
    return 'done';
})('@TEXT@', @UNTIL@, @WAITED@)
