package setup

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// On Apple keyboards, the kernel's driver hid_apple decides what the top row does without Fn: media keys, as on a Mac, or
// F1 to F12. It is a parameter of the module (drivers/hid/hid-apple.c), which a file in modprobe.d sets at each start. A
// Touch Bar has its own driver (drivers/hid/hid-appletb-kbd.c), which does not see Fn on a grabbed keyboard: it always
// shows one row.

// FnKeys are the possible functions of the top row of an Apple keyboard, by the driver's numbers.
var FnKeys = map[string]int{"media": 1, "function": 2}

// touchBar are the rows of a Touch Bar, by its driver's numbers.
var touchBar = map[string]int{"media": 2, "function": 1}

const (
	fnFile      = "/etc/modprobe.d/toshy-hid-apple.conf"
	fnParameter = "/sys/module/hid_apple/parameters/fnmode"
	touchBars   = "/sys/bus/hid/drivers/hid-appletb-kbd/*/mode"
)

// fnKeys plans the file for the wanted function. If nothing is requested, the file of an earlier setup stays.
func (p *Plan) fnKeys(before made) error {
	o := &p.options
	if o.FnKeys == "" {
		if _, ours := before.Files[fnFile]; ours {
			text, err := os.ReadFile(o.at(fnFile))
			if err == nil {
				p.Files = append(p.Files, File{fnFile, text, 0o644})
			}
		}
		return nil
	}
	mode, ok := FnKeys[o.FnKeys]
	if !ok {
		return errors.New("the top row of an Apple keyboard is media or function")
	}
	text := fmt.Appendf(nil, "# Made by toshy setup: what the top row of Apple's keyboards is without Fn.\noptions hid_apple fnmode=%d\noptions hid_appletb_kbd mode=%d\n", mode, touchBar[o.FnKeys])
	p.Files = append(p.Files, File{fnFile, text, 0o644})
	if _, err := os.Stat(o.at(fnParameter)); err == nil {
		p.After = append(p.After, []string{"sh", "-c", "echo " + strconv.Itoa(mode) + " > " + fnParameter})
	}
	bars, _ := filepath.Glob(o.at(touchBars)) // the pattern is valid
	for _, bar := range bars {
		p.After = append(p.After, []string{"sh", "-c", "echo " + strconv.Itoa(touchBar[o.FnKeys]) + " > " + strings.TrimPrefix(bar, strings.TrimSuffix(o.at("/"), "/"))})
	}
	for _, x := range []struct{ tool, command string }{
		{"/usr/sbin/update-initramfs", "update-initramfs -u"}, {"/usr/bin/dracut", "dracut --force"}, {"/usr/bin/mkinitcpio", "mkinitcpio -P"},
	} {
		if _, err := os.Stat(o.at(x.tool)); err == nil {
			p.Next = append(p.Next, "the driver may be loaded before there are files, so that the next start has the top row too: sudo "+x.command)
			break
		}
	}
	return nil
}

// FnMode is the current function of the top row of Apple's keyboards, below a root; "" if the driver is not loaded.
func FnMode(root string) string {
	text, err := os.ReadFile(path.Join("/", root, fnParameter))
	if err != nil {
		return ""
	}
	switch strings.TrimSpace(string(text)) {
	case "0":
		return "as the keyboard sends it, without Fn"
	case "1":
		return "media keys, and F1 to F12 with Fn"
	case "2":
		return "F1 to F12, and media keys with Fn"
	case "3":
		return "what suits the model: media keys on Apple's own"
	}
	return "something that only newer drivers know"
}
