// Tells toshy which window has the focus: at once, on each activation, and on each change of the
// active window's caption or class. For KWin of Plasma 5 and 6 alike, on Wayland and X11.
// toshy loads it over D-Bus and unloads it when it ends; it fills in the names in capitals.
var six = typeof workspace.windowList === "function";
var watched = null;
var serial = 0;

// Strings only: a JavaScript number arrives as int32 or double as the engine likes, and an
// undefined argument is left out.
function text(v) { return v === undefined || v === null ? "" : String(v).slice(0, 1024); }

function report() {
    var w = watched;
    callDBus("@SERVICE@", "@PATH@", "@INTERFACE@", "Report", String(++serial),
             w ? text(w.resourceClass) || text(w.desktopFileName) : "",
             w ? text(w.caption) : "",
             w ? text(w.pid) : "");
}

// A timer calls fn after ms; without QTimer in the script engine there is none, and calls are made
// at once.
function timer(ms, fn) {
    if (typeof QTimer !== "function") { return null; }
    var t = new QTimer();
    t.singleShot = true;
    t.interval = ms;
    t.timeout.connect(fn);
    return t;
}

// A caption that changes all the time (a clock, a progress bar, a loop) is told at most 20 times a
// second: the first change at once, the last one in any case.
var changed = false;
var pace = timer(50, function () {
    if (changed) { changed = false; report(); pace.start(); }
});
function onCaption() {
    if (!pace) { report(); return; }
    if (pace.active) { changed = true; return; }
    report();
    pace.start();
}

// KWin activates nothing for a moment between two windows. That is told when the event loop comes
// round with nothing activated still.
var none = timer(0, function () { if (!watched) { report(); } });

function each(signal, fn) { if (signal) { fn(signal); } }
function unwatch() {
    if (!watched) { return; }
    try {
        each(watched.captionChanged, function (s) { s.disconnect(onCaption); });
        each(watched.windowClassChanged, function (s) { s.disconnect(report); });
    } catch (e) {
        print("toshy: a window went away: " + e);
    }
    watched = null;
}
function onActivated(w) {
    unwatch();
    changed = false;
    watched = w || null;
    if (!watched) {
        if (none) { none.start(); } else { report(); }
        return;
    }
    each(watched.captionChanged, function (s) { s.connect(onCaption); });
    each(watched.windowClassChanged, function (s) { s.connect(report); });
    report();
}
function onRemoved(w) {
    if (w === watched) { watched = null; report(); }
}

(six ? workspace.windowActivated : workspace.clientActivated).connect(onActivated);
(six ? workspace.windowRemoved : workspace.clientRemoved).connect(onRemoved);
onActivated(six ? workspace.activeWindow : workspace.activeClient);
if (!watched) { report(); }
