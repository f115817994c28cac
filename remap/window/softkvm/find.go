package softkvm

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Program is one that is set up on this machine.
type Program struct {
	Name     string
	Settings string // its settings file, "" for a server that was started by hand
	ToFile   bool   // it writes a log file
	Log      string // path of that file, even if ToFile is false
}

// known are the programs, with the place of their settings below the settings folder, and the log's name below the home
// folder if the settings have none. (Deskflow: src/lib/common/Settings.cpp; the others use Qt's QSettings with the names of
// their organisation and application.)
var known = []struct{ name, settings, log string }{
	{"Deskflow", "Deskflow/Deskflow.conf", "deskflow.log"},
	{"Synergy", "Synergy/Synergy.conf", "synergy.log"},
	{"Input Leap", "InputLeap/InputLeap.conf", "input-leap.log"},
	{"Barrier", "Debauchee/Barrier.conf", "barrier.log"},
}

// servers are the kernel's names of the processes that have the keyboard, by program. A program that is both client and
// server says in an argument or in its settings which one it is.
var servers = map[string]string{
	"deskflow-server": "Deskflow", "deskflow-core": "Deskflow",
	"synergys": "Synergy", "synergy-server": "Synergy", "synergy-core": "Synergy",
	"input-leaps": "Input Leap", "barriers": "Barrier",
}

// synergy3 is the log that Synergy 3 always writes.
func (w Watcher) synergy3() string { return filepath.Join(w.Home, ".local/state/Synergy/synergy.log") }

// places are the files that show that a program is set up.
func (w Watcher) places() []string {
	all := []string{w.synergy3()}
	for _, k := range known {
		all = append(all, filepath.Join(w.Config, k.settings))
	}
	return all
}

// Find lists the programs that are set up for the user or run as servers.
func (w Watcher) Find() []Program {
	w = w.fill()
	var found []Program
	for _, k := range known {
		path := filepath.Join(w.Config, k.settings)
		text, err := readSmall(path)
		if err != nil {
			continue
		}
		p := Program{Name: k.name, Settings: path, Log: filepath.Join(w.Home, k.log)}
		p.read(text)
		found = append(found, p)
	}
	state := w.synergy3()
	if _, err := os.Stat(state); err == nil {
		found = append(found, Program{Name: "Synergy", ToFile: true, Log: state})
	}
	for _, p := range processes(w.Proc) {
		if p.log != "" {
			found = append(found, Program{Name: p.name, ToFile: true, Log: p.log})
		}
	}
	return found
}

// read takes the log from a settings file: Qt's INI format.
func (p *Program) read(text []byte) {
	section := "general"
	for line := range bytes.Lines(text) {
		s := strings.TrimSpace(string(line))
		if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
			section = strings.ToLower(s[1 : len(s)-1])
			continue
		}
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch section + "/" + strings.ToLower(strings.TrimSpace(name)) {
		case "log/tofile", "general/logtofile":
			p.ToFile = value == "true" || value == "1"
		case "log/file", "general/logfilename":
			if filepath.IsAbs(value) {
				p.Log = filepath.Clean(value)
			}
		}
	}
}

// settingsLimit is more than any settings file contains.
const settingsLimit = 1 << 20

func readSmall(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(bufio.NewReader(f), settingsLimit))
}

type process struct {
	pid  int
	name string // of the program
	log  string // from its arguments, absolute
}

// processes lists the servers that run.
func processes(proc string) (found []process) {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		dir := filepath.Join(proc, e.Name())
		if st, err := os.Stat(dir); err != nil || !own(st) { // another user's: it could have any name
			continue
		}
		comm, err := os.ReadFile(filepath.Join(dir, "comm"))
		if err != nil {
			continue
		}
		name, ok := servers[strings.TrimSpace(string(comm))]
		if !ok {
			continue
		}
		p := process{pid: pid, name: name}
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline")) // without it, no log is known
		args := strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
		for i, a := range args[:len(args)-1] {
			if a == "--log" || a == "-l" {
				p.log = args[i+1]
			}
		}
		if p.log != "" && !filepath.IsAbs(p.log) {
			cwd, err := os.Readlink(filepath.Join(dir, "cwd"))
			if err != nil {
				p.log = ""
			} else {
				p.log = filepath.Join(cwd, p.log)
			}
		}
		found = append(found, p)
	}
	return found
}

// serverOf returns a running server.
func serverOf(proc string) (pid int, ok bool) {
	if p := processes(proc); len(p) > 0 {
		return p[0].pid, true
	}
	return 0, false
}
