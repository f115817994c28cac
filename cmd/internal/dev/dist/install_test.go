//go:build dist

package main

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// SHA256SUMS lists every file, and the SBOM every module that the programs contain by their own account.
func TestSumsAndSBOM(t *testing.T) {
	dir := first(t)
	checked := output(t, dir, "sha256sum", "-c", "SHA256SUMS")
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if !e.IsDir() && e.Name() != "SHA256SUMS" && !strings.Contains(checked, e.Name()+": OK\n") {
			t.Errorf("SHA256SUMS has no %s", e.Name())
		}
	}
	text, err := os.ReadFile(only(t, dir, "*.spdx.json"))
	must(t, err)
	var bill struct {
		Version  string `json:"spdxVersion"`
		Packages []struct {
			ID      string `json:"SPDXID"`
			Name    string
			Version string `json:"versionInfo"`
		}
		Relationships []struct {
			Related string `json:"relatedSpdxElement"`
		}
	}
	must(t, json.Unmarshal(text, &bill))
	listed, related := map[string]bool{}, map[string]bool{}
	for _, r := range bill.Relationships {
		related[r.Related] = true
	}
	for _, p := range bill.Packages {
		listed[p.Name+" "+p.Version] = true
		if !related[p.ID] {
			t.Errorf("no relationship connects %s with toshy", p.Name)
		}
	}
	root := t.TempDir()
	output(t, dir, "dpkg-deb", "-x", only(t, dir, "*_amd64.deb"), root)
	for _, name := range programs {
		info, err := buildinfo.ReadFile(filepath.Join(root, "usr/bin", name))
		must(t, err)
		if !listed["std "+strings.TrimPrefix(info.GoVersion, "go")] {
			t.Errorf("the standard library of %s is not listed", name)
		}
		for _, m := range info.Deps {
			if !listed[m.Path+" "+m.Version] {
				t.Errorf("%s contains %s %s, which is not listed", name, m.Path, m.Version)
			}
		}
	}
}

// apt finds the package in the repository and downloads it completely.
func TestApt(t *testing.T) {
	dir, root := first(t), t.TempDir()
	for _, d := range []string{"lists/partial", "archives/partial"} {
		must(t, os.MkdirAll(filepath.Join(root, d), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(root, "status"), nil, 0o644))
	source := "deb [trusted=yes] file://" + filepath.Join(dir, "repository/apt") + " stable main\n"
	must(t, os.WriteFile(filepath.Join(root, "sources.list"), []byte(source), 0o644))
	apt := func(args ...string) {
		t.Helper()
		output(t, root, "apt-get", append([]string{
			"-q", "-o", "Dir::Etc::sourcelist=" + root + "/sources.list", "-o", "Dir::Etc::sourceparts=-", "-o", "Dir::State::lists=" + root + "/lists",
			"-o", "Dir::State::status=" + root + "/status", "-o", "Dir::Cache=" + root, "-o", "APT::Architecture=amd64", "-o", "APT::Architectures::=amd64",
			"-o", "APT::Sandbox::User=root",
		}, args...)...)
	}
	apt("update")
	apt("download", "toshy")
	output(t, root, "cmp", only(t, root, "toshy_*_amd64.deb"), only(t, dir, "toshy_*_amd64.deb"))
}

// dnf installs the package from the repository into a root folder, the package's scripts run there, and removing it leaves nothing.
// The system in that folder only has a shell and claims to have systemd.
func TestDnf(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("dnf installs as root only: run this as root")
	}
	dir, work, root := first(t), t.TempDir(), t.TempDir()
	base := filepath.Join(work, "base.yaml")
	must(t, os.WriteFile(base, []byte(`name: base
arch: amd64
version: 1.0.0
maintainer: nobody
description: a shell, and the name of systemd
provides: [systemd]
contents:
  - {src: /bin/busybox, dst: /usr/bin/busybox, file_info: {mode: 0755}}
  - {src: /bin/busybox, dst: /usr/bin/udevadm, file_info: {mode: 0755}}
  - {src: /bin/busybox, dst: /bin/sh, file_info: {mode: 0755}}
`), 0o644))
	output(t, work, os.Getenv("TOSHY_NFPM"), "package", "--config", base, "--packager", "rpm", "--target", work)
	output(t, work, "createrepo_c", "--quiet", work)
	dnf := func(args ...string) string {
		t.Helper()
		return output(t, work, "dnf", append([]string{
			"-y", "--installroot=" + root, "--releasever=1", "--forcearch=x86_64", "--setopt=reposdir=/dev/null", "--setopt=cachedir=" + work + "/cache",
			"--setopt=logdir=" + work, "--setopt=module_platform_id=platform:f42", "--nogpgcheck", "--repofrompath=base,file://" + work,
			"--repofrompath=toshy,file://" + filepath.Join(dir, "repository/rpm"),
		}, args...)...)
	}
	dnf("install", "base")
	if said := dnf("install", "toshy"); strings.Contains(said, "scriptlet failed") || !strings.Contains(said, "Complete!") {
		t.Errorf("%s", said)
	}
	if got := output(t, work, "rpm", "--root", root, "-V", "toshy"); got != "" {
		t.Errorf("rpm -V: %s", got)
	}
	if got := output(t, work, "chroot", root, "/usr/bin/toshy", "simulate", "--format", "row", "-e", "+f13 -f13"); !strings.Contains(got, "+f13 -f13") {
		t.Errorf("toshy in the root folder: %s", got)
	}
	dnf("remove", "toshy")
	left, err := exec.Command("find", filepath.Join(root, "usr"), filepath.Join(root, "etc"), "-name", "*toshy*").Output()
	must(t, err)
	if len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// makepkg builds Arch Linux' package from the PKGBUILD, as a user who is not root.
func TestMakepkg(t *testing.T) {
	dir := first(t)
	work, err := os.MkdirTemp("", "toshy-makepkg-") // t.TempDir is in a folder that only root can read
	must(t, err)
	defer os.RemoveAll(work)
	output(t, work, "bash", "-c", `cp "$1"/PKGBUILD "$1"/toshy.install "$1"/*.tar.gz .`, "copy", dir)
	var as []string
	if os.Getuid() == 0 {
		output(t, work, "chown", "-R", "nobody", work)
		as = []string{"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"}
	}
	makepkg := func(args ...string) string {
		t.Helper()
		command := append(append(as, "env", "HOME="+work, "CARCH=x86_64", "PACMAN=true", "makepkg"), args...)
		return output(t, work, command[0], command[1:]...)
	}
	info := makepkg("--printsrcinfo")
	for _, want := range []string{"pkgbase = toshy-bin", "license = GPL-3.0-or-later", "depends = systemd", "arch = aarch64", "sha256sums_x86_64 = "} {
		if !strings.Contains(info, want) {
			t.Errorf(".SRCINFO has no %q:\n%s", want, info)
		}
	}
	makepkg("--nodeps", "--nocheck")
	list := output(t, work, "bsdtar", "-tf", only(t, work, "toshy-bin-*-x86_64.pkg.tar*"))
	for _, want := range []string{".INSTALL", ".PKGINFO", "usr/bin/toshy", "usr/lib/systemd/system/toshy-daemon.service", "usr/share/licenses/toshy/LICENSE"} {
		if !strings.Contains("\n"+list, "\n"+want+"\n") {
			t.Errorf("Arch Linux' package has no %s", want)
		}
	}
}
