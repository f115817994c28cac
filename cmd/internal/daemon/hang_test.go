//go:build vm

package daemon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"toshy/evdev"
	"toshy/evdev/evdevtest"
	"toshy/remap"
	"toshy/remap/key"
)

// The engine hangs in a separate daemon process, a copy of this program; the keyboard is a real one of the kernel.

// Codes of linux/input-event-codes.h.
const (
	keyF12     = key.Code(88)
	keyA, keyB = 30, 48
)

const hangVariable = "TOSHY_TEST_HANG"

func TestMain(m *testing.M) {
	if how := os.Getenv(hangVariable); how != "" {
		if err := hangingDaemon(how); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// hangingDaemon runs a daemon that hangs while it holds its lock, when F12 is pressed.
func hangingDaemon(how string) error {
	compiled, err := remap.Compile(&remap.Program{Keymaps: []remap.Keymap{{Name: "hang", Entries: []remap.Entry{{
		Combo: key.Combo{Key: keyF12}, Action: &remap.Action{Kind: remap.DoEffect, Effect: &remap.Effect{Kind: remap.EffectNotify}},
	}}}}})
	if err != nil {
		return err
	}
	return Run(context.Background(), Options{
		Load: func() (*Setup, error) {
			return &Setup{
				Program:      compiled,
				Judge:        func(i *evdev.Info) evdev.Verdict { return evdev.Verdict{Grab: i.Name == hangKeyboard} },
				KeyboardType: func(*evdev.Info) string { return "" },
			}, nil
		},
		Wait: true, Log: zap.NewExample(),
		Ready: func() { fmt.Println("ready") },
		Do: func(*remap.Effect) {
			fmt.Println("hangs")
			switch how {
			case "loses its virtual keyboard":
				evdev.GiveBackAll(time.Second)
			case "fails to read":
				if err := breakReads(); err != nil {
					fmt.Println("error:", err)
				}
			case "waits":
				select {}
			case "spins":
				for n := 0; ; n++ {
					_ = n
				}
			case "stops": // for long but not forever: the test stops the process meanwhile
				time.Sleep(watchLimit / 2)
				fmt.Println("continues")
			}
		},
		Hung: func(err error) {
			fmt.Println(err)
			os.Exit(ExitHung)
		},
	})
}

// breakReads replaces each open keyboard by the master of a terminal whose other side is closed: reading it fails with EIO.
func breakReads() error {
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return err
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		return err
	}
	slave, err := unix.Open(fmt.Sprintf("/dev/pts/%d", n), unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	_ = unix.Close(slave)
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return err
	}
	own, err := evdev.Nodes()
	if err != nil {
		return err
	}
	for _, path := range fds {
		to, err := os.Readlink(path)
		if err != nil || !slices.Contains(own, to) {
			continue
		}
		fd, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			return err
		}
		if err := unix.Dup3(master, fd, unix.O_CLOEXEC); err != nil {
			return err
		}
	}
	return unix.Close(master)
}

const hangKeyboard = "keyboard of a daemon that hangs"

// child is the daemon process and its output, line by line.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string
	said  []string
}

func startHanging(t *testing.T, how string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command("/proc/self/exe"), lines: make(chan string, 64)}
	c.cmd.Env = append(os.Environ(), hangVariable+"="+how)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.lines)
		var rest string
		buf := make([]byte, 4096)
		for {
			n, err := out.Read(buf)
			for rest += string(buf[:n]); ; {
				line, after, ok := strings.Cut(rest, "\n")
				if !ok {
					break
				}
				c.lines <- line
				rest = after
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	return c
}

// says waits for a line that contains this text.
func (c *child) says(text string) string {
	c.t.Helper()
	limit := time.After(testLimit)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				c.t.Fatalf("the daemon ended without saying %q, but said %q", text, c.said)
			}
			if c.said = append(c.said, line); strings.Contains(line, text) {
				return line
			}
		case <-limit:
			c.t.Fatalf("the daemon did not say %q, but %q", text, c.said)
		}
	}
}

// comesOut waits for an event of a key on the keyboard itself, read by another program.
func comesOut(t *testing.T, dev *evdev.Device, code uint16, value int32, again func()) {
	t.Helper()
	for end := time.Now().Add(testLimit); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if again != nil {
			again()
		}
		events, err := dev.Read()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Type == evdev.EvKey && e.Code == code && e.Value == value {
				return
			}
		}
	}
	t.Fatalf("key %d did not come", code)
}

func TestHangGivesTheKeyboardsBack(t *testing.T) {
	for _, how := range []string{"waits", "spins"} {
		t.Run(how, func(t *testing.T) {
			k := evdevtest.NewKeyboard(t, hangKeyboard)
			reader, err := evdev.Open(k.Node)
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			c := startHanging(t, how)
			c.says("ready")
			k.Tap(keyB) // this one goes to the daemon
			k.Down(int(keyF12))
			began := evdev.Now()
			c.says("hangs")
			comesOut(t, reader, keyA, 1, func() { k.Tap(keyA) })
			t.Logf("given back after %v", evdev.Now()-began)
			said := c.says(ErrHung.Error())
			if !strings.Contains(said, "take") || !strings.Contains(said, "effects") {
				t.Errorf("the daemon did not say where it hung: %s", said)
			}
			_ = c.cmd.Wait()
			if status := c.cmd.ProcessState.ExitCode(); status != ExitHung {
				t.Errorf("exit status %d", status)
			}
		})
	}
}

// If the virtual keyboard is taken away, the daemon ends with an error and gives the keyboards back.
func TestVirtualKeyboardIsLost(t *testing.T) {
	k := evdevtest.NewKeyboard(t, hangKeyboard)
	reader, err := evdev.Open(k.Node)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	c := startHanging(t, "loses its virtual keyboard")
	c.says("ready")
	k.Down(int(keyF12))
	c.says("hangs")
	k.Tap(keyB)
	c.says("the virtual keyboard is lost")
	comesOut(t, reader, keyA, 1, func() { k.Tap(keyA) })
	_ = c.cmd.Wait()
	if c.cmd.ProcessState.ExitCode() != 1 {
		t.Error(c.cmd.ProcessState)
	}
}

// A failed read does not mean that the keyboard is gone.
func TestReadThatFails(t *testing.T) {
	k := evdevtest.NewKeyboard(t, hangKeyboard)
	c := startHanging(t, "fails to read")
	c.says("ready")
	k.Down(int(keyF12))
	c.says("hangs")
	k.Up(int(keyF12))
	c.says("keyboard is lost; trying again")
	c.says("keyboard grabbed")
	k.Down(int(keyF12))
	c.says("hangs")
	k.Up(int(keyF12))
	c.says("keyboard is lost; trying again")
	c.says("keyboard grabbed")
}

func TestStoppedInATurnIsNotAHang(t *testing.T) {
	k := evdevtest.NewKeyboard(t, hangKeyboard)
	reader, err := evdev.Open(k.Node)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	c := startHanging(t, "stops")
	c.says("ready")
	for range 3 {
		k.Down(int(keyF12))
		c.says("hangs")
		if err := c.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * (watchFirst + watchLimit)) // the subject of this test is that time passes
		if err := c.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		c.says("continues")
		k.Up(int(keyF12))
	}
	if err := c.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Error("the daemon has ended:", err)
	}
}
