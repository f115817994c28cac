package importer

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"toshy/config"
)

// A Kind is a remapper whose configurations can be converted.
type Kind struct {
	Name   string   // as the command has it
	Of     string   // the remapper, and what its file is called
	Places []string // where the remapper keeps its file, with ~ for the home folder and patterns
	// Convert converts one file. include reads files that it includes; nil: they are not read.
	Convert func(name string, source []byte, include Include) (*Result, error)

	family string // kinds of one family are converted alike
}

func alone(convert func(string, []byte) (*Result, error)) func(string, []byte, Include) (*Result, error) {
	return func(name string, source []byte, _ Include) (*Result, error) { return convert(name, source) }
}

// Kinds are all kinds, the most usual ones first.
var Kinds = []Kind{
	{"toshy", "Toshy (toshy_config.py)", []string{"~/.config/toshy/toshy_config.py"}, alone(Python), "python"},
	{"xwaykeyz", "xwaykeyz", []string{"~/.config/xwaykeyz/config.py"}, alone(Python), "python"},
	{"keyszer", "keyszer", []string{"~/.config/keyszer/config.py"}, alone(Python), "python"},
	{"kinto", "Kinto", []string{"~/.config/kinto/kinto.py"}, alone(Python), "python"},
	{"xkeysnail", "xkeysnail", []string{"~/.config/xkeysnail/config.py"}, alone(Python), "python"},
	{"xremap", "xremap (YAML or TOML)", []string{"~/.config/xremap/config.yml", "~/.config/xremap/config.yaml", "~/.config/xremap/config.toml", "/etc/xremap/config.yml"}, alone(Xremap), "xremap"},
	{"keyd", "keyd", []string{"/etc/keyd/*.conf"}, Keyd, "keyd"},
	{"kanata", "kanata (.kbd)", []string{"~/.config/kanata/*.kbd", "/etc/kanata/*.kbd"}, Kanata, "kanata"},
	{"keymapper", "keymapper (keymapper.conf)", []string{"~/.config/keymapper.conf", "~/.config/keymapper/keymapper.conf", "/etc/keymapper.conf"}, alone(Keymapper), "keymapper"},
	{"input-remapper", "input-remapper (a preset)", []string{"~/.config/input-remapper-2/presets/*/*.json", "~/.config/input-remapper/presets/*/*.json"}, alone(InputRemapper), "input-remapper"},
	{"karabiner", "Karabiner-Elements (karabiner.json, or complex modifications)", []string{"~/.config/karabiner/karabiner.json"}, alone(Karabiner), "karabiner"},
	{"evremap", "evremap", []string{"/etc/evremap.toml", "~/.config/evremap.toml"}, alone(Evremap), "evremap"},
	{"dual-function-keys", "dual-function-keys of Interception Tools", []string{"/etc/interception/dual-function-keys/*.yaml", "/etc/dual-function-keys.yaml"}, alone(DualFunctionKeys), "dual-function-keys"},
	{"kmonad", "kmonad (.kbd)", []string{"~/.config/kmonad/*.kbd", "/etc/kmonad/*.kbd"}, alone(Kmonad), "kmonad"},
}

// KindNamed finds a kind by its name.
func KindNamed(name string) *Kind {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return &Kinds[i]
}

// Read converts a file as a kind, after a look at whether it is of that kind. With an error there may be a result that says
// why nothing is in it.
func (k *Kind) Read(name string, source []byte, include Include) (*Result, error) {
	source, err := text(name, source)
	if err != nil {
		return nil, err
	}
	if other := guess(name, string(source)); other != nil && other.family != k.family {
		return nil, fmt.Errorf("%s is no configuration of %s: it looks like one of %s (toshy import %s FILE)", name, k.Name, other.Name, other.Name)
	}
	r, err := k.Convert(name, source, include)
	if err == nil && r.Entries == 0 && r.Settings == 0 && !r.Builtin {
		return r, fmt.Errorf("nothing in %s can be converted as a configuration of %s: is it of another kind, or empty?", name, k.Name)
	}
	return r, err
}

// Detect finds the kind of a file by its name and by what stands in it.
func Detect(name string, source []byte) (*Kind, error) {
	source, err := text(name, source)
	if err != nil {
		return nil, err
	}
	if k := guess(name, string(source)); k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("%s: it is not clear which remapper this file is for; say so: toshy import KIND FILE", name)
}

// text is a file's content as UTF-8 text, without the mark of its beginning.
func text(name string, source []byte) ([]byte, error) {
	switch {
	case len(source) > config.MaxFileSize:
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	case bytes.HasPrefix(source, []byte{0xff, 0xfe}), bytes.HasPrefix(source, []byte{0xfe, 0xff}):
		return nil, fmt.Errorf("%s is text in UTF-16: save it as UTF-8", name)
	case bytes.IndexByte(source, 0) >= 0:
		return nil, fmt.Errorf("%s is no text: it has bytes that are zero", name)
	case !utf8.Valid(source):
		return nil, fmt.Errorf("%s is not text in UTF-8: save it as that", name)
	}
	return bytes.TrimPrefix(source, []byte("\ufeff")), nil
}

// A clue is a pattern that only configurations of one kind have.
type clue struct {
	kind string
	ends []string // of the file's name; none: any
	has  func() *regexp.Regexp
}

// guess says of which kind a file looks, nil for none.
func guess(name, source string) *Kind {
	end := strings.ToLower(filepath.Ext(name))
	for i := range clues {
		c := &clues[i]
		if len(c.ends) > 0 && end != "" && !slices.Contains(c.ends, end) {
			continue
		}
		if c.has().MatchString(source) {
			return KindNamed(c.kind)
		}
	}
	return nil
}

// clues in the order in which they are looked for.
var clues = []clue{
	{"toshy", []string{".py"}, pattern(`SLICE_MARK_START|\btoshy_common\b`)},
	{"xwaykeyz", []string{".py"}, pattern(`\bxwaykeyz\b`)},
	{"keyszer", []string{".py"}, pattern(`\bkeyszer\b`)},
	{"kinto", []string{".py"}, pattern(`(?i)\bkinto\b`)},
	{"xkeysnail", []string{".py"}, pattern(`\bxkeysnail\b|\bdefine_(?:conditional_)?(?:multipurpose_)?(?:modmap|keymap)\s*\(`)},
	{"xwaykeyz", []string{".py"}, pattern(`(?m)^\s*(?:keymap|modmap|multipurpose_modmap)\s*\(`)},
	{"xremap", []string{".yml", ".yaml", ".json"}, pattern(`(?m)^\s*["{]*\s*"?(?:modmap|keymap|virtual_modifiers)"?\s*:`)},
	{"xremap", []string{".toml"}, pattern(`(?m)^\s*\[\[\s*(?:modmap|keymap)\s*\]\]|^\s*(?:modmap|keymap)\s*=\s*\[`)},
	{"kmonad", []string{".kbd"}, pattern(`(?m)^[^;\n]*\((?:device-file|low-level-hook|iokit-name|uinput-sink|send-event-sink|kext)\b`)},
	{"kanata", []string{".kbd"}, pattern(`\((?:defsrc|deflayermap|defcfg)\b`)},
	{"evremap", []string{".toml"}, pattern(`(?m)^\s*\[\[\s*(?:dual_role|remap)\s*\]\]`)},
	{"dual-function-keys", []string{".yml", ".yaml"}, pattern(`(?m)^\s*MAPPINGS\s*:`)},
	{"karabiner", []string{".json"}, pattern(`"(?:complex_modifications|manipulators|simple_modifications)"\s*:`)},
	{"input-remapper", []string{".json"}, pattern(`"(?:input_combination|output_symbol)"\s*:|"mapping"\s*:\s*\{\s*"\d+,\d+`)},
	{"keyd", []string{".conf"}, pattern(`(?m)^\s*\[ids\]\s*$`)},
	{"keymapper", []string{".conf"}, pattern(`(?m)^[^#\n]*\S\s*>>`)},
}
