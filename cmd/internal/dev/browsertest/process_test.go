package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"toshy/cmd/internal/control"
)

// A hidden page sends no requests, and no thread of toshy-ui waits with a timeout: no deadline and no timer is left. The only
// exception is the monitor thread of Go's runtime (sysmon in runtime/proc.go). When the page becomes visible again, it shows what has
// changed.
func TestHiddenPage(t *testing.T) {
	u := start(t, rules)
	p := u.open()
	p.has(".group", "New tab")
	var mu sync.Mutex
	var asked []string
	chromedp.ListenTarget(p.page, func(e any) {
		if e, ok := e.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, e.Request.URL)
		}
	})
	p.do(network.Enable())
	for _, pane := range []string{"keys", "state", "shortcuts"} {
		p.pane(pane)
		switch pane {
		case "keys":
			u.waitFor(func() bool { return u.daemon.monitored() == 1 })
		case "state":
			p.has("section", "uinput")
		}
		mu.Lock()
		asked = nil
		mu.Unlock()
		p.hide()
		u.waitFor(func() bool { return u.daemon.followers() == 0 })
		u.waitFor(func() bool { return u.sockets() == 2 }) // the socket that listens, and the page's stream
		u.waitFor(func() bool { return len(u.timed()) == 1 })
		u.daemon.focus("konsole", pane)
		u.daemon.change(func(s *control.Status) { s.Queued++ })
		u.write(rules + "# " + pane + "\n")
		u.daemon.key(control.Event{Kind: "in", Key: "a", Value: "down"})
		if timed := u.timed(); len(timed) != 1 {
			t.Errorf("%s: threads %s wait with a timeout; only the runtime's monitor may", pane, timed)
		}
		p.do(chromedp.Evaluate(`new Promise((done) => setTimeout(done, 100))`, nil, awaited)) // a request would come before this ends
		mu.Lock()
		if len(asked) != 1 || !strings.Contains(asked[0], "look=none") {
			t.Errorf("%s: the hidden page has asked for %q", pane, asked)
		}
		mu.Unlock()
		p.elsewhere(func() { // the page is visible, another window has the focus
			p.unhide()
			if pane == "shortcuts" {
				p.has("h1", "konsole")
			}
			u.waitFor(func() bool { return u.daemon.followers() > 0 })
		})
	}
}

// tasks are the threads of the process.
func (u *ui) tasks() (names []string) {
	u.t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", u.process.Process.Pid))
	if err != nil {
		u.t.Fatal(err)
	}
	for _, t := range tasks {
		names = append(names, t.Name())
	}
	return names
}

// timed returns the threads that run or wait with a timeout.
func (u *ui) timed() (names []string) {
	u.t.Helper()
	for _, task := range u.tasks() {
		// number, six arguments, stack and program counter (proc_pid_syscall(5)); "running"
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/syscall", u.process.Process.Pid, task))
		if err != nil {
			u.t.Fatal(err)
		}
		f := strings.Fields(string(b))
		switch f[0] {
		case strconv.Itoa(syscall.SYS_FUTEX):
			if f[4] == "0x0" { // without a timeout
				continue
			}
		case strconv.Itoa(syscall.SYS_EPOLL_PWAIT):
			if f[4] == "0xffffffffffffffff" || f[4] == "0xffffffff" {
				continue
			}
		}
		names = append(names, task)
	}
	return names
}

// sockets counts the open sockets of the process.
func (u *ui) sockets() (n int) {
	u.t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", u.process.Process.Pid)
	files, err := os.ReadDir(dir)
	if err != nil {
		u.t.Fatal(err)
	}
	for _, f := range files {
		if to, err := os.Readlink(filepath.Join(dir, f.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// proc reads a number from a file of the process in /proc.
func (u *ui) proc(file, name string) int {
	u.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", u.process.Process.Pid, file))
	if err != nil {
		u.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), name)
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		u.t.Fatal(err)
	}
	return n
}

// switches returns the number of voluntary context switches of each thread.
func (u *ui) switches() map[string]int {
	u.t.Helper()
	all := map[string]int{}
	for _, t := range u.tasks() {
		all[t] = u.proc("task/"+t+"/status", "\nvoluntary_ctxt_switches:")
	}
	return all
}
