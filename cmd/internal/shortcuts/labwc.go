package shortcuts

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// labwcKeys is the keyboard section of labwc's rc.xml (labwc-config(5)).
type labwcKeys struct {
	Keyboard struct {
		Default *struct{} `xml:"default"`
		Binds   []struct {
			Key     string `xml:"key,attr"`
			Actions []struct {
				Name    string `xml:"name,attr"`
				Command string `xml:"command,attr"`
				Execute string `xml:"command"`
				To      string `xml:"to,attr"`
			} `xml:"action"`
		} `xml:"keybind"`
	} `xml:"keyboard"`
}

// labwcDefaults are labwc's shortcuts if the file names none, or requests them with <default/>.
var labwcDefaults = map[string]string{
	"switch-applications": "A-Tab", "switch-applications-backward": "A-S-Tab", "terminal": "W-Return", "close": "A-F4", "maximize": "W-a",
}

var labwcActions = map[string]string{
	"Close": "close", "Exit": "logout", "NextWindow": "switch-applications", "PreviousWindow": "switch-applications-backward",
	"ToggleFullscreen": "fullscreen", "ToggleMaximize": "maximize", "Iconify": "minimize", "ToggleShowDesktop": "show-desktop",
}

// readLabwc reads the user's file, or the system's if there is none: labwc uses the first one.
func readLabwc(_ context.Context, p place, f *Found) {
	readFirst(files(p.configs, "labwc/rc.xml"), "labwc", f, labwcConfig)
}

func labwcConfig(text, origin string, f *Found) {
	var c labwcKeys
	if err := xml.Unmarshal([]byte(text), &c); err != nil && !errors.Is(err, io.EOF) {
		return // labwc itself then only uses its defaults, and says so
	}
	f.Read = true
	for i := len(c.Keyboard.Binds) - 1; i >= 0; i-- { // a later shortcut with the same keys replaces an earlier one
		b := &c.Keyboard.Binds[i]
		k, ok := fromLabwc(b.Key)
		if !ok || len(b.Actions) == 0 {
			continue
		}
		a := &b.Actions[0]
		action := labwcActions[a.Name]
		switch a.Name {
		case "Execute":
			action = commandAction(a.Command + " " + a.Execute)
		case "GoToDesktop", "SendToDesktop":
			prefix := map[string]string{"GoToDesktop": "workspace-", "SendToDesktop": "move-to-workspace-"}[a.Name]
			if a.To == "left" || a.To == "right" || a.To == "up" && a.Name == "GoToDesktop" || a.To == "down" && a.Name == "GoToDesktop" {
				action = prefix + a.To
			}
		}
		if action != "" {
			f.set(action, origin+" "+b.Key, k)
		}
	}
	if len(c.Keyboard.Binds) > 0 && c.Keyboard.Default == nil {
		return
	}
	for action, text := range labwcDefaults {
		if k, ok := fromLabwc(text); ok {
			f.set(action, "labwc, by default", k)
		}
	}
}

// fromLabwc parses "W-S-Return".
func fromLabwc(s string) (keys, bool) {
	var mods []string
	for len(s) > 2 && s[1] == '-' {
		m, ok := map[byte]string{'W': "Super", 'A': "Alt", 'C': "Ctrl", 'S': "Shift"}[strings.ToUpper(s[:1])[0]]
		if !ok {
			return keys{}, false
		}
		mods, s = append(mods, m), s[2:]
	}
	return byWritten.read(mods, s)
}
