//go:build desktop

package x11

import (
	"errors"
	"fmt"
	"iter"
	"os/exec"
	"strings"
	"testing"
	"time"

	"toshy/remap/window/windowtest"
)

// TestLevels: a text with more different characters than codes is typed at once, the layout stays the same meanwhile, and
// afterwards the server's keymap is what it was, to the byte.
func TestLevels(t *testing.T) {
	x := &windowtest.X11{}
	x.Start(t)
	for _, layout := range []string{"us", "de", "us,ru"} {
		x.Setxkbmap(t, layout)
		before := serverKeymap(t, x.Display)
		typist, err := DialTypist(t.Context(), Options{Display: x.Display}, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := typist.Type("文", time.Now().Add(windowtest.Limit)); err != nil {
			t.Fatal(err)
		}
		text := []rune("文")
		for len(text) < len(typist.slots) {
			text = append(text, '文'+rune(len(text)))
		}
		if len(text) < 20 {
			t.Errorf("%s: %d codes have room for %d characters", layout, len(typist.codes), len(text))
		}
		if err := typist.Type(string(text), time.Now().Add(windowtest.Limit)); err != nil {
			t.Errorf("%s: %v", layout, err)
		}
		if left, err := typist.left(); err != nil || len(left) != len(text) {
			t.Errorf("%s: %d of %d characters are on codes: %v", layout, len(left), len(text), err)
		}
		t.Logf("%s: %d codes, %d levels, room for %d characters", layout, len(typist.codes), len(typist.levels.all), len(typist.slots))
		typist.Close()
		if after := serverKeymap(t, x.Display); after != before {
			t.Errorf("%s: the keymap is another one afterwards: %s", layout, difference(before, after))
		}
	}
}

func serverKeymap(t *testing.T, display string) string {
	t.Helper()
	out, err := exec.Command("xkbcomp", "-w0", display, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// difference is the first line that differs.
func difference(before, after string) string {
	is := strings.Split(after, "\n")
	for i, was := range strings.Split(before, "\n") {
		if i >= len(is) || is[i] != was {
			return fmt.Sprintf("line %d was %q", i+1, was)
		}
	}
	return "there are more lines"
}

// TestOneLevel: while a level is on, or if the server refuses the levels or has no keys for them, each code has one character.
func TestOneLevel(t *testing.T) {
	const text = "жбвгд"
	for name, prepare := range map[string]func(t *testing.T, x *windowtest.X11, typist *Typist){
		"a level is on": func(t *testing.T, x *windowtest.X11, typist *Typist) {
			x.Key(t, level3Key, true)
			t.Cleanup(func() { x.Key(t, level3Key, false) })
		},
		"a level is on later": func(t *testing.T, x *windowtest.X11, typist *Typist) {
			if err := typist.Type("ёж", time.Now().Add(windowtest.Limit)); err != nil {
				t.Fatal(err)
			}
			x.Key(t, level3Key, true)
			t.Cleanup(func() { x.Key(t, level3Key, false) })
		},
		"the server refuses": func(t *testing.T, x *windowtest.X11, typist *Typist) {
			l, err := typist.findLevels()
			if err != nil {
				t.Fatal(err)
			}
			l.kind = 250 // there is no such type
			typist.useLevels(l)
		},
		"no key": func(t *testing.T, x *windowtest.X11, typist *Typist) {
			if err := typist.change(level3Key+firstCode, 'q'); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := &windowtest.X11{}
			x.Start(t)
			x.Setxkbmap(t, "us")
			typist, err := DialTypist(t.Context(), Options{Display: x.Display}, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			defer typist.Close()
			prepare(t, x, typist)
			if err := typist.Type(text, time.Now().Add(windowtest.Limit)); err != nil {
				t.Fatal(err)
			}
			if len(typist.levels.all) != 1 {
				t.Errorf("%d levels are in use", len(typist.levels.all))
			}
			of, err := typist.symbols()
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range text {
				if at, ok := typist.at[r]; !ok || order.Uint32(of(at.code)) != symOf(r) {
					t.Errorf("%c is not on its code", r)
				}
			}
			for code := range symbolsOfOurs(of) {
				if _, ok := typist.on[slot{code, 0}]; !ok {
					t.Errorf("code %d still has a character", code)
				}
			}
		})
	}
}

const level3Key = 84 // the key <LVL3> of all layouts

// symbolsOfOurs are the codes that have a character of a typist.
func symbolsOfOurs(of func(byte) []byte) iter.Seq[byte] {
	return func(yield func(byte) bool) {
		for i := range allCodes {
			if code := byte(firstCode + i); isOurs(of(code)) && !yield(code) {
				return
			}
		}
	}
}

// TestFewCodes: if there are fewer codes than different characters, nothing is typed; the text arrives in smaller parts, a little later
// each.
func TestFewCodes(t *testing.T) {
	x := &windowtest.X11{Manager: "i3"} // which gives a window the focus
	x.Start(t)
	x.Setxkbmap(t, "us")
	terminal := windowtest.OpenTerminal(t, "xterm", x.Key, "DISPLAY="+x.Display)
	typist, err := DialTypist(t.Context(), Options{Display: x.Display}, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	defer typist.Close()
	typist.codes = typist.codes[:4]
	typist.useLevels(oneLevel())
	limit := time.Now().Add(windowtest.Limit)
	if err := typist.Type("жбвгд", limit); !errors.Is(err, ErrLater) {
		t.Fatalf("five characters on four codes: %v", err)
	}
	typed := ""
	for _, part := range []string{"жбвг", "д", "ёж", "文字列入"} {
		windowtest.Until(t, part+" is typed", func() bool {
			err := typist.Type(part, limit)
			if err != nil && !errors.Is(err, ErrLater) {
				t.Fatal(err)
			}
			return err == nil
		})
		typed += part
		windowtest.Until(t, fmt.Sprintf("xterm has %q", typed), func() bool { return terminal.Text() == typed })
	}
}
