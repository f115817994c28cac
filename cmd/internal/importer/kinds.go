package importer

import (
	"bytes"
	"errors"
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
	// Convert converts one file. include reads files that it includes; nil: they are ignored.
	Convert func(name string, source []byte, include Include) (*Result, error)
	// Several converts several files into one configuration; nil: only one file is allowed.
	Several func(files []File, include Include) (*Result, error)

	family string // kinds of one family are converted alike
}

func alone(convert func(string, []byte) (*Result, error)) func(string, []byte, Include) (*Result, error) {
	return func(name string, source []byte, _ Include) (*Result, error) { return convert(name, source) }
}

// Kinds are all kinds, the most common ones first.
var Kinds = []Kind{
	{Name: "toshy", Of: "Toshy (toshy_config.py)", Places: []string{"~/.config/toshy/toshy_config.py"}, Convert: alone(Python), family: "python"},
	{Name: "xwaykeyz", Of: "xwaykeyz", Places: []string{"~/.config/xwaykeyz/config.py"}, Convert: alone(Python), family: "python"},
	{Name: "keyszer", Of: "keyszer", Places: []string{"~/.config/keyszer/config.py"}, Convert: alone(Python), family: "python"},
	{Name: "kinto", Of: "Kinto", Places: []string{"~/.config/kinto/kinto.py"}, Convert: alone(Python), family: "python"},
	{Name: "xkeysnail", Of: "xkeysnail", Places: []string{"~/.config/xkeysnail/config.py"}, Convert: alone(Python), family: "python"},
	{Name: "xremap", Of: "xremap (YAML or TOML)", Places: []string{"~/.config/xremap/config.yml", "~/.config/xremap/config.yaml", "~/.config/xremap/config.toml", "/etc/xremap/config.yml"}, Convert: alone(Xremap), family: "xremap"},
	{Name: "keyd", Of: "keyd", Places: []string{"/etc/keyd/*.conf", "~/.config/keyd/app.conf"}, Convert: Keyd, Several: KeydFiles, family: "keyd"},
	{Name: "kanata", Of: "kanata (.kbd)", Places: []string{"~/.config/kanata/*.kbd", "/etc/kanata/*.kbd"}, Convert: Kanata, family: "kanata"},
	{Name: "keymapper", Of: "keymapper (keymapper.conf)", Places: []string{"~/.config/keymapper.conf", "~/.config/keymapper/keymapper.conf", "/etc/keymapper.conf"}, Convert: Keymapper, family: "keymapper"},
	{Name: "input-remapper", Of: "input-remapper (a preset)", Places: []string{"~/.config/input-remapper-2/presets/*/*.json", "~/.config/input-remapper/presets/*/*.json"}, Convert: alone(InputRemapper), family: "input-remapper"},
	{Name: "karabiner", Of: "Karabiner-Elements (karabiner.json, or complex modifications)", Places: []string{"~/.config/karabiner/karabiner.json"}, Convert: alone(Karabiner), family: "karabiner"},
	{Name: "evremap", Of: "evremap", Places: []string{"/etc/evremap.toml", "~/.config/evremap.toml"}, Convert: alone(Evremap), family: "evremap"},
	{Name: "dual-function-keys", Of: "dual-function-keys of Interception Tools", Places: []string{"/etc/interception/dual-function-keys/*.yaml", "/etc/dual-function-keys.yaml"}, Convert: alone(DualFunctionKeys), family: "dual-function-keys"},
	{Name: "kmonad", Of: "kmonad (.kbd)", Places: []string{"~/.config/kmonad/*.kbd", "/etc/kmonad/*.kbd"}, Convert: alone(Kmonad), family: "kmonad"},
}

// KindNamed finds a kind by its name.
func KindNamed(name string) *Kind {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return &Kinds[i]
}

// Read checks whether a file is of a kind, and converts it. With an error, there may be a result that says why it is empty.
func (k *Kind) Read(name string, source []byte, include Include) (*Result, error) {
	return k.ReadFiles([]File{{name, source}}, include)
}

// ReadFiles converts files that together form one configuration.
func (k *Kind) ReadFiles(files []File, include Include) (*Result, error) {
	if len(files) > 1 && k.Several == nil {
		return nil, fmt.Errorf("a configuration of %s is one file. Convert %s by itself", k.Name, files[1].Name)
	}
	files = slices.Clone(files)
	for i := range files {
		f := &files[i]
		var err error
		if f.Source, err = text(f.Name, f.Source); err != nil {
			return nil, err
		}
		switch other := guess(f.Name, string(f.Source)); {
		case other == nil && ownTable().MatchString(string(f.Source)):
			return nil, errOwn(f.Name)
		case other != nil && other.family != k.family:
			return nil, fmt.Errorf("%s is not a configuration of %s. It looks like one of %s: toshy import %s FILE", f.Name, k.Name, other.Name, other.Name)
		}
	}
	var r *Result
	var err error
	if len(files) > 1 {
		r, err = k.Several(files, include)
	} else {
		r, err = k.Convert(files[0].Name, files[0].Source, include)
	}
	if err == nil {
		r.explainUnusedLayers(files)
	}
	if err == nil && r.Entries == 0 && r.Settings == 0 && !r.Builtin {
		return r, fmt.Errorf("nothing in %s can be converted as a configuration of %s. Is the file for another remapper, or empty?", files[0].Name, k.Name)
	}
	return r, err
}

// ErrUnclear says that a file is text but does not look like any remapper's.
var ErrUnclear = errors.New("toshy cannot tell which remapper this file is for. Name it: toshy import KIND FILE")

// Detect finds the kind of a file from its name and its content.
func Detect(name string, source []byte) (*Kind, error) {
	source, err := text(name, source)
	if err != nil {
		return nil, err
	}
	if k := guess(name, string(source)); k != nil {
		return k, nil
	}
	if ownTable().MatchString(string(source)) {
		return nil, errOwn(name)
	}
	return nil, fmt.Errorf("%s: %w", name, ErrUnclear)
}

// ownTable is what only toshy's own configurations have.
var ownTable = pattern(`(?m)^extends\s*=|^\[(?:keymap|modmap|layer|chord)\.`)

func errOwn(name string) error {
	return fmt.Errorf("%s is in toshy's own language, so there is nothing to convert", name)
}

// text is a file's content as UTF-8 text, without a byte order mark.
func text(name string, source []byte) ([]byte, error) {
	switch {
	case len(source) > config.MaxFileSize:
		return nil, fmt.Errorf("%s is larger than %d KiB", name, config.MaxFileSize>>10)
	case bytes.HasPrefix(source, []byte{0xff, 0xfe}), bytes.HasPrefix(source, []byte{0xfe, 0xff}):
		return nil, fmt.Errorf("%s is UTF-16 text: save it as UTF-8", name)
	case bytes.IndexByte(source, 0) >= 0:
		return nil, fmt.Errorf("%s is not a text file: it contains zero bytes", name)
	case !utf8.Valid(source):
		return nil, fmt.Errorf("%s is not UTF-8 text: save it as UTF-8", name)
	}
	return bytes.TrimPrefix(source, []byte("\ufeff")), nil
}

// A clue is a pattern that only configurations of one kind have.
type clue struct {
	kind string
	ends []string // of the file's name; none: any
	has  func() *regexp.Regexp
}

// guess returns the kind that a file looks like, nil for none.
func guess(name, source string) *Kind {
	if filepath.Base(name) == "app.conf" && appSection().MatchString(source) { // of keyd-application-mapper
		return KindNamed("keyd")
	}
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

var appSection = pattern(`(?m)^\s*\[.+\]\s*$`)

// The clues, in search order.
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
	{"keymapper", []string{".conf"}, pattern(`(?m)^[^#\n]*\S\s*>>|^\s*@include(?:-optional)?\s`)},
}
