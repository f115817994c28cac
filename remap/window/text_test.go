package window

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		limit          int
	}{
		{"short", "abc", "abc", 5},
		{"exact", "abcde", "abcde", 5},
		{"cut", "abcdef", "abcde", 5},
		{"cut before a rune that does not fit", "abcdü", "abcd", 5},
		{"rune that just fits", "abcü", "abcü", 5},
		{"invalid bytes", "a\xff\xfeb", "a\uFFFDb", 9},
		{"replacement that does not fit", "abcd\xff", "abcd", 5},
		{"only continuation bytes", strings.Repeat("\x80", 20), "\uFFFD", 5},
		{"empty", "", "", 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in, tt.limit); got != tt.want {
				t.Errorf("Text(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	f.Add("abc\xff\xf0\x9f\x98", 4)
	f.Add("a😀", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 4 + (limit&0x7fffffff)%64
		got := Text(s, limit)
		if len(got) > limit || !utf8.ValidString(got) {
			t.Errorf("Text(%q, %d) = %q", s, limit, got)
		}
	})
}

func TestExe(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if got := Exe(os.Getpid()); filepath.Base(got) != filepath.Base(self) {
		t.Errorf("Exe of this process = %q, want %q", got, self)
	}
	for _, pid := range []int{-1, 0, 1, 1 << 30} {
		if got := Exe(pid); got != "" {
			t.Errorf("Exe(%d) = %q, want nothing", pid, got)
		}
	}
}
