package vm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// screens is the number of keyboards that can be distinguished, see monitor.
const screens = 3

// machine is a running QEMU and our ends of its serial lines.
type machine struct {
	cmd                     *exec.Cmd
	config                  Config
	stdout, stderr, control *os.File
	monitor                 *monitor
	logs                    []string // the kernel's console and QEMU's own complaints
	ended                   chan error
}

// arguments of QEMU. The file descriptors 3 to 6 are the sockets that start passes.
func arguments(c Config, image, initrd, console string) []string {
	kernel := []string{
		"console=ttyS0", "quiet", "loglevel=4", "panic=-1", "8250.nr_uarts=4",
		// Options that make a throw-away machine small and its boots repeatable.
		"mitigations=off", "nokaslr", "tsc=reliable", "random.trust_cpu=on", "cryptomgr.notests", "no_timer_check",
	}
	args := []string{
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-M", "pc,accel=tcg", "-cpu", "max", "-smp", "1", "-m", strconv.Itoa(c.Memory),
		"-kernel", image, "-initrd", initrd, "-append", strings.Join(kernel, " "),
		"-chardev", "file,id=console,path=" + console, "-serial", "chardev:console",
		"-chardev", "socket,id=stdout,fd=3", "-serial", "chardev:stdout",
		"-chardev", "socket,id=stderr,fd=4", "-serial", "chardev:stderr",
		"-chardev", "socket,id=control,fd=5", "-serial", "chardev:control",
		"-chardev", "socket,id=monitor,fd=6", "-mon", "chardev=monitor,mode=control",
	}
	switch {
	case c.VirtualTime:
		args = append(args, "-icount", "shift=0,sleep=off")
	case c.InstructionTime:
		args = append(args, "-icount", "shift=0,sleep=on")
	case c.image() != "":
		args = append(args, "-smp", "2") // QEMU counts the instructions of one CPU only: with two, a counted machine hangs
	}
	if image := c.image(); image != "" { // each machine writes to a file of its own, which is gone with it
		args = append(args, "-drive", "if=none,id=root,format=raw,snapshot=on,file="+image, "-device", "virtio-blk-pci,drive=root")
	}
	if c.Screen {
		args = append(args, "-device", "virtio-gpu-pci,xres=640,yres=480")
	}
	if c.Hardware {
		args = append(args, "-device", "qemu-xhci,id=xhci")
		for i := range screens {
			args = append(args, "-device", "bochs-display,id="+screenID(i))
		}
	}
	return args
}

func screenID(i int) string { return "screen" + strconv.Itoa(i) }

// start runs QEMU until ctx ends.
func start(ctx context.Context, c Config, image, initrd, tmp string) (*machine, error) {
	m := &machine{config: c, ended: make(chan error, 1), logs: []string{filepath.Join(tmp, "console"), filepath.Join(tmp, "qemu")}}
	qemuLog, err := os.Create(m.logs[1])
	if err != nil {
		return nil, err
	}
	defer qemuLog.Close()
	var ours, theirs [4]*os.File
	for i := range ours {
		fd, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		if err := syscall.SetNonblock(fd[0], true); err != nil { // so that Close ends a Read
			return nil, err
		}
		ours[i], theirs[i] = os.NewFile(uintptr(fd[0]), "vm"), os.NewFile(uintptr(fd[1]), "vm")
		defer theirs[i].Close()
	}
	m.stdout, m.stderr, m.control = ours[0], ours[1], ours[2]
	m.monitor = newMonitor(ours[3])
	m.monitor.canSleep = c.Suspend

	m.cmd = exec.CommandContext(ctx, "qemu-system-x86_64", arguments(c, image, initrd, m.logs[0])...)
	m.cmd.Stdout, m.cmd.Stderr, m.cmd.ExtraFiles = qemuLog, qemuLog, theirs[:]
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // no machine outlives the test that booted it
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the death signal is bound to the thread that starts the process
		err := m.cmd.Start()
		started <- err
		if err == nil {
			m.ended <- m.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			err = fmt.Errorf("%w: run make deps", err)
		}
		return nil, err
	}
	return m, nil
}

// wait copies the guest's output and serves its requests until the machine is gone.
func (m *machine) wait(ctx context.Context, began time.Time) (Result, error) {
	r := Result{Status: -1}
	var lines sync.WaitGroup
	lines.Go(func() { io.Copy(m.config.Stdout, m.stdout) })
	lines.Go(func() { io.Copy(m.config.Stderr, m.stderr) })
	lines.Go(func() { m.serve(&r, began) })
	ended := <-m.ended
	lines.Wait() // QEMU's ends of the sockets are closed, so each line comes to its end
	for _, f := range []*os.File{m.stdout, m.stderr, m.control} {
		f.Close()
	}
	m.monitor.Close()
	if err := context.Cause(ctx); err != nil && r.Status < 0 {
		return r, fmt.Errorf("the virtual machine was stopped: %w%s", err, m.tail())
	}
	if r.Status < 0 {
		return r, fmt.Errorf("the virtual machine ended without a status (%v)%s", ended, m.tail())
	}
	return r, nil
}

// serve reads the control line: init's two reports, and requests. It answers each with one line.
func (m *machine) serve(r *Result, began time.Time) {
	started := began
	s := bufio.NewScanner(m.control)
	for s.Scan() {
		line := strings.TrimSpace(s.Text())
		verb, rest, _ := strings.Cut(line, " ")
		answer := "ok"
		switch verb {
		case "":
			continue
		case "started":
			started = time.Now()
			r.Boot = started.Sub(began)
			continue
		case "exit":
			r.Command = time.Since(started)
			r.Status, _ = strconv.Atoi(rest)
		default:
			if err := m.monitor.request(verb, rest); err != nil {
				answer = "error " + strings.ReplaceAll(err.Error(), "\n", " ")
			}
		}
		fmt.Fprintf(m.config.Trace, "vm: %s: %s\n", line, answer)
		fmt.Fprintln(m.control, answer)
	}
}

// tail returns the end of the machine's logs, to append to an error.
func (m *machine) tail() string {
	var b strings.Builder
	for _, path := range m.logs {
		text, _ := os.ReadFile(path)
		text = bytes.TrimSpace(text[max(0, len(text)-3000):])
		if len(text) > 0 {
			fmt.Fprintf(&b, "\n--- %s\n%s", filepath.Base(path), text)
		}
	}
	return b.String()
}
