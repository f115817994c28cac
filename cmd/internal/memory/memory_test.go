package memory

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
		s, ok := program(line, self)
		if ok != want || ok && s.from >= s.to {
			t.Errorf("%q: %x, %v", line, s, ok)
		}
	}
}

// Pages that were written before they became read-only differ from the file, so they are in memory or in swap only.
func TestNotWhatWasWritten(t *testing.T) {
	const self = "/usr/bin/toshy"
	mapping := func(at, anonymous, swap string) string {
		return at + "000-" + at + "fff r--p 002b8000 fe:01 31                                 " + self + "\n" +
			"Size:               1456 kB\nAnonymous:          " + anonymous + " kB\nSwap:               " + swap + " kB\nVmFlags: rd mr mw me\n"
	}
	got := unwritten(mapping("1", "0", "0")+mapping("2", "304", "0")+mapping("3", "0", "4")+mapping("4", "0", "0")+
		"7ffcd11d7000-7ffcd11d9000 r-xp 00000000 00:00 0                          [vdso]\nAnonymous:          4 kB\n", self)
	if want := []span{{0x1000, 0x1fff}, {0x4000, 0x4fff}}; !slices.Equal(got, want) {
		t.Errorf("%x", got)
	}
}

// The kernel uses no huge pages for the heap, the data, and the data that Go's runtime keeps about them.
func TestNoHugePages(t *testing.T) {
	before := smaps(t)
	GiveBack()
	after := smaps(t)
	seen := 0
	for at, flags := range after {
		if before[at] == nil { // created meanwhile
			continue
		}
		if seen++; !slices.Contains(flags, "nh") {
			t.Errorf("%s: %s", at, flags)
		}
	}
	if seen < 3 {
		t.Errorf("only %d of the mappings still exist afterwards", seen)
	}
}

// smaps returns the flags of anonymous memory, by address.
func smaps(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^([0-9a-f]+-[0-9a-f]+) rw-p 00000000 00:00 0 *\n(?:[A-Z].*\n)*?VmFlags:(.*)$`).FindAllSubmatch(text, -1) {
		flags[string(m[1])] = strings.Fields(string(m[2]))
	}
	return flags
}

// Distributions build position-independent executables. The dynamic linker has written to their read-only data.
func TestGiveBackInAPIE(t *testing.T) {
	test := filepath.Join(t.TempDir(), "pie.test")
	build := exec.Command("go", "test", "-c", "-buildmode=pie", "-o", test, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(test, "-test.run", "^TestGiveBack$", "-test.v").CombinedOutput()
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skip("no dynamic linker where such a program looks for it, as in the sandbox of Nix")
	}
	if err != nil || !bytes.Contains(out, []byte("PASS: TestGiveBack")) {
		t.Errorf("%v\n%s", err, out[:min(len(out), 1000)])
	}
}

// resident returns how much of the program's file is in memory, in kB. The kernel counts a file on a tmpfs as shared memory.
func resident(t *testing.T) (sum int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`Rss(?:File|Shmem):\s*(\d+)`).FindAllSubmatch(status, -1)
	if len(found) != 2 {
		t.Fatal("the kernel does not say how much of the file is resident")
	}
	for _, m := range found {
		n, _ := strconv.Atoi(string(m[1]))
		sum += n
	}
	return sum
}

// reads each page of the program once
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
		s, ok := program(line, self)
		for at := s.from; ok && at < s.to; at += 4096 {
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
