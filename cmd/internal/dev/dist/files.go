package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"toshy/cmd/internal/setup"
	"toshy/config"
	"toshy/systemd"
)

// A file is a file of a package.
type file struct {
	Path     string // in the system
	Source   string // here
	Mode     os.FileMode
	Packager string // "deb", "rpm", or "" for all packages and the tarball
}

// stage writes a file of a package to the work folder.
func (d *dist) stage(name string, text []byte) (string, error) {
	path := filepath.Join(d.work, "files", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return "", err
	}
	return path, os.Chtimes(path, d.epoch, d.epoch)
}

// list collects files until the first error.
type list struct {
	d     *dist
	files []file
	err   error
}

func (l *list) add(path string, text []byte, err error, packager ...string) {
	if l.err = firstError(l.err, err); l.err != nil {
		return
	}
	f := file{Path: path, Mode: 0o644, Packager: strings.Join(packager, "")}
	f.Source, l.err = l.d.stage(f.Packager+path, text)
	l.files = append(l.files, f)
}

func (l *list) copy(path, source string, packager ...string) {
	text, err := os.ReadFile(source)
	l.add(path, text, err, packager...)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// commonFiles are the files that are the same on all architectures.
func (d *dist) commonFiles() ([]file, error) {
	l := &list{d: d}
	for _, f := range systemd.Files {
		text, err := systemd.FS.ReadFile(f.Name)
		l.add(f.Path, text, err)
	}

	// Manual pages and completions come from the program itself.
	generator := filepath.Join(d.work, "generate")
	if _, err := d.command(nil, "go", "build", "-buildvcs=false", "-tags", "man", "-o", generator, "./cmd/toshy"); err != nil {
		return nil, err
	}
	pages := filepath.Join(d.work, "man")
	if _, err := d.command(nil, generator, "man", pages); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(pages)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(pages, e.Name()))
		if err == nil {
			text, err = gzipped(text)
		}
		l.add("/usr/share/man/man"+strings.TrimPrefix(filepath.Ext(e.Name()), ".")+"/"+e.Name()+".gz", text, err)
	}
	bash, err := d.command(nil, generator, "completion", "bash")
	l.add("/usr/share/bash-completion/completions/toshy", bash, err)
	fish, err := d.command(nil, generator, "completion", "fish")
	l.add("/usr/share/fish/vendor_completions.d/toshy.fish", fish, err)
	zsh, err := d.command(nil, generator, "completion", "zsh")
	l.add("/usr/share/zsh/vendor-completions/_toshy", zsh, err, "deb") // Debian's place
	l.add("/usr/share/zsh/site-functions/_toshy", zsh, err, "rpm")

	const doc = "/usr/share/doc/toshy/"
	l.documents(doc)
	builtin, err := config.BuiltinFiles()
	l.err = firstError(l.err, err)
	for _, name := range slices.Sorted(maps.Keys(builtin)) {
		l.add(doc+"builtin/"+name, builtin[name], nil)
	}
	changes, err := os.ReadFile("CHANGELOG.md")
	if err == nil {
		changes, err = gzipped(changes)
	}
	l.add(doc+"changelog.gz", changes, err)
	debian, err := expand("deb/changelog", map[string]string{
		"Version": d.debianVersion(), "Maintainer": maintainer, "Date": d.epoch.Format(time.RFC1123Z),
	})
	if err == nil {
		debian, err = gzipped(debian)
	}
	l.add(doc+"changelog.Debian.gz", debian, err, "deb")
	copyright, err := data.ReadFile("data/copyright")
	l.add(doc+"copyright", copyright, err, "deb") // names Debian's copy of the licence
	l.copy("/usr/share/licenses/toshy/LICENSE", "LICENSE", "rpm")
	others, err := d.thirdParty()
	l.add(doc+"third-party.txt", others, err)
	overrides, err := data.ReadFile("data/deb/lintian-overrides")
	l.add("/usr/share/lintian/overrides/toshy", overrides, err, "deb")
	return l.files, l.err
}

// documents adds README.md and the content of docs, with the same relative places as in the sources, so that links between
// them work. It removes links to files that are not installed beside them.
func (l *list) documents(doc string) {
	for _, pattern := range setup.DocumentPatterns {
		files, err := filepath.Glob(pattern)
		l.err = firstError(l.err, err)
		if len(files) == 0 {
			l.err = firstError(l.err, fmt.Errorf("there is no %s", pattern))
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if strings.HasSuffix(f, ".md") {
				text = toChangelog.ReplaceAll(setup.WithoutSources(text), []byte("](${1}changelog.gz)"))
			}
			l.add(doc+f, text, err)
		}
	}
}

// toChangelog is a link to the list of changes, which is compressed when installed.
var toChangelog = regexp.MustCompile(`\]\((\.\./)?CHANGELOG\.md\)`)

// debianVersion is the release as nfpm writes it: a version with a hyphen comes before the release itself.
func (d *dist) debianVersion() string { return strings.Replace(d.release, "-", "~", 1) + "-1" }

// filesFor are all files of an architecture, sorted by path.
func (d *dist) filesFor(arch string, common []file) ([]file, error) {
	flags := "-s -w -X runtime.godebugDefault=disablethp=1,clobberfree=1" // see Makefile
	if d.revision != "" {
		flags += " -X main.version=" + d.revision
	}
	files := slices.Clone(common)
	for _, name := range programs {
		program := filepath.Join(d.work, arch, name)
		// Without VCS stamps: they say whether the tree is clean, which does not change the content.
		if _, err := d.command([]string{"GOOS=linux", "GOARCH=" + arch}, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags,
			"-o", program, "./cmd/"+name); err != nil {
			return nil, err
		}
		if err := os.Chtimes(program, d.epoch, d.epoch); err != nil {
			return nil, err
		}
		files = append(files, file{Path: "/usr/bin/" + name, Source: program, Mode: 0o755})
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// programs are the folders in cmd of the programs that people run.
var programs = []string{"toshy", "toshy-tray", "toshy-ui"}

// gzipped is the output of gzip -9n: without name and date.
func gzipped(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text)
	err = firstError(err, w.Close())
	return b.Bytes(), err
}

// licence has the names of modules' top-level licence files.
var licence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)`)

// thirdParty has the licences of the modules in the program.
func (d *dist) thirdParty() ([]byte, error) {
	modules, err := d.modules()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, "toshy contains these modules, under these licences.")
	for _, m := range modules {
		entries, err := os.ReadDir(m.dir)
		if err != nil {
			return nil, err
		}
		var texts []string
		for _, e := range entries {
			if licence.MatchString(e.Name()) {
				texts = append(texts, filepath.Join(m.dir, e.Name()))
			}
		}
		if len(texts) == 0 {
			return nil, fmt.Errorf("module %s %s: no licence in %s", m.path, m.version, m.dir)
		}
		for _, path := range texts {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, "\n%s\n%s %s, %s\n\n%s\n", strings.Repeat("-", 78), m.path, m.version, filepath.Base(path), bytes.TrimSpace(text))
		}
	}
	return b.Bytes(), nil
}
