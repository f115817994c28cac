package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	goevdev "github.com/holoplot/go-evdev"
	"golang.org/x/sys/unix"
)

// InputDir is where the device nodes are.
const InputDir = "/dev/input"

const (
	sysClassInput = "/sys/class/input"
	sysVirtual    = "/devices/virtual/input/" // below it are devices that programs made through uinput, but not Bluetooth's uhid
)

// ErrNoInputDir says that /dev/input does not exist.
var ErrNoInputDir = errors.New("no /dev/input: the kernel has found no input device, or evdev is not loaded (modprobe evdev)")

// Nodes lists the event nodes by number. If the directory is missing, it returns ErrNoInputDir.
func Nodes() ([]string, error) { return nodes(InputDir) }

func nodes(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoInputDir
	}
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		if _, ok := nodeNumber(e.Name()); ok {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	sort.Slice(paths, func(i, j int) bool {
		a, _ := nodeNumber(filepath.Base(paths[i]))
		b, _ := nodeNumber(filepath.Base(paths[j]))
		return a < b
	})
	return paths, nil
}

// nodeNumber returns 3 for event3.
func nodeNumber(base string) (int, bool) {
	digits, ok := strings.CutPrefix(base, "event")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 0
}

// Found is a device with the verdict of Classify.
type Found struct {
	Info
	Verdict
}

// List probes and classifies all devices, by node number. It leaves out devices that disappear meanwhile. Devices that
// cannot be opened are in the list, with Info.Err. If there are no devices, the list is empty.
func List(f *Filter) ([]Found, error) {
	paths, err := Nodes()
	if err != nil {
		return nil, err
	}
	var list []Found
	for _, p := range paths {
		info := Probe(p)
		if errors.Is(info.Err, fs.ErrNotExist) || IsGone(info.Err) {
			continue
		}
		list = append(list, Found{Info: *info, Verdict: Classify(info, f)})
	}
	return list, nil
}

// Probe identifies the device of a node. It only opens the node for reading and grabs nothing. If it cannot open the node,
// it takes the description from sysfs and puts the cause into Err.
func Probe(path string) *Info {
	for try := 0; ; try++ {
		info, interrupted := probe(path)
		if !interrupted || try == probeTries {
			return info
		}
	}
}

// probeTries is how often to repeat a probe that a signal interrupted. The library hides the errno.
const probeTries = 100

func probe(path string) (info *Info, interrupted bool) {
	info = &Info{Identity: Identity{Path: path}, Seat: seatOf(path, udevData), Virtual: isVirtual(path)}
	dev, err := goevdev.OpenWithFlags(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC)
	if err != nil {
		info.Err = err
		info.fromSysfs(filepath.Join(sysClassInput, filepath.Base(path), "device"))
		return info, isInterrupted(err)
	}
	// Closing waits for an RCU grace period, 10 ms and more each, so do not close before the first key.
	defer func() { go func() { _ = dev.Close() }() }()
	id, err := dev.InputID()
	if err != nil {
		info.Err = fmt.Errorf("probe %s: %w", path, err)
		return info, isInterrupted(err)
	}
	info.Bus, info.Vendor, info.Product, info.Version = id.BusType, id.Vendor, id.Product, id.Version
	for _, field := range []struct {
		to  *string
		get func() (string, error)
	}{{&info.Name, dev.Name}, {&info.Phys, dev.PhysicalLocation}, {&info.Uniq, dev.UniqueID}} {
		if *field.to, err = field.get(); isInterrupted(err) { // another error: the device does not have it
			return info, true
		}
	}
	types := dev.CapableTypes()
	for _, t := range types {
		info.Caps.Types.Add(uint16(t))
		var set *KeySet
		switch t {
		case goevdev.EV_KEY:
			set = &info.Caps.Keys
		case goevdev.EV_REL:
			set = &info.Caps.Rel
		case goevdev.EV_ABS:
			set = &info.Caps.Abs
		case goevdev.EV_LED:
			for _, c := range dev.CapableEvents(t) {
				info.Caps.LEDs |= 1 << c
			}
			continue
		default:
			continue
		}
		codes := dev.CapableEvents(t)
		if len(codes) == 0 { // the library reports every error like this
			interrupted = true
		}
		for _, c := range codes {
			set.Add(uint16(c))
		}
	}
	return info, interrupted || len(types) == 0
}

func isInterrupted(err error) bool {
	return err != nil && strings.Contains(err.Error(), unix.EINTR.Error())
}

// isVirtual says whether sysfs has the node among the devices that programs made.
func isVirtual(path string) bool {
	to, err := filepath.EvalSymlinks(filepath.Join(sysClassInput, filepath.Base(path)))
	return err == nil && strings.Contains(to, sysVirtual)
}

// fromSysfs fills in what every user may read, in dir, which has the layout of the kernel's input_dev.
func (info *Info) fromSysfs(dir string) {
	text := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
	number := func(name string) uint16 {
		n, _ := strconv.ParseUint(text(name), 16, 16) // absent: 0
		return uint16(n)
	}
	info.Name, info.Phys, info.Uniq = text("name"), text("phys"), text("uniq")
	info.Bus, info.Vendor, info.Product, info.Version = number("id/bustype"), number("id/vendor"), number("id/product"), number("id/version")
	info.Caps.Types = parseBits(text("capabilities/ev"))
	info.Caps.Keys = parseBits(text("capabilities/key"))
	info.Caps.Rel = parseBits(text("capabilities/rel"))
	info.Caps.Abs = parseBits(text("capabilities/abs"))
	leds := parseBits(text("capabilities/led"))
	info.Caps.LEDs = LEDs(leds[0])
}

// parseBits reads a bitmap in the form of sysfs and /proc/bus/input/devices: unsigned longs in hexadecimal, the highest
// first.
func parseBits(s string) (set KeySet) {
	words := strings.Fields(s)
	for i := range words {
		w, err := strconv.ParseUint(words[len(words)-1-i], 16, 8*wordSize)
		if err != nil {
			return KeySet{}
		}
		if at := i * wordSize / 8; at < len(set) {
			set[at] |= w << (uint(i*wordSize%8) * 8)
		}
	}
	return set
}

// openText says why a device cannot be opened and what to do.
func openText(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "no permission to open it; install toshy's udev rule (70-toshy.rules) and log in again"
	case errors.Is(err, fs.ErrNotExist), IsGone(err):
		return "it is gone"
	}
	return "cannot be opened: " + err.Error()
}
