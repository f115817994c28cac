package vm

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The guest's serial lines. The kernel's console is the first, ttyS0.
const (
	stdoutTTY  = "/dev/ttyS1"
	stderrTTY  = "/dev/ttyS2"
	controlTTY = "/dev/ttyS3" // "started" and "exit STATUS" from init, then requests for the Host
)

// controlEnv tells a program in the guest how to reach the host.
const controlEnv = "TOSHY_VM_CONTROL"

// countedEnv tells it that the machine's clock counts instructions.
const countedEnv = "TOSHY_VM_COUNTED_TIME"

// Init turns the calling program into the guest's init if it is process 1, or into the unit that runs the command if the
// disk's init started it. In these cases it does not return. Otherwise it does nothing.
func Init() {
	unit := os.Getenv(unitEnv) != ""
	if os.Getpid() != 1 && !unit {
		return
	}
	var o order
	err := o.read()
	switch {
	case err != nil:
	case unit:
		err = o.run()
	case o.Disk:
		err = o.handOver()
	default:
		err = o.guest()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "init:", err) // to the kernel's console, which the host shows
	}
	unix.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	time.Sleep(time.Second)
	unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART) // QEMU runs with -no-reboot
	select {}
}

// read reads the host's order.
func (o *order) read() error {
	data, err := os.ReadFile(filepath.Join(os.Getenv(unitEnv), "/init.json"))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, o)
}

// guest sets the system up, runs the command and reports its status.
func (o *order) guest() error {
	if err := mounts(); err != nil {
		return err
	}
	if err := o.loadModules(); err != nil {
		return err
	}
	if err := loopback(); err != nil {
		return err
	}
	os.Setenv("PATH", "/bin")
	return o.run()
}

func (o *order) loadModules() error {
	for _, m := range o.Modules {
		if err := loadModule(m); err != nil {
			return err
		}
	}
	return nil
}

// run runs the command and reports its status.
func (o *order) run() error {
	stdout, err := openTTY(stdoutTTY)
	if err != nil {
		return err
	}
	stderr, err := openTTY(stderrTTY)
	if err != nil {
		return err
	}
	control, err := openTTY(controlTTY)
	if err != nil {
		return err
	}
	fmt.Fprintln(control, "started")
	status := 127
	if c, err := command(o, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "init:", err)
	} else {
		status = reap(c.Process.Pid)
	}
	drain(stdout)
	drain(stderr)
	fmt.Fprintln(control, "exit", status)
	drain(control)
	control.Read(make([]byte, 1)) // the host has read it; only now may the machine vanish
	return nil
}

func mounts() error {
	for _, m := range []struct{ kind, at string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"devpts", "/dev/pts"}, {"tmpfs", "/dev/shm"},
	} {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	for name, target := range map[string]string{
		"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1", "/dev/stderr": "/proc/self/fd/2",
	} {
		if err := os.Symlink(target, name); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// openTTY opens a serial line that passes bytes unchanged.
func openTTY(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t := unix.Termios{Cflag: unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200}
	t.Cc[unix.VMIN] = 1
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// drain waits until the line has sent everything written (tcdrain).
func drain(f *os.File) { unix.IoctlSetInt(int(f.Fd()), unix.TCSBRK, 1) }

func loadModule(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// loopback brings 127.0.0.1 up.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCSIFFLAGS, uintptr(unsafe.Pointer(r)))
	if errno != 0 {
		return fmt.Errorf("loopback: %w", errno)
	}
	return nil
}

func command(o *order, stdout, stderr *os.File) (*exec.Cmd, error) {
	c := exec.Command(o.Command[0], o.Command[1:]...)
	c.Dir, c.Stdout, c.Stderr = o.Dir, stdout, stderr
	c.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=/root", "TERM=dumb", "TMPDIR=/tmp", "XDG_RUNTIME_DIR=/run", controlEnv + "=" + controlTTY,
	}, o.Env...)
	if o.Counted {
		c.Env = append(c.Env, countedEnv+"=1")
	}
	return c, c.Start()
}

// reap waits for pid, and meanwhile for every orphan, as an init must.
func reap(pid int) int {
	for {
		var ws unix.WaitStatus
		got, err := unix.Wait4(-1, &ws, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 127
		case got == pid && ws.Signaled():
			return 128 + int(ws.Signal())
		case got == pid:
			return ws.ExitStatus()
		}
	}
}

// Inside tells whether this process runs in a machine that Run booted.
func Inside() bool { return strings.HasPrefix(os.Getenv(controlEnv), "/") }
