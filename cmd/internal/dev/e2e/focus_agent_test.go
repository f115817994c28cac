//go:build vm && desktop

package e2e

import (
	"os"
	"syscall"
	"testing"
)

// TestFocusThroughAgent tests the complete path with three users: the X server's, the agent's with its session, and the daemon's.
func TestFocusThroughAgent(t *testing.T) {
	const commandC = "+leftalt +c -c -leftalt"
	s := newScreen(t)
	k := plugUSB(t)
	d := serve(t, nil, "--user", only(annUID))
	agent := func() *remapper {
		ann, _ := d.agent(t, annUID, "", "DISPLAY="+s.Display, "XDG_SESSION_TYPE=x11", "XDG_RUNTIME_DIR="+publicDir(t), "HOME="+os.TempDir())
		return ann
	}
	ann := agent()
	k.through(d.out)
	k.copies(d.out, inBrowser)
	s.terminal.Focus(t)
	k.copies(d.out, inTerminal)
	st := d.status(t)
	if st.Window.App != "kitty" || st.Window.Title != "~ : bash" || st.Layout == "" {
		t.Errorf("window %+v, layout %q", st.Window, st.Layout)
	}
	s.browser.Focus(t)
	k.copies(d.out, inBrowser)
	s.terminal.Focus(t)
	k.copies(d.out, inTerminal)

	ann.kill()
	until(t, "the daemon has noticed", func() bool { return len(d.status(t).Agents) == 0 })
	k.becomes(d.out, commandC, inBrowser) // the application is not known
	if st := d.status(t); st.Window.App != "" || st.Window.Title != "" {
		t.Errorf("window %+v", st.Window)
	}
	ann = agent()
	k.copies(d.out, inTerminal)

	ann.signal(syscall.SIGSTOP)
	k.copies(d.out, inBrowser) // soon, because keys are typed
	if st := d.status(t); len(st.Agents) != 1 || !st.Agents[0].Silent || st.Window.App != "" {
		t.Errorf("agents %+v, window %+v", st.Agents, st.Window)
	}
	ann.signal(syscall.SIGCONT)
	k.copies(d.out, inTerminal)
	if st := d.status(t); st.Agents[0].Silent {
		t.Errorf("agents %+v", st.Agents)
	}
}
