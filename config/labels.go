package config

import (
	"fmt"
	"strconv"
	"strings"

	"toshy/remap/key"
)

// What keys are called on keyboards that are not English, and what configurations here call them: German, French, Spanish, Italian.
var labelWords = map[string]string{
	"feststell": "CapsLock", "feststelltaste": "CapsLock", "verrmaj": "CapsLock", "bloqmayus": "CapsLock", "blocmaiusc": "CapsLock",
	"entf": "Delete", "suppr": "Delete", "supr": "Delete", "canc": "Delete", "einfg": "Insert", "inser": "Insert",
	"pos1": "Home", "inicio": "Home", "ende": "End", "fin": "End", "fine": "End",
	"bildauf": "PageUp", "bildab": "PageDown", "repag": "PageUp", "avpag": "PageDown",
	"eingabe": "Enter", "entrée": "Enter", "entree": "Enter", "intro": "Enter", "invio": "Enter",
	"rücktaste": "Backspace", "retour": "Backspace", "retroceso": "Backspace", "leertaste": "Space", "espace": "Space", "espacio": "Space", "spazio": "Space",
	"tabulator": "Tab", "échap": "Esc", "echap": "Esc", "druck": "SysRq", "impécr": "SysRq", "imprpant": "SysRq", "stamp": "SysRq",
	"links": "Left", "rechts": "Right", "oben": "Up", "unten": "Down", "gauche": "Left", "droite": "Right", "haut": "Up", "bas": "Down",
	"izquierda": "Left", "derecha": "Right", "arriba": "Up", "abajo": "Down",
}

// labelMods are the labels of modifiers.
var labelMods = map[string]string{
	"strg": "Ctrl", "umschalt": "Shift", "maj": "Shift", "mayús": "Shift", "mayus": "Shift", "maiusc": "Shift", "befehl": "Cmd", "wahl": "Opt", "commande": "Cmd", "comando": "Cmd", "opción": "Opt", "opzione": "Opt",
}

// labelHint says what a word on a keyboard is called here; "" for another word.
func labelHint(low string) string {
	low = strings.NewReplacer(" ", "", "_", "", ".", "").Replace(low)
	if w := labelWords[low] + labelMods[low]; w != "" {
		return fmt.Sprintf("write %s: keys have the names of a US keyboard", w)
	}
	return ""
}

// numberHint names the key whose code in the kernel is this number; "" for another word.
func numberHint(word string) string {
	n, err := strconv.ParseUint(word, 10, 16)
	if err != nil || n < 10 { // 0 to 9 are keys
		return ""
	}
	for _, name := range keyNames() {
		if c, ok := key.Parse(name); ok && c == key.Code(n) {
			return fmt.Sprintf("the key with the code %d is called %s", n, c)
		}
	}
	return ""
}

// padHint is for keys of the keypad; "" for another word.
func padHint(low string) string {
	for _, prefix := range []string{"numpad", "num", "keypad", "kp_", "numpad_", "keypad_"} {
		rest, found := strings.CutPrefix(low, prefix)
		if c, ok := key.Parse("kp" + strings.TrimPrefix(rest, "_")); found && ok {
			return fmt.Sprintf("write %s", keypad(c))
		}
	}
	return ""
}

// keypad spells a key of the keypad as the documents do.
func keypad(c key.Code) string {
	s := c.String()
	return "KP" + strings.ToUpper(s[2:3]) + s[3:]
}

// letterHint is for a letter that a US keyboard does not have; "" for another word.
func letterHint(word string) string {
	r := []rune(word)
	if len(r) != 1 || r[0] < 0x80 {
		return ""
	}
	return fmt.Sprintf(`a key has the name that it has on a US keyboard, whatever your layout types there: run "toshy keys --press" and press the key with %s`, word)
}
