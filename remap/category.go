package remap

import "strings"

// Limits for a window's categories. A program may claim any number of them.
const (
	maxCategories = 32
	maxCategory   = 64 // bytes
)

// CategoryList writes an application's categories in the form that a Window has and conditions search: ";A;B;". It leaves
// out invalid names and everything over the limits.
func CategoryList(names []string) string {
	var b strings.Builder
	n := 0
	for _, name := range names {
		if !IsCategory(name) || n == maxCategories {
			continue
		}
		if n++; n == 1 {
			b.WriteByte(';')
		}
		b.WriteString(name)
		b.WriteByte(';')
	}
	return b.String()
}

// CategoryNames splits a list written by CategoryList.
func CategoryNames(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ';' })
}

// InCategory is the condition that the application belongs to a category.
func InCategory(name string) Cond {
	return Cond{Op: CondWithin, Field: FieldCategories, Strings: []string{";" + name + ";"}, Fold: true}
}

// IsCategory says whether a text can be the name of a category: letters, digits, - and _.
func IsCategory(name string) bool {
	if name == "" || len(name) > maxCategory {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
