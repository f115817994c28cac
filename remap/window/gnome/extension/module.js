// toshy's focus extension, for GNOME Shell 45 and later.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Meta from 'gi://Meta';
import Shell from 'gi://Shell';
import {Extension} from 'resource:///org/gnome/shell/extensions/extension.js';
import * as Main from 'resource:///org/gnome/shell/ui/main.js';
import {getInputSourceManager as inputSources} from 'resource:///org/gnome/shell/ui/status/keyboard.js';
import {getKeyboardManager as keyboards} from 'resource:///org/gnome/shell/misc/keyboardManager.js';

@BODY@
export default class ToshyFocus extends Extension {
    enable() {
        this._toshy = new Focus();
        this._toshy.enable();
    }

    disable() {
        this._toshy.disable();
        this._toshy = null;
    }
}
