# What xwaykeyz, keyszer and Toshy do, by their documentation: a piece | the keys that go in | what an application sees.
from xwaykeyz.config_api import *
%s
---
modmap('x', {Key.CAPSLOCK: Key.ESC}) | +capslock -capslock | esc
modmap('x', {Key.A: Key.B, Key.B: Key.A}) | +a -a +b -b | b a
modmap('x', {Key.CAPSLOCK: Key.LEFT_CTRL}) | +capslock +x -x -capslock | Ctrl-x
modmap('x', {Key.LEFT_META: Key.RIGHT_CTRL}) | +leftmeta +x -x -leftmeta | Ctrl-x
modmap('x', {Key.RIGHT_ALT: Key.LEFT_ALT}) | +rightalt +x -x -rightalt | Alt-x
modmap('x', {Key.LEFT_CTRL: Key.LEFT_META, Key.LEFT_META: Key.LEFT_CTRL}) | +leftmeta +x -x -leftmeta | Ctrl-x alone
multipurpose_modmap('x', {Key.CAPSLOCK: [Key.ESC, Key.LEFT_CTRL]}) | +capslock -capslock | esc
multipurpose_modmap('x', {Key.CAPSLOCK: [Key.ESC, Key.LEFT_CTRL]}) | +capslock +x -x -capslock | Ctrl-x
multipurpose_modmap('x', {Key.ENTER: [Key.ENTER, Key.RIGHT_CTRL]}) | +enter 1200ms +x -x -enter | Ctrl-x
multipurpose_modmap('x', {Key.SPACE: [Key.SPACE, Key.LEFT_SHIFT]}) | +space -space +x -x | space x
modmap('x', {Key.A: Key.B}, when=lambda ctx: ctx.wm_class == 'nothing') | +a -a | a
modmap('x', {Key.A: Key.B}, when=lambda ctx: ctx.wm_class != 'nothing') | +a -a | b
keymap('x', {C('C-q'): C('M-F4')}) | +leftctrl +q -q -leftctrl | Alt-f4 alone
keymap('x', {C('C-q'): C('M-F4')}) | +rightctrl +q -q -rightctrl | Alt-f4 alone
keymap('x', {C('LC-q'): C('M-F4')}) | +rightctrl +q -q -rightctrl | Ctrl-q alone
keymap('x', {C('C-q'): C('M-F4')}) | +leftctrl +leftshift +q -q -leftshift -leftctrl | Ctrl-Shift-q alone
keymap('x', {C('Super-c'): C('C-c')}) | +leftmeta +c -c -leftmeta | Ctrl-c alone
keymap('x', {C('Shift-Super-c'): C('C-Shift-c')}) | +leftshift +leftmeta +c -c -leftmeta -leftshift | Ctrl-Shift-c alone
keymap('x', {C('Alt-Left'): C('Home')}) | +leftalt +left -left -leftalt | home alone
keymap('x', {C('F1'): [C('C-a'), C('C-c')]}) | +f1 -f1 | Ctrl-a Ctrl-c alone
keymap('x', {C('F1'): [C('a'), sleep(0.02), C('b')]}) | +f1 100ms -f1 | a b alone
keymap('x', {C('F1'): None}) | +f1 -f1 +a -a | a alone
keymap('x', {C('F1'): ignore_combo}) | +f1 -f1 +a -a | a alone
keymap('x', {C('F1'): to_US_keystrokes('aB')}) | +f1 -f1 | a Shift-b alone
keymap('x', {Key.F1: Key.F2}) | +f1 -f1 | f2 alone
keymap('x', {C('C-x'): {C('C-c'): C('C-q')}}) | +leftctrl +x -x +c -c -leftctrl | Ctrl-q alone
keymap('x', {C('C-x'): {C('s'): C('C-w')}}) | +leftctrl +x -x -leftctrl +s -s | Ctrl-w alone
keymap('x', {C('C-x'): {C('s'): C('C-w')}}) | +leftctrl +x -x -leftctrl +q -q +s -s | s alone
keymap('x', {C('C-q'): escape_next_key, C('C-b'): C('Left')}) | +leftctrl +q -q +b -b +b -b -leftctrl | Ctrl-b left alone
keymap('x', {C('C-Space'): set_mark(True), C('C-b'): with_mark(C('Left'))}) | +leftctrl +b -b +space -space +b -b -leftctrl | left Shift-left alone
keymap('a', {C('F1'): C('a')})\nkeymap('b', {C('F1'): C('b'), C('F2'): C('c')}) | +f1 -f1 +f2 -f2 | a c alone
keymap('x', {C('F1'): C('a')}, when=lambda ctx: ctx.wm_class == 'firefox')\nkeymap('y', {C('F1'): C('b')}) | +f1 -f1 | b alone
keymap('x', {C('F1'): C('a')}, when=matchProps(not_clas='firefox')) | +f1 -f1 | a alone
keymap('x', {C('F1'): C('a')}, when=matchProps(clas='^jetbrains-(?!.*toolbox).*$'))\nkeymap('y', {C('F1'): C('b')}) | +f1 -f1 | b alone
modmap('x', {Key.LEFT_META: Key.RIGHT_CTRL})\nkeymap('y', {C('RC-Tab'): [bind, C('Alt-Tab')]}) | +leftmeta +tab -tab +tab -tab -leftmeta | Alt-tab Alt-tab alone
names = ['a', 'b']\nnames.extend(['c'])\nkeymap('x', {C('F1'): C('a')}, when=lambda ctx: ctx.wm_class not in names) | +f1 -f1 | a alone
try:\n    keymap('x', {C('F1'): C('a')})\nexcept NameError:\n    pass | +f1 -f1 | a alone
conditional(lambda ctx: ctx.wm_class == 'x', keymap('x', {C('F1'): C('a')}))\nkeymap('y', {C('F1'): C('b')}) | +f1 -f1 | b alone
define_keymap(None, {K('C-q'): K('M-F4')}, 'old') | +leftctrl +q -q -leftctrl | Alt-f4 alone
define_modmap({Key.CAPSLOCK: Key.LEFT_CTRL}) | +capslock +x -x -capslock | Ctrl-x
define_multipurpose_modmap({Key.ENTER: [Key.ENTER, Key.RIGHT_CTRL]}) | +enter +x -x -enter | Ctrl-x
keymap('x', {C('F1'): MultiTap(tap_1_action=C('a'), tap_2_action=C('b'))}) | +f1 -f1 80ms +f1 -f1 400ms | b alone
keymap('x', {C('F1'): launch(['echo', 'hi'])}) | +f1 -f1 | run echo hi alone
keymap('x', {C('Shift-F1'): C('a')}) | +leftctrl +leftshift +f1 -f1 -leftshift -leftctrl | Ctrl-Shift-f1 alone
