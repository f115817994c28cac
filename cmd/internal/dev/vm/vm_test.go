package vm

import (
	"bufio"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParseFile(t *testing.T) {
	dir := t.TempDir()
	program, data := write(t, dir+"/prog", "", 0o755), write(t, dir+"/data", "", 0o644)
	for in, want := range map[string]string{
		program: "/bin/prog", data: "/data", data + ":/etc/x.toml": "/etc/x.toml", data + ":/etc/": "/etc/data", dir + ":/here": "/here",
	} {
		if f, err := ParseFile(in); err != nil || f.Target != want {
			t.Errorf("%s: %v, %v, want target %s", in, f, err, want)
		}
	}
	if _, err := ParseFile(dir + "/nothing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestParseLdd(t *testing.T) {
	out := "\tlinux-vdso.so.1 (0x7ffe)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x7f17)\n\t/lib64/ld-linux-x86-64.so.2 (0x7f18)\n"
	want := []string{"/lib/x/libc.so.6", "/lib64/ld-linux-x86-64.so.2"}
	if got := parseLdd(out); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestArchive(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/tree/a.txt", "alpha", 0o644)
	write(t, dir+"/tree/sub/b", "", 0o755)
	write(t, dir+"/tree/.git/config", "", 0o644)
	if err := os.Symlink("a.txt", dir+"/tree/link"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	a := &archive{w: bufio.NewWriter(&b), have: map[string]bool{}}
	a.folder("tmp")
	if err := a.add(dir+"/tree", "/opt/tree"); err != nil {
		t.Fatal(err)
	}
	a.entry("opt/tree/a.txt", 0o100600, 0, []byte("second")) // the first one is used
	a.raw("TRAILER!!!", 0, 0, nil)
	a.w.Flush()
	want := []string{
		"tmp 41777 ", "opt 40755 ", "opt/tree 40755 ", "opt/tree/a.txt 100644 alpha", "opt/tree/link 120777 a.txt",
		"opt/tree/sub 40755 ", "opt/tree/sub/b 100755 ",
	}
	if diff := cmp.Diff(want, records(t, b.Bytes())); diff != "" {
		t.Error(diff)
	}
}

// records lists names, modes in octal, and contents.
func records(t *testing.T, b []byte) []string {
	t.Helper()
	align := func(n int) int { return (n + 3) &^ 3 }
	var all []string
	for at := 0; ; {
		var field [13]int
		if string(b[at:at+6]) != "070701" {
			t.Fatalf("no record at %d of %d", at, len(b))
		}
		for i := range field {
			var raw [4]byte
			if _, err := hex.Decode(raw[:], b[at+6+8*i:at+14+8*i]); err != nil {
				t.Fatal(err)
			}
			field[i] = int(raw[0])<<24 | int(raw[1])<<16 | int(raw[2])<<8 | int(raw[3])
		}
		mode, size, nameSize := field[1], field[6], field[11]
		name := string(b[at+110 : at+110+nameSize-1])
		data := align(at + 110 + nameSize)
		if name == "TRAILER!!!" {
			return all
		}
		all = append(all, name+" "+strconv.FormatInt(int64(mode), 8)+" "+string(b[data:data+size]))
		at = align(data + size)
	}
}

// objectFile returns an ELF file with nothing but the section .modinfo.
func objectFile(t *testing.T, modinfo string) string {
	t.Helper()
	const header, section = 64, 64
	names := "\x00.modinfo\x00.shstrtab\x00"
	at := uint64(header)
	sections := []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC), Off: at, Size: uint64(len(modinfo)), Addralign: 1},
		{Name: 10, Type: uint32(elf.SHT_STRTAB), Off: at + uint64(len(modinfo)), Size: uint64(len(names)), Addralign: 1},
	}
	h := elf.Header64{
		Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT), Ehsize: header,
		Shoff: at + uint64(len(modinfo)+len(names)), Shentsize: section, Shnum: uint16(len(sections)), Shstrndx: 2,
	}
	copy(h.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}))
	var b bytes.Buffer
	for _, part := range []any{h, []byte(modinfo + names), sections} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestModuleOrder(t *testing.T) {
	dir := t.TempDir()
	module := func(name, depends string) {
		write(t, dir+"/"+name+".ko", objectFile(t, "license=GPL\x00depends="+depends+"\x00"), 0o644)
	}
	module("usb-hid", "hid,usbcore")
	module("hid", "core_thing")
	module("usbcore", "")
	write(t, dir+"/modules.builtin", "kernel/lib/core-thing.ko\n", 0o644)
	files, err := moduleFiles(dir, []string{"usb_hid", "hid", "core_thing"})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		files[i] = strings.TrimPrefix(f, dir+"/")
	}
	if diff := cmp.Diff([]string{"hid.ko", "usbcore.ko", "usb-hid.ko"}, files); diff != "" {
		t.Error(diff)
	}
	if _, err := moduleFiles(dir, []string{"nonesuch"}); err == nil {
		t.Error("a missing module gives no error")
	}
}

func TestCacheDir(t *testing.T) {
	t.Setenv("TOSHY_VM_CACHE", "/somewhere")
	if d, err := CacheDir(); err != nil || d != "/somewhere" {
		t.Errorf("%s, %v", d, err)
	}
	t.Setenv("TOSHY_VM_CACHE", t.TempDir())
	if _, _, err := kernel(false); !errors.Is(err, ErrKernel) {
		t.Errorf("without a kernel: %v", err)
	}
}

// qmp answers as QEMU does, and records the requests.
func qmp(t *testing.T, answer func(command string) string) (*monitor, *[]string) {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close() })
	var asked []string
	go func() {
		defer theirs.Close()
		greeting := `{"QMP": {"version": {}}}` + "\n" // written with the first answer, because a pipe has no buffer
		for s := bufio.NewScanner(theirs); s.Scan(); {
			var req struct {
				Execute   string
				Arguments json.RawMessage
			}
			if json.Unmarshal(s.Bytes(), &req) != nil {
				return
			}
			asked = append(asked, req.Execute+" "+string(req.Arguments))
			io.WriteString(theirs, greeting+`{"event": "SOMETHING"}`+"\n"+answer(req.Execute)+"\n")
			greeting = ""
		}
	}()
	return newMonitor(ours), &asked
}

func TestMonitor(t *testing.T) {
	m, asked := qmp(t, func(string) string { return `{"return": {}}` })
	for _, r := range []string{"plug usb-kbd k1", "plug usb-kbd k2", "down k2 a", "up pc b", "unplug k1", "plug virtio-keyboard-pci k3"} {
		verb, rest, _ := strings.Cut(r, " ")
		if err := m.request(verb, rest); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
	key := func(down, name, device string) string {
		return `input-send-event {` + device + `"events":[{"data":{"down":` + down + `,"key":{"data":"` + name + `","type":"qcode"}},"type":"key"}]}`
	}
	want := []string{
		"qmp_capabilities ",
		`device_add {"display":"screen0","driver":"usb-kbd","id":"k1"}`,
		`device_add {"display":"screen1","driver":"usb-kbd","id":"k2"}`,
		key("true", "a", `"device":"screen1",`),
		key("false", "b", ""),
		`device_del {"id":"k1"}`,
		`device_add {"display":"screen0","driver":"virtio-keyboard-pci","id":"k3"}`,
	}
	if diff := cmp.Diff(want, *asked); diff != "" {
		t.Error(diff)
	}
	for _, r := range []string{"plug usb-kbd k2", "unplug nobody", "down nobody a", "down", "dance"} {
		verb, rest, _ := strings.Cut(r, " ")
		if m.request(verb, rest) == nil {
			t.Errorf("%q is accepted", r)
		}
	}
}

func TestMonitorWaitsForSleep(t *testing.T) {
	m, asked := qmp(t, func(c string) string {
		switch c {
		case "device_del":
			return `{"return": {}}` + "\n" + `{"event": "SUSPEND"}`
		case "system_wakeup":
			return `{"error": {"class": "GenericError", "desc": "it sleeps well"}}`
		}
		return `{"return": {}}`
	})
	if err := m.request("asleep", "wake 0s"); err == nil || !strings.Contains(err.Error(), "-suspend") {
		t.Errorf("a machine that would not wake up: %v", err)
	}
	m.canSleep = true
	for _, r := range []string{"plug usb-kbd k1", "asleep plug usb-kbd k2", "asleep wake 1ms", "unplug k1"} {
		verb, rest, _ := strings.Cut(r, " ")
		if err := m.request(verb, rest); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
	for done := false; !done; time.Sleep(time.Millisecond) {
		m.mu.Lock()
		done = m.whenAsleep == nil
		m.mu.Unlock()
	}
	if err := m.request("down", "k2 a"); err == nil || !strings.Contains(err.Error(), "asleep wake 1ms: qemu: it sleeps well") {
		t.Errorf("the request after that: %v", err)
	}
	if err := m.request("down", "k2 a"); err != nil {
		t.Error(err)
	}
	var commands []string
	for _, a := range *asked {
		commands = append(commands, strings.Fields(a)[0])
	}
	if diff := cmp.Diff([]string{"qmp_capabilities", "device_add", "device_del", "device_add", "system_wakeup", "input-send-event"}, commands); diff != "" {
		t.Error(diff)
	}
}

func TestMonitorPassesErrorsOn(t *testing.T) {
	m, _ := qmp(t, func(c string) string {
		if c == "qmp_capabilities" {
			return `{"return": {}}`
		}
		return `{"error": {"class": "GenericError", "desc": "no such device"}}`
	})
	if err := m.request("plug", "usb-kbd k1"); err == nil || !strings.Contains(err.Error(), "no such device") {
		t.Errorf("got %v", err)
	}
	if m.on[0] != "" {
		t.Error("a keyboard that was not plugged in holds a screen")
	}
}

func TestHostReadsAnswers(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		s := bufio.NewScanner(theirs)
		for _, answer := range []string{"ok", "error qemu: no"} {
			s.Scan()
			io.WriteString(theirs, answer+"\n")
		}
		theirs.Close()
	}()
	h := &Host{line: &line{tty: ours, reply: bufio.NewReader(iotest.OneByteReader(ours))}}
	if err := h.PC().Down("leftmeta"); err != nil {
		t.Error(err)
	}
	if err := h.PC().Up("leftmeta"); err == nil || !strings.Contains(err.Error(), "up pc meta_l") {
		t.Errorf("got %v", err)
	}
	if err := h.PC().Up("leftmeta"); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("after the line's end: %v", err)
	}
}
