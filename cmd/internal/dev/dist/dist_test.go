//go:build dist

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"toshy/systemd"
)

// first is the folder with the output of make dist, from the environment.
func first(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TOSHY_DIST")
	if dir == "" {
		t.Fatal("TOSHY_DIST is not set: run this with make packages")
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func only(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("%s in %s: %v", pattern, dir, found)
	}
	return found[0]
}

// The same sources in a folder with another name, outside a repository, give the same files.
func TestReproducible(t *testing.T) {
	made := first(t)
	top, err := filepath.Abs("../../../..")
	must(t, err)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.MkdirAll(elsewhere, 0o755))
	output(t, top, "bash", "-c", `git ls-files -z --cached --others --exclude-standard |
		while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%s\0' "$f"; done |
		tar --null -T - -cf - | tar -xf - -C "$1" --touch`, "copy", elsewhere)
	again := filepath.Join(t.TempDir(), "again")
	output(t, elsewhere, "bash", "-c", `umask 077; export TZ=Asia/Tokyo LC_ALL=C.UTF-8; exec go run ./cmd/internal/dev/dist "$@"`, "dist",
		"-nfpm", os.Getenv("TOSHY_NFPM"), "-o", again, "-revision", os.Getenv("TOSHY_REVISION"), "-epoch", os.Getenv("SOURCE_DATE_EPOCH"))
	c := exec.Command("./repository.sh", again)
	c.Env = append(os.Environ(), "TZ=Asia/Tokyo")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("repository.sh: %v\n%s", err, out)
	}
	if out, err := exec.Command("diff", "-r", made, again).CombinedOutput(); err != nil {
		t.Errorf("diff: %v\n%s", err, out)
	}
}

// Each package has every file of the system configuration in its place, a manual page for each command, and the licences.
func TestContents(t *testing.T) {
	dir := first(t)
	want := []string{
		"/usr/bin/toshy", "/usr/share/man/man1/toshy.1.gz", "/usr/share/man/man1/toshy-run.1.gz",
		"/usr/share/bash-completion/completions/toshy", "/usr/share/fish/vendor_completions.d/toshy.fish",
		"/usr/share/man/man5/toshy.5.gz", "/usr/share/icons/hicolor/scalable/apps/toshy.svg",
		"/usr/share/doc/toshy/docs/tutorial.toml", "/usr/share/doc/toshy/docs/recipes/arrows.toml", "/usr/share/doc/toshy/builtin/mac/terminals.toml",
		"/usr/share/doc/toshy/README.md", "/usr/share/doc/toshy/third-party.txt",
	}
	for _, f := range systemd.Files {
		want = append(want, f.Path)
	}
	for _, arch := range architectures {
		for kind, list := range map[string]string{
			"deb": output(t, dir, "bash", "-c", `dpkg-deb --fsys-tarfile "$1" | tar -t`, "list", only(t, dir, "*_"+arch+".deb")),
			"rpm": output(t, dir, "rpm", "-qlp", only(t, dir, "*."+rpmNames[arch]+".rpm")),
			"tar": regexp.MustCompile(`(?m)^[^/]*/`).ReplaceAllString(output(t, dir, "tar", "-tf", only(t, dir, "*-"+arch+".tar.gz")), "/"),
		} {
			list = "\n" + strings.ReplaceAll(list, "\n./", "\n/") + "\n"
			more := []string{"/usr/share/zsh/site-functions/_toshy", "/usr/share/licenses/toshy/LICENSE"}
			if kind == "deb" {
				more = []string{"/usr/share/zsh/vendor-completions/_toshy", "/usr/share/doc/toshy/copyright"}
			}
			for _, f := range append(more, want...) {
				if !strings.Contains(list, "\n"+f+"\n") {
					t.Errorf("the %s for %s has no %s", kind, arch, f)
				}
			}
			if strings.Contains(list, "rules.d/70-toshy.rules") {
				t.Errorf("the %s for %s lets every program of a user read the keyboards", kind, arch)
			}
		}
	}
}

func TestVersionIsOne(t *testing.T) {
	dir := first(t)
	text, err := os.ReadFile("../../../toshy/VERSION")
	must(t, err)
	version := strings.TrimSpace(string(text))
	changes, err := os.ReadFile("../../../../CHANGELOG.md")
	must(t, err)
	if !bytes.Contains(changes, []byte("\n## ["+version+"]")) {
		t.Errorf("CHANGELOG.md has no section %s", version)
	}
	tilde := strings.Replace(version, "-", "~", 1)
	if got := output(t, dir, "dpkg-deb", "-f", only(t, dir, "*_amd64.deb"), "Version"); got != tilde+"-1\n" {
		t.Errorf("the deb is %q", got)
	}
	if got := output(t, dir, "rpm", "-qp", "--qf", "%{VERSION}-%{RELEASE} %{ARCH}", only(t, dir, "*.aarch64.rpm")); got != tilde+"-1 aarch64" {
		t.Errorf("the rpm is %q", got)
	}
	root := t.TempDir()
	output(t, dir, "dpkg-deb", "-x", only(t, dir, "*_amd64.deb"), root)
	if got := output(t, root, "usr/bin/toshy", "version"); !strings.HasPrefix(got, "toshy "+version+" ("+os.Getenv("TOSHY_REVISION")+")") {
		t.Errorf("toshy version says %q", got)
	}
}

// Lintian checks Debian's policy. data/deb/lintian-overrides lists the complaints that are accepted, with reasons.
func TestLintian(t *testing.T) {
	c := exec.Command("lintian", "--allow-root", "--fail-on", "error,warning", only(t, first(t), "*_amd64.deb"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("lintian: %v\n%s", err, out)
	}
}

// The PKGBUILD is valid shell, and its checksums match the tarballs.
func TestPKGBUILD(t *testing.T) {
	dir := first(t)
	for _, arch := range []string{"x86_64", "aarch64"} {
		out := strings.Fields(output(t, dir, "bash", "-euc", `. ./PKGBUILD; declare -n s=source_$1 c=sha256sums_$1; echo "${s[0]} ${c[0]}"`, "pkgbuild", arch))
		text, err := os.ReadFile(filepath.Join(dir, out[0]))
		must(t, err)
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != out[1] {
			t.Errorf("%s: the sum in PKGBUILD is not that of %s", arch, out[0])
		}
		// package() runs in a folder where makepkg has unpacked the tarball.
		src, pkg := t.TempDir(), t.TempDir()
		output(t, src, "tar", "-xf", filepath.Join(dir, out[0]))
		output(t, src, "bash", "-euc", `. "$1"; CARCH=$2 pkgdir=$3; package`, "package", filepath.Join(dir, "PKGBUILD"), arch, pkg)
		sums := filepath.Join(pkg, "usr/share/toshy/SHA256SUMS")
		output(t, pkg, "sha256sum", "--quiet", "-c", sums)
	}
}

func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("data/deb/p*")
	must(t, err)
	more, err := filepath.Glob("data/rpm/*")
	must(t, err)
	for _, f := range append(scripts, more...) {
		output(t, ".", "shellcheck", "-s", "sh", f)
	}
	text, err := data.ReadFile("data/deb/postinst")
	must(t, err)
	if bytes.Contains(text, []byte("usermod")) || bytes.Contains(text, []byte("gpasswd")) {
		t.Error("the installation adds a user to a group")
	}
}
