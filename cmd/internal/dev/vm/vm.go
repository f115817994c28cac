// Package vm boots a throw-away Linux with real evdev, uinput and keyboards, runs one command in it, and returns the
// command's output and result. The machine is QEMU without hardware virtualisation, so that it behaves the same on every
// computer. The kernel is Debian's own, from kernel.sh. The root is an initramfs made from the files that the caller names,
// or a disk with a complete Linux, to which they are copied.
//
// The program that calls Run is also the guest's /init, so it must be static (CGO_ENABLED=0) and call Init first in main.
// Tests run inside through the command vmrun: go test -exec 'vmrun -here'. There they control the machine's keyboards
// through Host.
package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// File is a file or a folder of this computer that the guest's root contains.
type File struct {
	// Source is the path on this computer. A dynamically linked program brings its libraries.
	Source string
	// Target is the path in the guest.
	Target string
}

// ParseFile reads SOURCE[:TARGET]. Without a target, a program goes to /bin and anything else to /. If the target ends in a
// slash, it is a folder.
func ParseFile(s string) (File, error) {
	source, target, _ := strings.Cut(s, ":")
	st, err := os.Stat(source)
	if err != nil {
		return File{}, err
	}
	base := filepath.Base(source)
	switch {
	case target == "" && st.Mode().IsRegular() && st.Mode()&0o111 != 0:
		target = "/bin/" + base
	case target == "":
		target = "/" + base
	case strings.HasSuffix(target, "/") && !st.IsDir():
		target += base
	}
	return File{source, target}, nil
}

// Config says what to boot and what to run. A zero field means its default.
type Config struct {
	Command []string // the program, looked up in /bin of the guest when it has no slash, and its arguments
	Env     []string // NAME=VALUE, added to the guest's own
	Dir     string   // the command's working directory in the guest; default /
	Files   []File

	// Disk is the image of an ext4 file system whose /sbin/init takes over the machine: debian.sh makes one. The command
	// then runs as a unit of its systemd when the system is up. Files go to the disk. The image is not changed.
	Disk string
	// Root is also the image of an ext4 file system. The command runs in it as in an initramfs: nothing else in it is
	// started.
	Root string

	Memory  int           // MiB; default 512
	Timeout time.Duration // for everything; default two minutes
	// VirtualTime makes the machine's clock advance 1 ns per instruction of its only CPU, and skip idle time. Measurements
	// then repeat on a busy computer, but count instructions, not time.
	VirtualTime bool
	// InstructionTime makes the machine's clock advance 1 ns per instruction of its only CPU while the machine works, and follow
	// the computer's clock while the machine is idle. So a machine that waits for its disk, or sleeps, does not find that
	// minutes have passed, and a busy computer is hardly noticed.
	InstructionTime bool
	// Hardware adds a USB controller and the modules for keyboards that are plugged in while the machine runs. The PC's own
	// "AT Translated Set 2 keyboard" always exists.
	Hardware bool
	// Suspend makes a machine that wakes up from suspend to RAM, see Host.Asleep; it takes longer to boot.
	Suspend bool
	// Screen adds a graphics card that a compositor can use (virtio-gpu, drawn by the processor).
	Screen bool

	Stdout, Stderr io.Writer // default: thrown away
	Trace          io.Writer // the requests for keyboards and the answers to them; default: thrown away
}

// image is the image of the machine's disk, "" if it has none.
func (c Config) image() string {
	if c.Root != "" {
		return c.Root
	}
	return c.Disk
}

// Result is the result of a run.
type Result struct {
	Status        int           // the command's exit status; 128+N when signal N ended it, 127 when it did not start
	Boot, Command time.Duration // wall time until the command started, and until it ended
}

// CacheDir is where kernel.sh puts the kernel and Run finds it: $TOSHY_VM_CACHE, or .cache/vm at the top of the repository
// that contains the current folder.
func CacheDir() (string, error) {
	if d := os.Getenv("TOSHY_VM_CACHE"); d != "" {
		return d, nil
	}
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "flake.nix")); err == nil {
			return filepath.Join(dir, ".cache", "vm"), nil
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return filepath.Join(dir, ".cache", "vm"), nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no repository around %s: set TOSHY_VM_CACHE to the folder that kernel.sh filled", wd)
		}
	}
}

// ErrKernel says that there is no kernel to boot.
var ErrKernel = errors.New("no kernel for the virtual machine: run make kernel")

// kernel finds the image and the folder of its modules. The uncompressed image boots three times as fast, but a machine
// with it does not wake up: presumably because QEMU, at a reset, writes an ELF image into the memory again, over the
// running kernel (rom_reset, hw/core/loader.c).
func kernel(suspend bool) (image, modules string, err error) {
	cache, err := CacheDir()
	if err != nil {
		return "", "", err
	}
	images := []string{filepath.Join(cache, "linux/boot/vmlinux-*"), filepath.Join(cache, "linux/boot/vmlinuz-*")}
	if suspend {
		images = images[1:]
	}
	image = newest(images...)
	modules = newest(filepath.Join(cache, "linux/lib/modules/*"), filepath.Join(cache, "linux/usr/lib/modules/*"))
	if image == "" || modules == "" {
		return "", "", fmt.Errorf("%w (looked in %s)", ErrKernel, cache)
	}
	return image, modules, nil
}

// newest returns the last match of the first pattern that has any.
func newest(patterns ...string) string {
	for _, p := range patterns {
		if m, _ := filepath.Glob(p); len(m) > 0 {
			sort.Strings(m)
			return m[len(m)-1]
		}
	}
	return ""
}

// Run boots a machine, runs the command in it, and shuts the machine down. The error is about the machine; a command that
// fails is a Result with a status.
func Run(ctx context.Context, c Config) (Result, error) {
	if len(c.Command) == 0 {
		return Result{}, errors.New("no command for the virtual machine")
	}
	if c.VirtualTime && c.InstructionTime {
		return Result{}, errors.New("the virtual machine has one clock: give it VirtualTime or InstructionTime")
	}
	if c.Disk != "" && c.Root != "" {
		return Result{}, errors.New("the virtual machine has one disk: give it Disk or Root")
	}
	if c.Dir == "" {
		c.Dir = "/"
	}
	if c.Memory == 0 {
		c.Memory = 512
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Minute
	}
	for _, w := range []*io.Writer{&c.Stdout, &c.Stderr, &c.Trace} {
		if *w == nil {
			*w = io.Discard
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("%w: not done after %v", os.ErrDeadlineExceeded, c.Timeout))
	defer cancel()

	began := time.Now()
	tmp, err := os.MkdirTemp("", "toshy-vm-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(tmp)
	image, moduleDir, err := kernel(c.Suspend)
	if err != nil {
		return Result{}, err
	}
	names := []string{"evdev", "uinput"}
	if c.Hardware {
		names = append(names, "xhci-pci", "usbhid", "hid-generic", "virtio_pci", "virtio_input", "fuse")
	}
	if c.image() != "" {
		names = append(names, "virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
	}
	if c.Screen {
		names = append(names, "virtio_pci", "virtio_gpu")
	}
	modules, err := moduleFiles(moduleDir, names)
	if err != nil {
		return Result{}, err
	}
	initrd := filepath.Join(tmp, "initramfs")
	if err := writeInitramfs(initrd, c, modules); err != nil {
		return Result{}, err
	}
	m, err := start(ctx, c, image, initrd, tmp)
	if err != nil {
		return Result{}, err
	}
	return m.wait(ctx, began)
}
