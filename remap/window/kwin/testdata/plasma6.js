// For tests only: as much of a KWin 6 script engine as focus.js touches, without QTimer, in gjs. The
// names are those of KWin 6's sources; the real thing is not in Debian 12. The test puts focus.js
// where the mark is, and reads what it calls.
function Signal() {
    const to = [];
    return {
        connect(fn) { to.push(fn); },
        disconnect(fn) {
            if (to.indexOf(fn) < 0)
                throw new Error('not connected');
            to.splice(to.indexOf(fn), 1);
        },
        emit(...args) { to.slice().forEach(fn => fn(...args)); },
    };
}
function Window(resourceClass, caption, pid) {
    return { resourceClass, caption, pid, captionChanged: Signal(), windowClassChanged: Signal() };
}
const workspace = {
    windowList() { return []; },
    activeWindow: Window('first.app', 'already there', 7),
    windowActivated: Signal(),
    windowRemoved: Signal(),
};
function callDBus(...args) { print(JSON.stringify(args)); }
function title(w, caption) { w.caption = caption; w.captionChanged.emit(); }

/* focus.js */

const a = Window('alpha.app', 'a'), b = Window('', 'b', 9);
b.desktopFileName = 'org.example.beta';
workspace.windowActivated.emit(a);
title(a, 'a2');
workspace.windowActivated.emit(null);
title(a, 'unseen');
workspace.windowActivated.emit(b);
title(a, 'unseen');
b.resourceClass = 'beta.app';
b.windowClassChanged.emit();
title(b, 'x'.repeat(5000));
workspace.windowRemoved.emit(a);
workspace.windowRemoved.emit(b);
