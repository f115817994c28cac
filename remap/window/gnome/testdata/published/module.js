import Gio from 'gi://Gio';
import {Extension} from 'resource:///org/gnome/shell/extensions/extension.js';

@BODY@
export default class extends Extension {
    enable() {
        this._published = new Published();
        this._published.enable();
    }

    disable() {
        this._published.disable();
    }
}
