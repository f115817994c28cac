package gnome

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"

	"toshy/remap/window"
	"toshy/remap/window/internal/bus"
)

// UUID is our extension's name for the shell.
const UUID = "toshy-focus@toshy.org"

// Shell versions of the two builds. FirstModule and later versions load extensions as modules. A shell only loads
// extensions that name its version, so the list includes versions of the coming years: an upgrade of the desktop must not
// switch the extension off.
const (
	FirstShell  = 43
	FirstModule = 45
	lastShell   = 64
)

//go:embed extension
var sources embed.FS

const (
	shellPath       = dbus.ObjectPath("/org/gnome/Shell")
	extensionsIface = "org.gnome.Shell.Extensions"
)

// Build returns the files of the extension, by name, for a major version of the shell.
func Build(shell int) (map[string][]byte, error) {
	if shell < FirstShell {
		return nil, fmt.Errorf("gnome: the extension needs GNOME Shell %d or later, this is %d", FirstShell, shell)
	}
	frame, from, to := "legacy.js", FirstShell, FirstModule-1
	if shell >= FirstModule {
		frame, from, to = "module.js", FirstModule, max(lastShell, shell)
	}
	code, err := sources.ReadFile("extension/" + frame)
	if err != nil {
		return nil, err
	}
	body, err := sources.ReadFile("extension/focus.js")
	if err != nil {
		return nil, err
	}
	var versions []string
	for v := from; v <= to; v++ {
		versions = append(versions, strconv.Itoa(v))
	}
	meta, err := json.MarshalIndent(map[string]any{
		"uuid":          UUID,
		"name":          "toshy focus",
		"description":   "Tells toshy, the keyboard remapper, which window has the focus. Nothing leaves this computer.",
		"shell-version": versions,
		"version":       1,
	}, "", "    ")
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"extension.js":  bytes.Replace(code, []byte("@BODY@\n"), body, 1),
		"metadata.json": append(meta, '\n'),
	}, nil
}

// Folder is where a user's shell looks for our extension: below dir, which is $XDG_DATA_HOME or ~/.local/share if it is "".
// A package installs the extension to the same place below /usr/share.
func Folder(dir string) (string, error) {
	if dir == "" {
		dir = os.Getenv("XDG_DATA_HOME")
	}
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("gnome: find the folder for extensions: %w", err)
		}
		dir = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(dir, "gnome-shell", "extensions", UUID), nil
}

// Write writes the extension for a major version of the shell below dir, see Folder. It changes nothing else: packages use
// it.
func Write(dir string, shell int) (folder string, err error) {
	files, err := Build(shell)
	if err != nil {
		return "", err
	}
	if folder, err = Folder(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("gnome: install the extension: %w", err)
	}
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o644); err != nil {
			return "", fmt.Errorf("gnome: install the extension: %w", err)
		}
	}
	return folder, nil
}

// Installed is the result of Install.
type Installed struct {
	Folder string
	Shell  int // the major version it was built for
	// Enabled says that the shell has enabled it, or will at its next start.
	Enabled bool
	// LogIn says that the running shell does not know it yet, or runs an older copy. Shells read new extensions when they
	// start; on Wayland you must log out and in again.
	LogIn bool
	// Why says what is left to do if Enabled is false.
	Why string
}

// Install writes the extension for the running shell below dir (see Folder) and enables it. An address of "" is the user's
// own session bus.
func Install(ctx context.Context, address, dir string) (Installed, error) {
	before, err := Check(ctx, address, dir)
	if err != nil {
		return Installed{}, err
	}
	done := Installed{Shell: before.Shell}
	if done.Folder, err = Write(dir, before.Shell); err != nil {
		return Installed{}, err
	}
	done.LogIn = !before.Known || !before.Current
	l, err := bus.Dial(ctx, options(address))
	if err != nil {
		return done, err
	}
	defer l.Close()
	var ok bool
	if err := l.Call(shellPath, extensionsIface+".EnableExtension", []any{&ok}, UUID); err != nil {
		return done, fmt.Errorf("gnome: enable the extension: %w", err)
	}
	if !ok { // the shell does not know it: add it to the list for the next shell
		if err := setEnabled(ctx, address, true); err != nil {
			done.Why = fmt.Sprintf("%v; after logging in again run: gnome-extensions enable %s", err, UUID)
			return done, nil
		}
	}
	done.Enabled = true
	if !before.UserExtensions {
		done.Enabled, done.Why = false, "all extensions are switched off in this session: switch them on in the Extensions app"
	}
	return done, nil
}

// Uninstall disables the extension and removes it from below dir.
func Uninstall(ctx context.Context, address, dir string) error {
	folder, err := Folder(dir)
	if err != nil {
		return err
	}
	if l, err := bus.Dial(ctx, options(address)); err == nil {
		var ok bool // false if the shell never knew it
		err = l.Call(shellPath, extensionsIface+".DisableExtension", []any{&ok}, UUID)
		l.Close()
		if err != nil {
			return fmt.Errorf("gnome: disable the extension: %w", err)
		}
		if !ok {
			_ = setEnabled(ctx, address, false) // a name left in the list does no harm
		}
	} else if !errors.Is(err, window.ErrUnavailable) {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("gnome: remove the extension: %w", err)
	}
	return nil
}

// setEnabled adds UUID to the list of enabled extensions in the user's settings, or removes it. It uses the settings' own
// tool, since other interfaces need a library.
func setEnabled(ctx context.Context, address string, on bool) error {
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "gsettings", args...)
		if address != "" {
			cmd.Env = append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+address)
		}
		out, err := cmd.Output()
		if err != nil {
			var e *exec.ExitError
			if errors.As(err, &e) {
				err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(e.Stderr))
			}
			return "", fmt.Errorf("gsettings %s: %w", args[0], err)
		}
		return strings.TrimSpace(string(out)), nil
	}
	out, err := run("get", "org.gnome.shell", "enabled-extensions")
	if err != nil {
		return err
	}
	list, err := parseList(out)
	if err != nil {
		return err
	}
	at := slices.Index(list, UUID)
	switch {
	case on && at < 0:
		list = append(list, UUID)
	case !on && at >= 0:
		list = slices.Delete(list, at, at+1)
	default:
		return nil
	}
	_, err = run("set", "org.gnome.shell", "enabled-extensions", dbus.MakeVariant(list).String())
	return err
}

// parseList reads a list of strings in GVariant's text form.
func parseList(text string) ([]string, error) {
	v, err := dbus.ParseVariant(text, dbus.ParseSignatureMust("as"))
	if err != nil {
		return nil, fmt.Errorf("gsettings: list of extensions %q: %w", text, err)
	}
	list, ok := v.Value().([]string)
	if !ok {
		return nil, fmt.Errorf("gsettings: list of extensions %q: not a list of strings", text)
	}
	return list, nil
}

// Status is the state of the extension.
type Status struct {
	Shell          int    // major version of the running shell
	Version        string // as the shell reports it, "43.9"
	UserExtensions bool   // extensions are enabled at all
	Folder         string
	Present        bool    // its folder exists
	Current        bool    // its files are those of this toshy, for this shell
	Known          bool    // the running shell has read it
	State          float64 // as the shell reports it: 1 enabled, 2 disabled, 3 error, 4 out of date; 0 unless Known
	Error          string  // of the extension, as the shell reports it
	Published      string  // a published extension that answers, "" if there is none
}

// Active says whether the extension runs.
func (s Status) Active() bool { return s.Known && s.State == 1 }

// Check asks the running shell. If there is none, the error wraps window.ErrUnavailable.
func Check(ctx context.Context, address, dir string) (Status, error) {
	var s Status
	l, err := bus.Dial(ctx, options(address))
	if err != nil {
		return s, err
	}
	defer l.Close()
	if err := property(l, BusName, "ShellVersion", &s.Version); err != nil {
		return s, err
	}
	major, _, _ := strings.Cut(s.Version, ".")
	if s.Shell, err = strconv.Atoi(major); err != nil {
		return s, fmt.Errorf("gnome: version %q of the shell: %w", s.Version, err)
	}
	if err := property(l, extensionsIface, "UserExtensionsEnabled", &s.UserExtensions); err != nil {
		return s, err
	}
	var about map[string]dbus.Variant
	if err := l.Call(shellPath, extensionsIface+".GetExtensionInfo", []any{&about}, UUID); err != nil {
		return s, fmt.Errorf("gnome: ask for the extension: %w", err)
	}
	s.State, s.Known = about["state"].Value().(float64)
	s.Error, _ = about["error"].Value().(string)
	if p := find(l); p != nil {
		s.Published = p.title
	}
	if s.Folder, err = Folder(dir); err != nil {
		return s, err
	}
	if _, err := os.Stat(s.Folder); err == nil {
		s.Present = true
		s.Current = current(s.Folder, s.Shell)
	}
	return s, nil
}

// Version asks the running shell for its version, such as "43.9".
func (s *Source) Version(ctx context.Context) (version string, err error) {
	l, err := bus.Dial(ctx, options(s.Address))
	if err != nil {
		return "", err
	}
	defer l.Close()
	err = property(l, BusName, "ShellVersion", &version)
	return version, err
}

func current(folder string, shell int) bool {
	files, err := Build(shell)
	if err != nil {
		return false
	}
	for file, want := range files {
		got, err := fs.ReadFile(os.DirFS(folder), file)
		if err != nil || !bytes.Equal(got, want) {
			return false
		}
	}
	return true
}

func property(l *bus.Link, iface, property string, to any) error {
	var v dbus.Variant
	err := l.Call(shellPath, "org.freedesktop.DBus.Properties.Get", []any{&v}, iface, property)
	if err == nil {
		err = v.Store(to)
	}
	if err != nil {
		return fmt.Errorf("gnome: read %s of the shell: %w", property, err)
	}
	return nil
}
