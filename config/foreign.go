package config

import (
	"regexp"
	"sync"
)

// A foreignKind is another remapper, with texts that only its files contain. It only serves for a hint. Package importer,
// which converts the files, distinguishes them more precisely.
type foreignKind struct {
	name string // as in "toshy import"
	has  func() *regexp.Regexp
}

func only(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var foreignKinds = []foreignKind{
	{"kmonad", only(`(?m)^[^;\n]*\((?:device-file|low-level-hook|iokit-name|uinput-sink|kext)\b`)},
	{"kanata", only(`(?m)^\s*\((?:defsrc|deflayer|deflayermap|defcfg|defalias|defvar)\b`)},
	{"xremap", only(`(?m)^\s*(?:- )?(?:modmap|keymap|virtual_modifiers)\s*:|^\s*\[\[\s*(?:modmap|keymap)\s*\]\]`)},
	{"evremap", only(`(?m)^\s*\[\[\s*(?:dual_role|remap)\s*\]\]`)},
	{"dual-function-keys", only(`(?m)^\s*MAPPINGS\s*:`)},
	{"karabiner", only(`"(?:complex_modifications|manipulators|simple_modifications)"\s*:`)},
	{"input-remapper", only(`"(?:input_combination|output_symbol)"\s*:`)},
	{"keyd", only(`(?m)^\s*\[ids\]\s*$`)},
	{"keymapper", only(`(?m)^[^#"'\n]*\S\s*>>\s`)},
	{"toshy", only(`\btoshy_common\b|SLICE_MARK_START`)},
	{"xwaykeyz", only(`(?m)^\s*(?:from|import)\s+xwaykeyz\b|^\s*(?:keymap|modmap|multipurpose_modmap)\s*\(`)},
	{"keyszer", only(`(?m)^\s*(?:from|import)\s+keyszer\b`)},
	{"xkeysnail", only(`(?m)^\s*(?:from|import)\s+xkeysnail\b|^\s*define_(?:conditional_)?(?:multipurpose_)?(?:modmap|keymap)\s*\(`)},
}

// maxForeign is how much of a file is searched.
const maxForeign = 64 << 10

// foreign names the remapper whose configuration a text seems to be, "" for none.
func foreign(text string) string {
	text = text[:min(len(text), maxForeign)]
	for i := range foreignKinds {
		if foreignKinds[i].has().MatchString(text) {
			return foreignKinds[i].name
		}
	}
	return ""
}

// foreignHint is the hint for another remapper's file, "" for a file that may be toshy's.
func foreignHint(src *source) string {
	name := foreign(src.text)
	if name == "" {
		return ""
	}
	return "this looks like a configuration of " + name + "; convert it with: toshy import " + name + " " + src.name
}
