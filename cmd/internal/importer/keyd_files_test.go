package importer

import (
	"strings"
	"testing"
)

// Several files of keyd become one configuration: each file applies to its keyboards, and app.conf to windows.
func TestKeydFiles(t *testing.T) {
	board := File{"etc/board.conf", []byte("[ids]\n*\n-0001:0002\n[main]\ncapslock = layer(nav)\na = b\nf1 = nosuchthing()\n[nav]\nh = left\n[caps:C]\ny = up\n")}
	pedal := File{"etc/pedal.conf", []byte("[ids]\n1234:5678\n[main]\na = c\ncapslock = layer(nav)\n[nav]\nh = right\n")}
	app := File{"app.conf", []byte("[kitty]\nalt.] = C-tab\nnav.h = up\nx = y\n\n[google-chrome|*mail*]\nx = z\n[*]\nnav.j = down\nshift.z = q\n[Firefox]\na = z\n[gimp]\nx = C-z\ncontrol.x = C-y\nnosuch.a = b\n")}
	r, err := KindNamed("keyd").ReadFiles([]File{board, pedal, app}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ input, want string }{
		{"+a -a", "b"},
		{"keyboard pedal\n+a -a", "c"},
		{"+capslock +h -h -capslock", "left"},
		{"keyboard pedal\n+capslock +h -h -capslock", "right"},
		{"app kitty\n+capslock +h -h +j -j -capslock +h -h", "up down h"},
		{"app kitty\nkeyboard pedal\n+capslock +h -h -capslock", "up"},
		{"app kitty\n+x -x", "y"},
		{"app kitty\n+leftshift +x -x -leftshift", "Shift-y"},
		{"app emacs\n+x -x", "x"},
		{"app emacs\n+leftshift +z -z -leftshift", "q"},
		{"app Google-chrome\ntitle The mail of today\n+x -x", "z"},
		{"app google-chrome\ntitle Nothing\n+x -x", "x"},
		{"app kitty\n+leftalt +rightbrace -rightbrace -leftalt", "Ctrl-tab"},
		{"app emacs\n+leftalt +rightbrace -rightbrace -leftalt", "Alt-rightbrace"},
		{"app firefox\n+a -a", "b"},
		{"app gimp\n+x -x +leftctrl +x -x -leftctrl", "Ctrl-z Ctrl-y"},
	} {
		if got := seen(play(t, r, c.input)); got != c.want {
			t.Errorf("%s: %s, expected %s\n%s", c.input, got, c.want, r.TOML)
		}
	}
	for _, want := range []string{`{ vendor = 0x1234, product = 0x5678 }`, `ignore = [{ vendor = 0x0001, product = 0x0002 }]`} {
		if !strings.Contains(string(r.TOML), want) {
			t.Errorf("%s is not in\n%s", want, r.TOML)
		}
	}
	want := []Note{
		{"etc/board.conf", 7, "f1: toshy has no counterpart for nosuchthing(...)", true},
		{"app.conf", 11, "the section [Firefox]: keyd compares Firefox with names in small letters, digits and dashes, which it can never be", true},
		{"app.conf", 16, "there is no layer nosuch, which [nosuch] names", true},
	}
	for _, w := range want {
		found := false
		for _, n := range r.Notes {
			found = found || n == w
		}
		if !found {
			t.Errorf("%+v is not among %+v", w, r.Notes)
		}
	}
}

// app.conf alone has the layers that keyd always has.
func TestKeydAppAlone(t *testing.T) {
	r, err := KindNamed("keyd").Read("app.conf", []byte("[kitty]\nalt.] = C-tab\nmeta.c = C-S-c\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := seen(play(t, r, "app kitty\n+leftmeta +c -c -leftmeta")); got != "Ctrl-Shift-c" {
		t.Errorf("Super-C in kitty is %s\n%s", got, r.TOML)
	}
	if k, err := Detect("/home/me/.config/keyd/app.conf", []byte("[kitty]\na = b\n")); err != nil || k.Name != "keyd" {
		t.Errorf("app.conf is %v: %v", k, err)
	}
}

// swapm turns the layer on before its macro: the layer's modifier is down from the first Tab on, otherwise the desktop's switcher
// would end.
func TestKeydSwapKeepsTheModifier(t *testing.T) {
	r := convert(t, "keyd.conf", []byte("[ids]\n*\n[main]\nleftalt = layer(mac)\n[mac:C]\ntab = swapm(apps, M-tab)\n[apps:M]\ntab = M-tab\n"))
	var out []string
	for _, s := range play(t, r, "+leftalt +tab -tab +tab -tab -leftalt") {
		out = append(out, s.String())
	}
	if n := strings.Count(strings.Join(out, " "), "leftmeta"); n != 2 {
		t.Errorf("Super goes down and up %d times, expected one press and one release: %s", n, strings.Join(out, " "))
	}
}
