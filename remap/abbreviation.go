package remap

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"toshy/remap/key"
)

// Abbreviations is a table of abbreviations. Each is replaced when the user types it as a separate word.
type Abbreviations struct {
	Name   string
	When   *Cond
	Words  []Abbreviation
	Origin Origin
}

// An Abbreviation is what the user types, and the text that replaces it.
type Abbreviation struct {
	Short, Text string
	Origin      Origin
}

// The shortest and the longest abbreviation, in characters.
const (
	ShortestAbbreviation = 2
	LongestAbbreviation  = 16
)

// AbbreviationProblem says what is wrong with an abbreviation; "" means nothing.
func AbbreviationProblem(short string) string {
	switch n := utf8.RuneCountInString(short); {
	case n < ShortestAbbreviation:
		return "an abbreviation has at least two characters: a single one is typed too often"
	case n > LongestAbbreviation:
		return "an abbreviation has at most 16 characters"
	case strings.ContainsFunc(short, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		return "an abbreviation has no blanks: one ends it"
	}
	return ""
}

// replacement is the action for an abbreviation that was typed: it erases the abbreviation and types the text.
func (a *Abbreviation) replacement() *Action {
	n := utf8.RuneCountInString(a.Short)
	list := make([]*Action, n, n+1)
	for i := range list {
		list[i] = eraseOne
	}
	return List(append(list, &Action{Kind: DoText, Text: a.Text})...)
}

// eraseOne erases one character. All replacements have the same one, because there may be many.
var eraseOne = &Action{Kind: DoTap, Combo: key.Combo{Key: key.Backspace}}

// typedWord is the word that the user is typing, if it may still be an abbreviation. It is in memory only during that time,
// and only if the program has abbreviations.
type typedWord struct {
	chars  [4 * LongestAbbreviation]byte
	n      int
	long   bool // longer than any abbreviation
	secret bool // the window is known to ask for a password, or no window is known
}

// newTypedWord is the word of an engine that does not know a window yet.
func newTypedWord() typedWord { return typedWord{secret: true} }

// forget forgets the word.
func (t *typedWord) forget() {
	if t.n > 0 || t.long {
		t.wipe()
	}
}

func (t *typedWord) wipe() {
	clear(t.chars[:t.n])
	t.n, t.long = 0, false
}

// moved says that another window has the focus.
func (t *typedWord) moved(w Window) {
	t.forget()
	t.secret = asksForPasswords(w.App)
}

// add notes a character of the word.
func (t *typedWord) add(r rune) {
	if t.long || t.n+utf8.UTFMax > len(t.chars) {
		t.forget()
		t.long = true
		return
	}
	t.n += utf8.EncodeRune(t.chars[t.n:], r)
}

// back removes the last character.
func (t *typedWord) back() {
	if t.n > 0 {
		_, size := utf8.DecodeLastRune(t.chars[:t.n])
		t.n -= size
		clear(t.chars[t.n : t.n+size])
	}
}

// parts gives the parts of the word that may be an abbreviation, the longest first. A part does not begin in the middle of
// a run of letters and digits.
func (t *typedWord) parts(yield func(part []byte) bool) {
	before := ' '
	for i := 0; i < t.n; {
		r, size := utf8.DecodeRune(t.chars[i:t.n])
		if !inWord(before) && !yield(t.chars[i:t.n]) {
			return
		}
		before, i = r, i+size
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// Programs that show their own window to ask for a password, by the beginning of their class.
var passwordPrograms = []string{
	"pinentry", "gcr-prompter", "polkit", "org.kde.polkit", "lxpolkit", "lxqt-policykit", "mate-polkit", "xfce-polkit", "ksshaskpass", "ssh-askpass",
	"org.kde.ksshaskpass", "seahorse", "org.gnome.seahorse", "kwallet", "org.kde.kwallet", "keepass", "org.keepassxc", "bitwarden", "1password",
	"lightdm", "gdm", "sddm", "greeter", "i3lock", "swaylock", "gtklock", "hyprlock", "xscreensaver", "kscreenlocker", "gksu", "kdesu", "lxqt-sudo",
}

// asksForPasswords says whether a window is known to ask for passwords. An unknown window is treated as one that does.
func asksForPasswords(app string) bool {
	return app == "" || slices.ContainsFunc(passwordPrograms, func(p string) bool {
		return len(app) >= len(p) && strings.EqualFold(app[:len(p)], p)
	})
}

// abbreviated notes key i, which goes out unchanged, and says whether it has ended an abbreviation. If so, the replacement
// is typed instead of the key.
func (e *Engine) abbreviated(i int, id key.Code) bool {
	mods := e.ledger.mods() | e.hand.mods(i)
	r := e.scene.types(id, mods)
	switch {
	case e.scene.passing() || e.word.isSecret() || e.next.inCapitals() || mods&^(key.Shift.Sides()|key.ModSet(1)<<key.RAlt) != 0:
		e.word.forget()
	case id == key.Backspace:
		e.word.back()
	case r == 0:
		e.word.forget()
	case inWord(r):
		e.word.add(r)
	default:
		if ending := e.scene.compiled().endings[r]; ending != nil {
			if a := e.abbreviation(); a != nil {
				e.word.forget()
				e.recordLater(a)
				e.recordLater(ending)
				e.runner.replace(a, ending)
				return true
			}
		}
		if unicode.IsSpace(r) {
			e.word.forget()
		} else {
			e.word.add(r)
		}
	}
	return false
}

// isSecret says whether nothing may be noted at present.
func (t *typedWord) isSecret() bool { return t.secret }

// abbreviation is the replacement for the word that was typed, nil for none.
func (e *Engine) abbreviation() (found *Action) {
	e.word.parts(func(part []byte) bool {
		found = e.scene.replacement(part)
		return found == nil
	})
	return found
}

// replacement is what the active abbreviations have for a word.
func (s *scene) replacement(word []byte) *Action {
	active := s.view.active[len(s.view.active)-len(s.program.abbreviations):]
	for i, m := range s.program.abbreviations {
		if active[i] {
			if a := m[string(word)]; a != nil {
				return a
			}
		}
	}
	return nil
}

// types is the character that a key types with modifiers. 0 means none, or one that needs more than one key.
func (s *scene) types(c key.Code, mods key.ModSet) rune {
	shift := mods&key.Shift.Sides() != 0
	altGr := mods>>key.RAlt&1 != 0
	var r rune
	if l := s.layout(); l != nil && l.Symbols != nil {
		r = l.chars[charKey(c, shift, altGr)]
	} else if !altGr {
		r = usChars[charKey(c, shift, false)]
	}
	if s.keyboard().CapsLock && unicode.IsLetter(r) {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}
	return r
}

// charKey is a keystroke that types one character.
func charKey(c key.Code, shift, altGr bool) uint32 {
	k := uint32(c)
	if shift {
		k |= 1 << 16
	}
	if altGr {
		k |= 1 << 17
	}
	return k
}

// usChars are the characters of a US keyboard by their keystrokes.
var usChars = func() map[uint32]rune {
	m := map[uint32]rune{}
	for r, s := range usStrokes {
		if s.code != 0 {
			m[charKey(s.code, s.shift, false)] = rune(r)
		}
	}
	return m
}()

// characters are those that a single keystroke of the layout types.
func (l *Layout) characters() map[uint32]rune {
	m := map[uint32]rune{charKey(key.Enter, false, false): '\n', charKey(key.Tab, false, false): '\t', charKey(key.Space, false, false): ' '}
	for s, steps := range l.Symbols {
		r, size := utf8.DecodeRuneInString(s)
		if len(steps) == 1 && size == len(s) {
			m[charKey(steps[0].Key, slices.Contains(steps[0].Mods, key.LeftShift), slices.Contains(steps[0].Mods, key.RightAlt))] = r
		}
	}
	return m
}

// endings are the actions that type what can end an abbreviation. They are made beforehand, because a key press must not
// allocate.
func endings() map[rune]*Action {
	m := map[rune]*Action{'\n': Send(key.Combo{Key: key.Enter}), '\t': Send(key.Combo{Key: key.Tab}), ' ': Send(key.Combo{Key: key.Space})}
	for r := rune('!'); r < utf8.RuneSelf-1; r++ {
		if !inWord(r) {
			m[r] = &Action{Kind: DoText, Text: string(r)}
		}
	}
	return m
}

// replace runs a replacement, then types the key that ended the abbreviation.
func (r *runner) replace(a, ending *Action) {
	r.pass = 0
	r.frames = append(r.frames, frame{single: ending, again: true}, frame{single: a, again: true})
	r.runFrames(-1, outside)
}

func (k *checker) abbreviations(m *Abbreviations) map[string]*Action {
	k.table = "abbreviations \"" + m.Name + "\""
	k.cond(m.When, m.Origin)
	table := make(map[string]*Action, len(m.Words))
	for i := range m.Words {
		w := &m.Words[i]
		if p := AbbreviationProblem(w.Short); p != "" {
			k.problem(w.Origin, "%q: %s", w.Short, p)
		}
		table[w.Short] = w.replacement()
		k.action(table[w.Short], w.Origin)
	}
	return table
}
