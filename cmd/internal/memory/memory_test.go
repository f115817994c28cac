package memory

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

func TestOnlyWhatNobodyWritesOfTheProgram(t *testing.T) {
	const self = "/usr/bin/with a space"
	for line, want := range map[string]bool{
		"00400000-00957000 r-xp 00000000 00:02 31                                 /usr/bin/with a space\n": true,
		"00957000-00f06000 r--p 00557000 00:02 31                                 /usr/bin/with a space":   true,
		"00f06000-00f76000 rw-p 00b06000 00:02 31                                 /usr/bin/with a space\n": false,
		"00f76000-02fbf000 rw-p 00000000 00:00 0 \n":                                                       false,
		"7ffcd11d7000-7ffcd11d9000 r-xp 00000000 00:00 0                          [vdso]\n":                false,
		"00400000-00957000 r-xp 00000000 00:02 31                                 /usr/bin/with\n":         false,
		"00957000-00400000 r-xp 00000000 00:02 31                                 /usr/bin/with a space\n": false,
		"": false,
	} {
		from, to, ok := program(line, self)
		if ok != want || ok && from >= to {
			t.Errorf("%q: %x-%x, %v", line, from, to, ok)
		}
	}
}

func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`RssFile:\s*(\d+)`).FindSubmatch(status)
	if m == nil {
		t.Fatal("the kernel does not say how much of the file is resident")
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// every page of the program is read once.
func touch(t *testing.T) (sum int) {
	t.Helper()
	f, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	self, _ := os.Readlink("/proc/self/exe")
	maps, _ := os.ReadFile("/proc/self/maps")
	for _, line := range regexp.MustCompile(`(?m)^.*$`).FindAllString(string(maps), -1) {
		from, to, ok := program(line, self)
		for at := from; ok && at < to; at += 4096 {
			var b [1]byte
			if _, err := f.ReadAt(b[:], int64(at)); err != nil {
				t.Fatal(err)
			}
			sum += int(b[0])
		}
	}
	return sum
}

func TestGiveBack(t *testing.T) {
	sum := touch(t)
	before := resident(t)
	GiveBack()
	if after := resident(t); after > before*4/5 {
		t.Errorf("%d KB of the program's file before, %d after", before, after)
	}
	if touch(t) != sum {
		t.Error("the program has changed")
	}
}
