package remap

import "toshy/remap/key"

// level3Keys are the 47 keys that type a character on a US keyboard, except Space.
const level3Keys = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"

// Level3Entries are the entries that send right Alt (level 3 of most layouts) for left Alt, with and without Shift, for
// each key that types a character.
func Level3Entries() []Entry {
	var all []Entry
	for _, c := range level3Keys {
		k, _ := key.Parse(string(c))
		all = append(all,
			Entry{Combo: key.Combo{Mods: []key.Mod{key.LAlt}, Key: k}, Action: Send(key.Combo{Mods: []key.Mod{key.RAlt}, Key: k})},
			Entry{Combo: key.Combo{Mods: []key.Mod{key.Shift, key.LAlt}, Key: k}, Action: Send(key.Combo{Mods: []key.Mod{key.Shift, key.RAlt}, Key: k})})
	}
	return all
}
