//go:build vm

package e2e

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"toshy/remap/key"
)

// What the memory of the process reveals, and to whom.

// span is the distance within which the first and the last of some keys are looked for, and piece is how much is searched at once.
const span, piece = 4 << 10, 1 << 20

// memoryOf goes through all writable memory of a process, in pieces that overlap by span.
func memoryOf(t testing.TB, pid int, look func(where string, data []byte)) {
	t.Helper()
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	must(t, err)
	defer maps.Close()
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	must(t, err)
	defer mem.Close()
	b := make([]byte, piece+span)
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to int64
		var rights string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &rights); err != nil || !strings.HasPrefix(rights, "rw") {
			continue
		}
		for at := from; at < to; at += piece {
			n, err := mem.ReadAt(b[:min(int64(len(b)), to-at)], at)
			if err != nil && !errors.Is(err, unix.EIO) {
				t.Fatalf("%s: %v", lines.Text(), err)
			}
			look(fmt.Sprintf("%x of %s", at, lines.Text()), b[:n])
		}
	}
}

// inARow is how many keys of a text in a row are a find: four occur by chance in the tables of some configuration.
const inARow = 6

// remembered looks for keys of a text in a row, as a program could keep them: as codes that are equally far apart, with
// whatever is between them, or as letters.
func remembered(t testing.TB, pid int, text string) (found []string) {
	t.Helper()
	var codes []uint16
	var place [key.Count]int // in the text, from 1 on
	for i, r := range text {
		codes = append(codes, uint16(code(t, string(r))))
		place[codes[i]] = i + 1
	}
	zero := make([]byte, span)
	memoryOf(t, pid, func(where string, data []byte) {
		for wide := 1; wide <= 4; wide *= 4 { // as UTF-8, and as runes
			var letters []byte
			for i := range 4 {
				letters = append(append(letters, text[i]), make([]byte, wide-1)...)
			}
			if i := bytes.Index(bytes.ToLower(data), letters); i >= 0 {
				found = append(found, fmt.Sprintf("as letters of %d bytes, at %x behind %s", wide, i, where))
			}
		}
		at := func(i int) uint16 {
			if i+2 > len(data) {
				return 0
			}
			return binary.LittleEndian.Uint16(data[i:])
		}
		for block := 0; block+span <= len(data); block += span {
			if bytes.Equal(data[block:block+span], zero) {
				continue
			}
			for i := block; i < block+span; i += 2 {
				c := at(i)
				if c >= key.Count || place[c] == 0 || place[c]+inARow-1 > len(codes) {
					continue
				}
				next := codes[place[c]:]
				for s := 2; (inARow-1)*s <= span; s += 2 {
					n := 0
					for n < inARow-1 && at(i+(n+1)*s) == next[n] {
						n++
					}
					if n == inARow-1 {
						found = append(found, fmt.Sprintf("from key %d on, %d bytes apart, at %x behind %s: % x", place[c], s, i, where, data[i:min(i+n*s+2, len(data))]))
						break
					}
				}
			}
		}
	})
	return found
}

const forgetful = `extends = "none"
[modmap.m]
keys.Space = { tap = "Space", hold = "RightShift", timeout = "1m", preset = "permissive" }
[keymap.k]
keys.F1 = "B"
keys.F2 = [{ wait = "300ms" }, "F3"]
`

// No process keeps what was typed in its memory once it has come out: neither keys that went straight through, nor keys that waited
// for a macro or for a key with two meanings.
func TestMemoryForgetsWhatIsTyped(t *testing.T) {
	texts := []string{"zqxjkvbpyw", "hfcgnmrltd", "ybmwqvhczk"}
	k := newSoftKeyboard(t, "e2e keyboard that is forgotten")
	s := serve(t, nil, "--user", only(annUID))
	s.agent(t, annUID, forgetful)
	softThrough(k, s.out)
	letters := func(text string) {
		for _, r := range text {
			k.tap(string(r))
		}
	}
	pid := s.cmd.Process.Pid
	ends := func(text string) {
		t.Helper()
		must(t, s.out.skipTo("-"+text[len(text)-1:], deadline()))
	}
	letters(texts[0])
	ends(texts[0])
	k.tap("f2") // they wait for the macro
	letters(texts[1])
	ends(texts[1])
	space := code(t, "space") // they wait for the space bar
	k.types(keyEvent{space, pressed})
	var all []keyEvent
	for _, r := range texts[2] {
		all = append(all, keyEvent{code(t, string(r)), pressed})
	}
	for _, r := range texts[2] {
		all = append(all, keyEvent{code(t, string(r)), released})
	}
	k.types(all...)
	k.types(keyEvent{space, released})
	ends(texts[2])
	for range 3 { // the next typing is not what cleans up: it uses three keys
		k.tap("f5")
	}
	until(t, "no key is held", func() bool { return len(s.status(t).Held) == 0 })
	for _, text := range texts {
		for _, f := range remembered(t, pid, text) {
			t.Errorf("what was typed is in memory: %s", f)
		}
	}
}

// The test above finds what is there.
func TestMemoryIsSearched(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard that is remembered")
	s := serve(t, nil, "--user", only(annUID))
	s.agent(t, annUID, forgetful)
	softThrough(k, s.out)
	const text = "zqxjkvbpyw"
	var held []keyEvent
	for _, r := range text { // the daemon must know which keys are down
		held = append(held, keyEvent{code(t, string(r)), pressed})
	}
	k.types(held...)
	until(t, "the keys are down", func() bool { return len(s.status(t).Held) == len(text) })
	if len(remembered(t, s.cmd.Process.Pid, text)) == 0 {
		t.Error("keys that are held are not found")
	}
	for i := range held {
		held[i].value = released
	}
	k.types(held...)
	until(t, "no key is held", func() bool { return len(s.status(t).Held) == 0 })
	for _, f := range remembered(t, s.cmd.Process.Pid, text) {
		t.Errorf("what was held is in memory: %s", f)
	}
}

// If somebody watches keys, the daemon still does not keep them.
func TestMemoryForgetsWhatIsWatched(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard that is watched")
	s := serve(t, nil, "--user", only(annUID))
	s.agent(t, annUID, forgetful)
	softThrough(k, s.out)
	c, err := dialAs(annUID, s.socket)
	must(t, err)
	fmt.Fprintln(c, `{"command":"monitor","keys":true}`)
	lines := bufio.NewScanner(c)
	lines.Scan()
	const text = "zqxjkvbpyw"
	for _, r := range text {
		k.tap(string(r))
	}
	for lines.Scan() && !strings.Contains(lines.Text(), `"key":"w"`) {
	}
	c.Close()
	for _, f := range remembered(t, s.cmd.Process.Pid, text) {
		t.Errorf("what was watched is in memory: %s", f)
	}
}

// The text that a client has typed is gone some time later, although the client stays: the text itself, and the request that contained
// it.
func TestMemoryForgetsWhatAClientTypes(t *testing.T) {
	k := newSoftKeyboard(t, "e2e keyboard beside a client")
	s := serve(t, nil, "--user", only(annUID))
	s.agent(t, annUID, forgetful)
	softThrough(k, s.out)
	c, err := dialAs(annUID, s.socket)
	must(t, err)
	defer c.Close()
	in := bufio.NewReader(c)
	const text = "zqxjkvbpyw"
	for _, request := range []string{`{"command":"type","text":"` + text + `"}`, `{"command":"press","combos":["` + strings.Join(strings.Split(text, ""), `","`) + `"]}`} {
		fmt.Fprintln(c, request)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, `"ok":true`) {
			t.Fatalf("%s: %q, %v", request, line, err)
		}
	}
	must(t, s.out.skipTo("-w", deadline()))
	var found []string
	untilWithin(t, time.Minute, time.Second, "what was typed is forgotten", func() bool {
		found = remembered(t, s.cmd.Process.Pid, text)
		t.Logf("%d places: %q", len(found), found)
		return len(found) == 0
	})
}

// Other programs of the same user cannot read the memory of any of our processes, in any way.
func TestMemoryIsClosed(t *testing.T) {
	anybody(t)
	k := newSoftKeyboard(t, "e2e keyboard that is traced")
	anybody(t)
	known := nodes()
	cmd, path := command(t, before)
	for dir := filepath.Dir(path); dir != "/"; dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o755))
	}
	r := launchCmd(t, as(cmd, annUID))
	n := appear(t, "toshy's virtual keyboard", known, func(n node) bool { return n.phys == virtualKeyboard })
	softThrough(k, open(t, n))
	sleeper := as(exec.Command("/bin/toshy", "simulate"), annUID) // another program of hers
	in, err := sleeper.StdinPipe()
	must(t, err)
	must(t, sleeper.Start())
	t.Cleanup(func() { in.Close(); _ = sleeper.Wait() })
	until(t, "the other program runs", func() bool { return trespass(t, annUID, sleeper.Process.Pid)["mem"] == nil })
	for pid, open := range map[int]bool{sleeper.Process.Pid: true, r.cmd.Process.Pid: false} {
		for what, err := range trespass(t, annUID, pid) {
			if (err == nil) != open {
				t.Errorf("%s of process %d, which is toshy: %v, by another program of its user: %v", what, pid, !open, err)
			}
		}
	}
}

// trespass tries as a user everything that leads to a process's memory.
func trespass(t testing.TB, uid uint32, pid int) map[string]error {
	t.Helper()
	done := make(chan map[string]error)
	go func() {
		runtime.LockOSThread() // it ends with the goroutine
		tried := map[string]error{}
		for _, set := range []uintptr{unix.SYS_SETRESGID, unix.SYS_SETRESUID} {
			if _, _, errno := unix.RawSyscall(set, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
				tried["user"] = errno
			}
		}
		proc := "/proc/" + strconv.Itoa(pid)
		f, err := os.Open(proc + "/mem")
		if err == nil {
			f.Close()
		}
		tried["mem"] = err
		_, err = os.ReadFile(proc + "/maps")
		tried["maps"] = err
		_, err = os.ReadDir(proc + "/fd")
		tried["fd"] = err
		var word [8]byte
		_, err = unix.ProcessVMReadv(pid, []unix.Iovec{{Base: &word[0], Len: 8}}, []unix.RemoteIovec{{Base: 0x400000, Len: 8}}, 0)
		if errors.Is(err, unix.EFAULT) { // it may, but nothing is there
			err = nil
		}
		tried["process_vm_readv"] = err
		if err = unix.PtraceSeize(pid); err == nil {
			_ = unix.PtraceInterrupt(pid)
			var status unix.WaitStatus
			_, _ = unix.Wait4(pid, &status, unix.WALL, nil)
			_ = unix.PtraceDetach(pid)
		}
		tried["ptrace"] = err
		pidfd, err := unix.PidfdOpen(pid, 0)
		if err == nil {
			_, err = unix.PidfdGetfd(pidfd, 0, 0)
			_ = unix.Close(pidfd)
		}
		tried["pidfd_getfd"] = err
		done <- tried
	}()
	return <-done
}
