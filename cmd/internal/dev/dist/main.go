// dist builds the packages from which people install toshy: for amd64 and arm64 a .deb, an .rpm and a tarball, and a
// PKGBUILD for Arch Linux that uses the tarballs.
//
//	go run ./cmd/internal/dev/dist -nfpm PATH [-o DIR]        at the top of the repository; make dist does it
//
// The same sources give the same files, byte for byte, in any folder and at any time: nothing in them says where or when
// they were made. Their date is the commit's.
package main

import (
	"embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// data are scripts of packages, templates and texts.
//
//go:embed data
var data embed.FS

// architectures are Go's names of all supported architectures.
var architectures = []string{"amd64", "arm64"}

const (
	summary    = "keyboard remapper with the shortcuts of a Mac in every application"
	maintainer = "The toshy developers <toshy@toshy.org>"
)

// dist is one build of everything.
type dist struct {
	out      string // where the results go
	work     string // where they are made
	nfpm     string // the packager
	release  string // cmd/toshy/VERSION
	revision string // the commit, "" outside of a repository
	epoch    time.Time
	url      string // where the tarballs will be
	arch     []string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run() error {
	var d dist
	flag.StringVar(&d.out, "o", "dist", "`folder` for the results")
	flag.StringVar(&d.nfpm, "nfpm", "nfpm", "`path` of the packager")
	flag.StringVar(&d.url, "url", "", "`URL` of the folder that the tarballs will be published in, for the PKGBUILD; without one they lie beside it")
	flag.StringVar(&d.revision, "revision", gitRevision(), "`commit` that toshy version names")
	epoch := flag.String("epoch", sourceDate(), "date of all files, in `seconds` since 1970; SOURCE_DATE_EPOCH, or the commit's")
	arch := flag.String("arch", strings.Join(architectures, ","), "only these `architectures`, and no PKGBUILD, which is for all")
	flag.Parse()
	d.arch = strings.Split(*arch, ",")

	seconds, err := strconv.ParseInt(*epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("no date for the files: give -epoch or SOURCE_DATE_EPOCH, or build in a git repository: %w", err)
	}
	d.epoch = time.Unix(seconds, 0).UTC()
	version, err := os.ReadFile("cmd/toshy/VERSION")
	if err != nil {
		return fmt.Errorf("%w: run this at the top of the repository", err)
	}
	d.release = strings.TrimSpace(string(version))
	if d.work, err = os.MkdirTemp("", "toshy-dist-"); err != nil {
		return err
	}
	defer os.RemoveAll(d.work)
	if err := os.MkdirAll(d.out, 0o755); err != nil {
		return err
	}
	return d.build()
}

func (d *dist) build() error {
	common, err := d.commonFiles()
	if err != nil {
		return err
	}
	sums := map[string]string{}
	for _, arch := range d.arch {
		files, err := d.filesFor(arch, common)
		if err != nil {
			return err
		}
		for _, kind := range []string{"deb", "rpm"} {
			if err := d.pack(kind, arch, files); err != nil {
				return err
			}
		}
		if sums[arch], err = d.tarball(arch, files); err != nil {
			return err
		}
	}
	if !slices.Equal(d.arch, architectures) {
		return nil
	}
	return firstError(d.pkgbuild(sums), d.sbom(), d.sums())
}

func (d *dist) say(path string) {
	if st, err := os.Stat(path); err == nil {
		fmt.Printf("dist: %s, %.1f MB\n", path, float64(st.Size())/1e6)
	}
}

// command runs a program and returns its standard output.
func (d *dist) command(env []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "SOURCE_DATE_EPOCH="+strconv.FormatInt(d.epoch.Unix(), 10), "TZ=UTC", "LC_ALL=C")
	c.Env = append(c.Env, env...)
	var complaint strings.Builder
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", filepath.Base(name)+" "+strings.Join(args, " "), err, out, complaint.String())
	}
	return out, nil
}

// git returns git's output, or "" if there is no repository.
func git(args ...string) string {
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func gitRevision() string {
	return git("describe", "--always", "--abbrev=12", "--exclude=*", "--dirty")
}

func sourceDate() string {
	if s := os.Getenv("SOURCE_DATE_EPOCH"); s != "" {
		return s
	}
	return git("log", "-1", "--format=%ct")
}
