package shortcuts

import (
	"context"
	"strings"
)

// A kdeKey is an entry of kglobalshortcutsrc: a component and one of its actions.
type kdeKey struct{ component, action string }

// kdeKeys are the entries for each action, the best one first. Plasma 6 has programs below "services".
func kdeKeys() map[string][]kdeKey {
	return map[string][]kdeKey{
		"launcher":                     {{"services][org.kde.krunner.desktop", "_launch"}, {"org.kde.krunner.desktop", "_launch"}, {"krunner.desktop", "_launch"}, {"plasmashell", "activate application launcher"}},
		"overview":                     {{"kwin", "Overview"}, {"kwin", "ExposeAll"}},
		"show-desktop":                 {{"kwin", "Show Desktop"}},
		"application-windows":          {{"kwin", "ExposeClass"}, {"kwin", "ExposeClassCurrentDesktop"}},
		"force-quit":                   {{"kwin", "Kill Window"}},
		"zoom-in":                      {{"kwin", "view_zoom_in"}},
		"zoom-out":                     {{"kwin", "view_zoom_out"}},
		"screen-reader":                {{"kaccess", "Toggle Screen Reader On and Off"}},
		"emoji":                        {{"services][org.kde.plasma.emojier.desktop", "_launch"}, {"org.kde.plasma.emojier.desktop", "_launch"}},
		"input-source-next":            {{"KDE Keyboard Layout Switcher", "Switch to Next Keyboard Layout"}},
		"input-source-previous":        {{"KDE Keyboard Layout Switcher", "Switch to Previous Keyboard Layout"}},
		"input-source-last":            {{"KDE Keyboard Layout Switcher", "Switch to Last-Used Keyboard Layout"}},
		"switch-applications":          {{"kwin", "Walk Through Windows"}},
		"switch-applications-backward": {{"kwin", "Walk Through Windows (Reverse)"}},
		"switch-windows":               {{"kwin", "Walk Through Windows of Current Application"}},
		"switch-windows-backward":      {{"kwin", "Walk Through Windows of Current Application (Reverse)"}},
		"workspace-left":               {{"kwin", "Switch One Desktop to the Left"}},
		"workspace-right":              {{"kwin", "Switch One Desktop to the Right"}},
		"workspace-up":                 {{"kwin", "Switch One Desktop Up"}},
		"workspace-down":               {{"kwin", "Switch One Desktop Down"}},
		"move-to-workspace-left":       {{"kwin", "Window One Desktop to the Left"}},
		"move-to-workspace-right":      {{"kwin", "Window One Desktop to the Right"}},
		"close":                        {{"kwin", "Window Close"}},
		"minimize":                     {{"kwin", "Window Minimize"}},
		"maximize":                     {{"kwin", "Window Maximize"}},
		"tile-left":                    {{"kwin", "Window Quick Tile Left"}},
		"tile-right":                   {{"kwin", "Window Quick Tile Right"}},
		"run":                          {{"services][org.kde.krunner.desktop", "_launch"}, {"org.kde.krunner.desktop", "_launch"}, {"krunner.desktop", "_launch"}},
		"fullscreen":                   {{"kwin", "Window Fullscreen"}},
		"lock":                         {{"ksmserver", "Lock Session"}},
		"logout":                       {{"ksmserver", "Log Out"}},
		"screenshot":                   spectacle("_launch"),
		"screenshot-screen":            spectacle("FullScreenScreenShot", "CurrentMonitorScreenShot"),
		"screenshot-window":            spectacle("WindowUnderCursorScreenShot", "ActiveWindowScreenShot"),
		"screenshot-area":              spectacle("RectangularRegionScreenShot"),
		"files":                        {{"services][org.kde.dolphin.desktop", "_launch"}, {"org.kde.dolphin.desktop", "_launch"}},
		"terminal":                     {{"services][org.kde.konsole.desktop", "_launch"}, {"org.kde.konsole.desktop", "_launch"}},
		"settings":                     {{"services][systemsettings.desktop", "_launch"}, {"systemsettings.desktop", "_launch"}},
	}
}

func spectacle(actions ...string) (keys []kdeKey) {
	for _, a := range actions {
		keys = append(keys, kdeKey{"services][org.kde.spectacle.desktop", a}, kdeKey{"org.kde.spectacle.desktop", a})
	}
	return keys
}

// readKDE reads kglobalshortcutsrc, which kglobalaccel writes. For programs it only contains differences from their own
// files, so a missing entry means nothing.
func readKDE(_ context.Context, p place, f *Found) {
	const name = "kglobalshortcutsrc"
	sources := files(p.configs, name)
	f.Files = append(f.Files, sources[0])
	entries := map[kdeKey]string{}
	for i := len(sources) - 1; i >= 0; i-- { // the user's file last
		if text, ok := readStart(sources[i], fileSize); ok {
			kdeEntries(text, entries)
		}
	}
	for action, keys := range kdeKeys() {
		for _, k := range keys {
			if v, ok := entries[k]; ok {
				f.answer(action, name+" ["+k.component+"] "+k.action, all(kdeShortcuts(k.component, v), byMeaning.fromPlus)...)
			}
		}
	}
}

// kdeEntries reads a KConfig file with groups such as [a][b].
func kdeEntries(text string, entries map[kdeKey]string) {
	group := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			group = line[1 : len(line)-1]
		} else if k, v, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			entries[kdeKey{group, k}] = v
		}
	}
}

// kdeShortcuts are the shortcuts of an entry: "now,by default,name", a list of KConfig, where tabs separate several. An entry of a program
// below services is only the first part, and no list.
func kdeShortcuts(component, v string) []string {
	now := kdeText(v)
	if !strings.HasPrefix(component, "services][") {
		now = kdeFirst(now)
	}
	var list []string
	for s := range strings.SplitSeq(now, "\t") {
		if s != "none" && s != "" {
			list = append(list, s)
		}
	}
	return list
}

// kdeText resolves the escapes of a value (KConfigIniBackend::printableToString). Those of lists stay.
func kdeText(v string) string {
	return strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\s`, " ", `\n`, "\n", `\r`, "\r").Replace(v)
}

// kdeFirst is the first element of a list (KConfigGroup::deserializeList).
func kdeFirst(list string) string {
	var first strings.Builder
	quoted := false
	for _, r := range list {
		switch {
		case !quoted && r == '\\':
			quoted = true
			continue
		case !quoted && r == ',':
			return first.String()
		}
		quoted = false
		first.WriteRune(r)
	}
	return first.String()
}
