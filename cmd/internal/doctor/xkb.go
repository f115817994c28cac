package doctor

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"toshy/remap"
	"toshy/remap/key"
)

// xkbLimit is how long a desktop's program may take to report its options.
const xkbLimit = 2 * time.Second

// An xkbSource is a place where the options of the keyboard layout are set.
type xkbSource struct {
	name    string
	options []string
	fix     func(rest []string) string // keeps only these options
}

// XKB checks for options of the keyboard layout that move modifiers: they apply after toshy, which has already moved them.
// A program that moves no modifiers has no conflict. p may be nil.
func (m *Machine) XKB(ctx context.Context, p *remap.Program) (all []Finding) {
	const name = "xkb"
	if p != nil && !movesModifiers(p) {
		return nil
	}
	for _, s := range m.xkbSources(ctx) {
		var bad, rest []string
		for _, o := range s.options {
			if fights(o) {
				bad = append(bad, o)
			} else {
				rest = append(rest, o)
			}
		}
		if len(bad) > 0 {
			all = append(all, Finding{
				name, Warning, fmt.Sprintf("%s has %s: it moves keys that the configuration has moved already", s.name, strings.Join(bad, ", ")),
				s.fix(rest), Other,
			})
		}
	}
	if len(all) == 0 {
		return []Finding{{Check: name, Text: "no option of the keyboard layout moves modifiers"}}
	}
	return all
}

// fights says whether an option moves modifiers or Caps Lock (xkeyboard-config(7)).
func fights(option string) bool {
	switch group, _, _ := strings.Cut(option, ":"); group {
	case "ctrl", "altwin":
		return true
	case "caps": // options that only change what its lock does move nothing
		return !slices.Contains([]string{"caps:none", "caps:internal", "caps:internal_nocancel", "caps:shift", "caps:shift_nocancel", "caps:shiftlock", "caps:digits_row"}, option)
	}
	return false
}

func movesModifiers(p *remap.Program) bool {
	moves := func(k key.Code) bool {
		_, isMod := key.ModOf(k)
		return isMod || k == key.CapsLock
	}
	for i := range p.Modmaps {
		for from, to := range p.Modmaps[i].Keys {
			if moves(from) || moves(to) {
				return true
			}
		}
	}
	for i := range p.TapHolds {
		for from, t := range p.TapHolds[i].Keys {
			if moves(from) || moves(t.Hold) {
				return true
			}
		}
	}
	return false
}

// xkbSources reads the files that localectl writes (localed(8), keyboard(5)) and KDE's, and asks GNOME and the X server,
// for which it must run as the user.
func (m *Machine) xkbSources(ctx context.Context) (all []xkbSource) {
	assignment := func(file string) {
		for line := range strings.Lines(m.read(file)) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "XKBOPTIONS="); ok {
				all = append(all, xkbSource{file, split(strings.Trim(value, `"'`)), func(rest []string) string {
					return fmt.Sprintf(`sudo sed -i 's/^XKBOPTIONS=.*/XKBOPTIONS="%s"/' %s, then log out and in again`, strings.Join(rest, ","), file)
				}})
			}
		}
	}
	assignment("/etc/default/keyboard")
	assignment("/etc/vconsole.conf")
	const xorg = "/etc/X11/xorg.conf.d/00-keyboard.conf"
	for line := range strings.Lines(m.read(xorg)) {
		if f := strings.Split(line, `"`); len(f) >= 4 && strings.EqualFold(f[1], "XkbOptions") && strings.HasPrefix(strings.TrimSpace(f[0]), "Option") {
			all = append(all, xkbSource{xorg, split(f[3]), func(rest []string) string {
				return fmt.Sprintf(`sudo sed -i 's/"XkbOptions".*/"XkbOptions" "%s"/' %s, then log out and in again`, strings.Join(rest, ","), xorg)
			}})
		}
	}
	if m.Home != "" {
		kxkb := filepath.Join(m.Home, ".config/kxkbrc")
		for line := range strings.Lines(m.read(kxkb)) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "Options="); ok {
				all = append(all, xkbSource{"KDE (" + kxkb + ")", split(value), func(rest []string) string {
					return fmt.Sprintf("kwriteconfig6 --file kxkbrc --group Layout --key Options '%s', then log out and in again", strings.Join(rest, ","))
				}})
			}
		}
	}
	if m.Run == nil {
		return all
	}
	ctx, cancel := context.WithTimeout(ctx, xkbLimit)
	defer cancel()
	if out, err := m.Run(ctx, "gsettings", "get", "org.gnome.desktop.input-sources", "xkb-options"); err == nil {
		all = append(all, xkbSource{"GNOME", split(strings.Trim(strings.TrimPrefix(strings.TrimSpace(out), "@as "), "[]")), func(rest []string) string {
			for i := range rest {
				rest[i] = "'" + rest[i] + "'"
			}
			return fmt.Sprintf(`gsettings set org.gnome.desktop.input-sources xkb-options "[%s]"`, strings.Join(rest, ", "))
		}})
	}
	if out, err := m.Run(ctx, "setxkbmap", "-query"); err == nil {
		for line := range strings.Lines(out) {
			if value, ok := strings.CutPrefix(line, "options:"); ok {
				all = append(all, xkbSource{"the X server", split(value), func(rest []string) string {
					return strings.TrimSpace("setxkbmap -option '' " + options(rest))
				}})
			}
		}
	}
	return all
}

func options(list []string) (flags string) {
	for _, o := range list {
		flags += " -option " + o
	}
	return strings.TrimSpace(flags)
}

// split splits a list of options.
func split(list string) (options []string) {
	for o := range strings.SplitSeq(list, ",") {
		if o = strings.Trim(o, " \t\n'\""); o != "" {
			options = append(options, o)
		}
	}
	return options
}
