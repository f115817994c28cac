package main

import (
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// opener is the file that gives the token to the page, so that the token is in no address and in no list of processes.
const opener = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>toshy</title>
<form method="post" action="http://%s%s"><input type="hidden" name="token" value="%s"><button>Open toshy</button></form>
<script>document.forms[0].submit()</script>
</html>
`

// browse opens the page in the user's browser. remove deletes the file with the token.
func browse(host, token string) (remove func(), err error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return nil, errors.New("XDG_RUNTIME_DIR is not set, so there is no folder that only you can read")
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return nil, errors.New("there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
	}
	f, err := os.CreateTemp(dir, "toshy-ui-*.html") // mode 0600
	if err != nil {
		return nil, err
	}
	path := f.Name()
	remove = func() { _ = os.Remove(path) }
	_, err = fmt.Fprintf(f, opener, host, openPath, html.EscapeString(token))
	if err = errors.Join(err, f.Close()); err != nil {
		remove()
		return nil, err
	}
	command := browserCommand(defaultBrowser(), exec.LookPath, "file://"+path)
	c := exec.Command(command[0], command[1:]...)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // the browser outlives us
	if err := c.Start(); err != nil {
		remove()
		return nil, err
	}
	go func() { _ = c.Wait() }()
	return remove, nil
}

// appBrowsers can show a page in a separate window; each is a part of the name of their desktop entry.
var appBrowsers = []struct{ entry, program string }{
	{"google-chrome", "google-chrome-stable"},
	{"google-chrome", "google-chrome"},
	{"chromium", "chromium"},
	{"chromium", "chromium-browser"},
	{"brave", "brave-browser"},
	{"brave", "brave"},
	{"microsoft-edge", "microsoft-edge-stable"},
	{"microsoft-edge", "microsoft-edge"},
	{"vivaldi", "vivaldi-stable"},
	{"vivaldi", "vivaldi"},
}

// browserCommand opens an address: in a separate window if the user's browser supports that, else with the desktop's
// program for files.
func browserCommand(entry string, look func(string) (string, error), address string) []string {
	for _, b := range appBrowsers {
		if strings.Contains(strings.ToLower(entry), b.entry) {
			if path, err := look(b.program); err == nil {
				return []string{path, "--app=" + address}
			}
		}
	}
	return []string{"xdg-open", address}
}

// defaultBrowser is the desktop entry of the user's browser, "" if it is not known.
func defaultBrowser() string {
	out, err := exec.Command("xdg-settings", "get", "default-web-browser").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// beside finds one of toshy's programs: in the folder of this one, else on PATH.
func beside(name string) string {
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), name)
		if i, err := os.Stat(path); err == nil && i.Mode().IsRegular() && i.Mode()&0o111 != 0 {
			return path
		}
	}
	return name
}
