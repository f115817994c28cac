import Clutter from 'gi://Clutter';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Meta from 'gi://Meta';
import Shell from 'gi://Shell';
import {Extension} from 'resource:///org/gnome/shell/extensions/extension.js';
import * as Main from 'resource:///org/gnome/shell/ui/main.js';
import {WindowSwitcherPopup} from 'resource:///org/gnome/shell/ui/altTab.js';
import {getInputSourceManager as inputSources} from 'resource:///org/gnome/shell/ui/status/keyboard.js';

@BODY@
export default class extends Extension {
    enable() {
        this._test = new WindowTest();
        this._test.enable();
    }

    disable() {
        this._test.disable();
    }
}
