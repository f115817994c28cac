package applications

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const (
	head  = "[Desktop Entry]\nType=Application\n"
	shell = head + "Categories=System;TerminalEmulator;\n"
)

func TestCategories(t *testing.T) {
	user, system := filepath.Join(t.TempDir(), "user"), filepath.Join(t.TempDir(), "system")
	for name, text := range map[string]string{
		user + "/org.example.Shell.desktop":       "# a comment\n" + head + "Name[de]=x\nCategories = Network;TerminalEmulator\n[Desktop Action new]\nCategories=Game;\n",
		system + "/org.example.Shell.desktop":     head + "Categories=Game;\n",
		user + "/hidden.desktop":                  shell + "Hidden=true\n",
		system + "/hidden.desktop":                shell,
		system + "/debian-xterm.desktop":          shell + "Exec=/usr/bin/xterm -name %c\n",
		system + "/Upper_Case.desktop":            shell + "StartupWMClass=Fancy Shell\n",
		system + "/kde/kontact.desktop":           head + "Categories=Office;\nExec=env A=b kontact\n",
		system + "/writer.desktop":                head + "Categories=Office;WordProcessor;\nExec=libreoffice --writer %U\n",
		system + "/calc.desktop":                  head + "Categories=Office;Spreadsheet;\nExec=libreoffice --calc %U\n",
		system + "/mc.desktop":                    head + "Categories=FileManager;\nExec=mc\nTerminal=true\n",
		system + "/script.desktop":                head + "Categories=Game;\nExec=python3 game.py\n",
		system + "/chrome-abc-Default.desktop":    head + "Exec=chromium --app-id=abc\nStartupWMClass=crx_abc\n",
		system + "/chromium.desktop":              head + "Exec=chromium %U\nCategories=Network;WebBrowser;\n",
		system + "/link.desktop":                  "[Desktop Entry]\nType=Link\nCategories=Game;\n",
		system + "/mullvad-browser.desktop":       head + "Categories=Network;WebBrowser;\n",
		system + "/strange.desktop":               head + "Categories=A B;../x;" + strings.Repeat("c", 65) + ";Fine;\n",
		system + "/deep/deep/deep/deep/x.desktop": shell,
	} {
		write(t, name, text)
	}
	if err := unix.Mkfifo(filepath.Join(system, "pipe.desktop"), 0o644); err != nil {
		t.Fatal(err)
	}
	x := Read([]string{user, filepath.Join(t.TempDir(), "none"), system})
	for _, c := range []struct{ app, exe, want string }{
		{"org.example.Shell", "", ";Network;TerminalEmulator;"},
		{"ORG.EXAMPLE.SHELL.desktop", "", ";Network;TerminalEmulator;"},
		{"Shell", "", ";Network;TerminalEmulator;"},
		{"hidden", "", ""},
		{"XTerm", "", ";System;TerminalEmulator;"},
		{"fancy shell", "", ";System;TerminalEmulator;"},
		{"kde-kontact", "", ";Office;"},
		{"org.kde.kde-kontact", "", ";Office;"},
		{"kontact", "", ";Office;"},
		{"libreoffice", "", ";Office;"},
		{"writer", "", ";Office;WordProcessor;"},
		{"mc", "", ""},
		{"python3", "", ""},
		{"whatever", "/usr/bin/python3.12", ""},
		{"my scratchpad", "/usr/bin/xterm", ";System;TerminalEmulator;"},
		{"chrome-abc-Default", "/usr/bin/chromium", ""}, // an application of its own, without categories
		{"chromium", "", ";Network;WebBrowser;"},
		{"link", "", ""},
		{"Mullvad Browser", "", ";Network;WebBrowser;"},
		{"strange", "", ";Fine;"},
		{"pipe", "", ""},
		{"x", "", ""}, // nested too deeply
		{"", "", ""},
		{"unknown", "", ""},
	} {
		if got := x.Categories(c.app, c.exe); got != c.want {
			t.Errorf("%q (%s): %q, want %q", c.app, c.exe, got, c.want)
		}
	}
	var none *Index
	if got := none.Categories("chromium", ""); got != "" {
		t.Errorf("before entries are read: %q", got)
	}
}

func TestFolders(t *testing.T) {
	vars := map[string]string{"HOME": "/home/a", "XDG_DATA_DIRS": "/x:relative:/usr/share"}
	got := strings.Join(Folders(func(n string) string { return vars[n] }), " ")
	want := "/home/a/.local/share/applications /home/a/.local/share/flatpak/exports/share/applications /x/applications /usr/share/applications " +
		"/var/lib/flatpak/exports/share/applications /var/lib/snapd/desktop/applications /home/a/.nix-profile/share/applications " +
		"/run/current-system/sw/share/applications /usr/local/share/applications"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// toshy soon knows a newly installed application, even in a new folder.
func TestFollower(t *testing.T) {
	top := filepath.Join(t.TempDir(), "applications")
	f := NewFollower(zap.NewNop(), []string{top})
	f.settle = time.Millisecond
	if got := f.Categories("new", ""); got != "" {
		t.Errorf("%q without applications", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	known := func(app, want string) {
		t.Helper()
		over := time.After(time.Minute)
		for f.Categories(app, "") != want {
			select {
			case <-f.Changed:
			case <-over:
				t.Fatalf("the categories of %s are %q", app, f.Categories(app, ""))
			}
		}
	}
	<-f.Changed
	write(t, top+"/new.desktop", shell)
	known("new", ";System;TerminalEmulator;")
	write(t, top+"/kde/inner.desktop", shell)
	known("kde-inner", ";System;TerminalEmulator;")
	write(t, top+"/kde/second.desktop", shell)
	known("kde-second", ";System;TerminalEmulator;")
	if err := os.Remove(top + "/new.desktop"); err != nil {
		t.Fatal(err)
	}
	known("new", "")
}

func FuzzEntry(f *testing.F) {
	f.Add(shell + "Exec=env A=b \"x y\" %u\nStartupWMClass=a\n")
	f.Fuzz(func(t *testing.T, text string) {
		e, _ := parseEntry(text)
		if len(e.categories) > 32*65+1 {
			t.Errorf("%d bytes of categories", len(e.categories))
		}
	})
}
