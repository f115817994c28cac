package filewatch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks bounds the links on the way to a file, like the kernel (path_resolution(7)).
const maxLinks = 40

// located returns the absolute paths whose change means that files have changed: the files themselves; their folders, which
// may be removed and created again; the parents that must be created first; and every link on the way. A configuration of
// NixOS or Home Manager is a link into a generation, through other links, and one in the middle changes:
// /etc/toshy/config.toml, /etc/static, /nix/store/...-etc/etc.
func located(files []string) (all []string) {
	add := func(path string) {
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	for _, f := range files {
		abs, err := filepath.Abs(f)
		if err != nil {
			abs = f
		}
		add(abs)
		for dir := filepath.Dir(abs); dir != "/"; dir = filepath.Dir(dir) {
			add(dir)
			if _, err := os.Stat(dir); err == nil { // a missing folder cannot be watched
				break
			}
		}
		for _, link := range links(abs) {
			add(link)
		}
	}
	return all
}

// links lists the links on the way to a file, and the file that they lead to.
func links(path string) (all []string) {
	at, rest := "/", strings.Split(strings.Trim(path, "/"), "/")
	for n := 0; len(rest) > 0; {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		to, err := os.Readlink(next)
		if err != nil { // not a link, or does not exist yet
			at = next
			continue
		}
		if n++; n > maxLinks {
			return all
		}
		all = append(all, next)
		if !filepath.IsAbs(to) {
			to = filepath.Join(at, to)
		}
		rest = append(strings.Split(strings.Trim(to, "/"), "/"), rest...)
		at = "/"
	}
	if len(all) > 0 {
		all = append(all, at)
	}
	return all
}
