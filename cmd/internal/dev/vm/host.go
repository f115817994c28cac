package vm

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// pc names the keyboard that the machine has from the start.
const pc = "pc"

// PCKeyboard is the name that the kernel gives the PC's own keyboard.
const PCKeyboard = "AT Translated Set 2 keyboard"

// Host is the guest's line to the hypervisor: it plugs in, unplugs and presses the machine's keyboards.
type Host struct {
	*line
	asleep string // put before each request
}

type line struct {
	mu    sync.Mutex
	tty   io.ReadWriteCloser
	reply *bufio.Reader
}

// Connect opens the line. There is one line, so a process connects once.
func Connect() (*Host, error) {
	path := os.Getenv(controlEnv)
	if path == "" {
		return nil, errors.New("not in the virtual machine: run this with make e2e")
	}
	f, err := openTTY(path)
	if err != nil {
		return nil, err
	}
	return &Host{line: &line{tty: f, reply: bufio.NewReader(f)}}, nil
}

// Asleep returns a line to the hypervisor for requests to run the next time the machine sleeps (suspend to RAM), in order.
// An error at that time is returned for the next request.
func (h *Host) Asleep() *Host { return &Host{h.line, "asleep "} }

// Wake wakes the machine after a while, as any key of the PC's keyboard does. It only makes sense with Asleep.
func (h *Host) Wake(after time.Duration) error { return h.ask("wake %v", after) }

// Nudge taps a key of the PC's keyboard every two seconds until the next request. It wakes a machine from suspend to idle,
// about which the hypervisor knows nothing.
func (h *Host) Nudge(key string) error { return h.ask("nudge %s", qkeycode(key)) }

// Keyboard is a keyboard of the machine. Its methods return when the hypervisor has accepted the request; the guest's
// kernel gets it soon after.
type Keyboard struct {
	host *Host
	id   string
}

// PC is the keyboard on the i8042 controller. It cannot be unplugged, and does not repeat a held key.
func (h *Host) PC() Keyboard { return Keyboard{h, pc} }

// PlugUSB plugs in a USB keyboard; the kernel repeats its held keys. At most three keyboards can be plugged in at a time.
func (h *Host) PlugUSB(id string) (Keyboard, error) { return h.plug("usb-kbd", id) }

// PlugVirtio plugs in a virtio keyboard, which uses evdev itself.
func (h *Host) PlugVirtio(id string) (Keyboard, error) { return h.plug("virtio-keyboard-pci", id) }

func (h *Host) plug(driver, id string) (Keyboard, error) {
	return Keyboard{&Host{line: h.line}, id}, h.ask("plug %s %s", driver, id)
}

// Asleep is the keyboard by that line, see Host.Asleep.
func (k Keyboard) Asleep() Keyboard { return Keyboard{k.host.Asleep(), k.id} }

// Unplug unplugs the keyboard.
func (k Keyboard) Unplug() error { return k.host.ask("unplug %s", k.id) }

// Down presses a key, given by the kernel's name for it in lower case and without KEY_.
func (k Keyboard) Down(key string) error { return k.host.ask("down %s %s", k.id, qkeycode(key)) }

// Up releases a key.
func (k Keyboard) Up(key string) error { return k.host.ask("up %s %s", k.id, qkeycode(key)) }

func (h *Host) ask(format string, a ...any) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	request := h.asleep + fmt.Sprintf(format, a...)
	if _, err := fmt.Fprintln(h.tty, request); err != nil {
		return err
	}
	if h.asleep == "" {
		h.await()
	}
	answer, err := h.reply.ReadString('\n')
	if err != nil {
		return err
	}
	if answer = strings.TrimSpace(answer); answer != "ok" {
		return fmt.Errorf("%s: %s", request, answer)
	}
	return nil
}

// await waits for the answer. If the machine's clock counts instructions, it keeps the processor busy meanwhile: a machine that is
// idle while it waits for the hypervisor would find that minutes have passed, or as much time as a busy computer takes.
func (l *line) await() {
	tty, ok := l.tty.(*os.File)
	if !ok || os.Getenv(countedEnv) == "" || l.reply.Buffered() > 0 {
		return
	}
	for ready := []unix.PollFd{{Fd: int32(tty.Fd()), Events: unix.POLLIN}}; ; runtime.Gosched() {
		if n, err := unix.Poll(ready, 0); n > 0 || err != nil && err != unix.EINTR {
			return // an error shows when it is read
		}
	}
}

// qkeycodes are QEMU's names that differ from the kernel's (qapi/ui.json, QKeyCode).
var qkeycodes = map[string]string{
	"leftctrl": "ctrl", "rightctrl": "ctrl_r", "leftshift": "shift", "rightshift": "shift_r", "leftalt": "alt",
	"rightalt": "alt_r", "leftmeta": "meta_l", "rightmeta": "meta_r", "capslock": "caps_lock", "numlock": "num_lock",
	"scrolllock": "scroll_lock", "enter": "ret", "space": "spc", "pageup": "pgup", "pagedown": "pgdn",
	"leftbrace": "bracket_left", "rightbrace": "bracket_right", "grave": "grave_accent", "102nd": "less",
	"sysrq": "print",
}

func qkeycode(key string) string {
	if q, ok := qkeycodes[key]; ok {
		return q
	}
	return key
}
