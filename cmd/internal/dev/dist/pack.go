package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

// expand fills in a template of the data.
func expand(name string, values any) ([]byte, error) {
	t, err := template.New(filepath.Base(name)).Option("missingkey=error").ParseFS(data, "data/"+name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, values)
	return b.Bytes(), err
}

// rpmNames are RPM's names of architectures.
var rpmNames = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// pack makes a package of kind deb or rpm.
func (d *dist) pack(kind, arch string, files []file) error {
	scripts := filepath.Join(d.work, "data")
	if err := os.RemoveAll(scripts); err != nil {
		return err
	}
	sub, err := fs.Sub(data, "data")
	if err != nil {
		return err
	}
	if err := os.CopyFS(scripts, sub); err != nil {
		return err
	}
	config, err := expand("nfpm.yaml", map[string]any{
		"Kind": kind, "Arch": arch, "Version": d.release, "Summary": summary, "Maintainer": maintainer,
		"Date": d.epoch.Format(time.RFC3339), "Data": scripts, "Files": files, "OwnFolders": ownFolders(files),
	})
	if err != nil {
		return err
	}
	path := filepath.Join(d.work, "nfpm.yaml")
	if err := os.WriteFile(path, config, 0o644); err != nil {
		return err
	}
	name := "toshy_" + d.release + "_" + arch + ".deb" // each as its distributions name them
	if kind == "rpm" {
		name = "toshy-" + d.release + "." + rpmNames[arch] + ".rpm"
	}
	target := filepath.Join(d.out, name)
	if _, err := d.command(nil, d.nfpm, "package", "--config", path, "--packager", kind, "--target", target); err != nil {
		return err
	}
	d.say(target)
	return nil
}

// ownFolders are the folders that contain only files of toshy.
func ownFolders(files []file) (folders []string) {
	for _, f := range files {
		for dir := path.Dir(f.Path); dir != "/"; dir = path.Dir(dir) {
			if strings.Contains(dir, "toshy") && !slices.Contains(folders, dir) && f.Packager != "deb" {
				folders = append(folders, dir)
			}
		}
	}
	return folders
}

// folder is the folder into which a tarball unpacks.
func (d *dist) folder(arch string) string { return "toshy-" + d.release + "-linux-" + arch }

// tarball makes the tarball of an architecture and returns its SHA-256.
func (d *dist) tarball(arch string, files []file) (string, error) {
	target := filepath.Join(d.out, d.folder(arch)+".tar.gz")
	out, err := os.Create(target)
	if err != nil {
		return "", err
	}
	defer out.Close()
	sum := sha256.New()
	zip, err := gzip.NewWriterLevel(io.MultiWriter(out, sum), gzip.BestCompression)
	if err != nil {
		return "", err
	}
	t := tar.NewWriter(zip)
	if err := d.fill(t, d.folder(arch), files); err != nil {
		return "", err
	}
	if err := firstError(t.Close(), zip.Close(), out.Close()); err != nil {
		return "", err
	}
	d.say(target)
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// fill writes the files below usr, two lists of them, and the installation notes.
func (d *dist) fill(t *tar.Writer, folder string, files []file) error {
	made := map[string]bool{}
	add := func(name string, mode os.FileMode, text []byte) error {
		name = folder + "/" + strings.TrimPrefix(name, "/")
		for i, c := range name {
			if c != '/' || made[name[:i]] {
				continue
			}
			made[name[:i]] = true
			h := &tar.Header{Typeflag: tar.TypeDir, Name: name[:i+1], Mode: 0o755, ModTime: d.epoch, Uname: "root", Gname: "root"}
			if err := t.WriteHeader(h); err != nil {
				return err
			}
		}
		h := &tar.Header{Name: name, Mode: int64(mode), Size: int64(len(text)), ModTime: d.epoch, Uname: "root", Gname: "root"}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err := t.Write(text)
		return err
	}
	var names, sums strings.Builder
	for _, f := range files {
		if f.Packager == "deb" {
			continue
		}
		text, err := os.ReadFile(f.Source)
		if err != nil {
			return err
		}
		fmt.Fprintln(&names, strings.TrimPrefix(f.Path, "/"))
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), strings.TrimPrefix(f.Path, "/"))
		if err := add(f.Path, f.Mode, text); err != nil {
			return err
		}
	}
	const lists = "usr/share/toshy/"
	fmt.Fprintf(&names, "%sFILES\n%sSHA256SUMS\n", lists, lists)
	notes, err := data.ReadFile("data/INSTALL.md")
	return firstError(err, add(lists+"FILES", 0o644, []byte(names.String())), add(lists+"SHA256SUMS", 0o644, []byte(sums.String())),
		add("INSTALL.md", 0o644, notes))
}

// arch has the values for the PKGBUILD's template.
type archData struct {
	*dist
	sums map[string]string
}

func (archData) Summary() string             { return summary }
func (a archData) Folder(arch string) string { return a.folder(arch) }
func (a archData) Sum(arch string) string    { return a.sums[arch] }

// ArchVersion has no hyphen, which separates version and release there.
func (a archData) ArchVersion() string { return strings.ReplaceAll(a.release, "-", "_") }

// Source is where makepkg gets a tarball.
func (a archData) Source(arch string) string {
	name := a.folder(arch) + ".tar.gz"
	if a.url == "" {
		return name
	}
	return strings.TrimSuffix(a.url, "/") + "/" + name
}

// pkgbuild writes the files that the AUR needs in addition to the tarballs.
func (d *dist) pkgbuild(sums map[string]string) error {
	text, err := expand("arch/PKGBUILD", archData{d, sums})
	if err != nil {
		return err
	}
	install, err := data.ReadFile("data/arch/toshy.install")
	if err != nil {
		return err
	}
	target := filepath.Join(d.out, "PKGBUILD")
	if err := firstError(os.WriteFile(target, text, 0o644), os.WriteFile(filepath.Join(d.out, "toshy.install"), install, 0o644)); err != nil {
		return err
	}
	d.say(target)
	return nil
}
