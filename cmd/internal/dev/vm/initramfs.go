package vm

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// order is what the host tells the guest's init, in /init.json.
type order struct {
	Command []string
	Env     []string
	Dir     string
	Modules []string // paths in the guest, in the order to load them
	Disk    bool     // the machine's root is a disk
	Init    bool     // its init takes the machine over, and the command runs under that
	Files   []string // what goes to the disk
	Counted bool     // the machine's clock counts instructions
}

// archive writes a root file system in cpio's "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst).
type archive struct {
	w    *bufio.Writer
	size int64
	have map[string]bool
	// alone: do not include the programs' libraries, because the target has its own.
	alone bool
}

// writeInitramfs puts the guest's root at path: this program as /init, the kernel modules, and the files asked for.
func writeInitramfs(path string, c Config, modules []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if libs, err := libraries(self); err != nil || len(libs) > 0 {
		return errors.Join(err, fmt.Errorf("%s has to be static to be the guest's init: build it with CGO_ENABLED=0", self))
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	a := &archive{w: bufio.NewWriterSize(out, 1<<20), have: map[string]bool{}, alone: c.image() != ""}
	for _, d := range []string{"dev", "proc", "sys", "tmp", "run", "root", "etc", "bin", "var"} {
		a.folder(d)
	}
	if err := a.add(self, "/init"); err != nil {
		return err
	}
	o := order{Command: c.Command, Env: c.Env, Dir: c.Dir, Disk: c.image() != "", Init: c.Disk != "", Counted: c.VirtualTime || c.InstructionTime}
	for _, m := range modules {
		o.Modules = append(o.Modules, "/lib/modules/"+filepath.Base(m))
		if err := a.add(m, "/lib/modules/"+filepath.Base(m)); err != nil {
			return err
		}
	}
	for _, f := range c.Files {
		if err := a.add(f.Source, f.Target); err != nil {
			return err
		}
		o.Files = append(o.Files, f.Target)
	}
	js, err := json.Marshal(o)
	if err != nil {
		return err
	}
	a.entry("init.json", 0o100644, 0, js)
	// The groups are those that a daemon in the guest may request; 65534 is for tests without permissions.
	a.entry("etc/passwd", 0o100644, 0, []byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"))
	a.entry("etc/group", 0o100644, 0, []byte("root:x:0:\ninput:x:104:\nnogroup:x:65534:\n"))
	a.entry("etc/hosts", 0o100644, 0, []byte("127.0.0.1 localhost\n"))
	a.raw("TRAILER!!!", 0, 0, nil)
	return errors.Join(a.w.Flush(), out.Close())
}

// add adds the file or folder at source to the archive, with the libraries that programs need.
func (a *archive) add(source, target string) error {
	return filepath.WalkDir(source, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		to := filepath.Join(target, rel)
		if path == source { // WalkDir does not follow it, a caller means what it points at
			if path, err = filepath.EvalSymlinks(path); err != nil {
				return err
			}
		}
		st, err := os.Lstat(path)
		switch {
		case err != nil:
			return err
		case st.IsDir() && (st.Name() == ".git" || st.Name() == ".cache"):
			return filepath.SkipDir
		case st.IsDir():
			a.folder(clean(to))
		case st.Mode()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			a.entry(to, 0o120777, 0, []byte(link))
		case st.Mode().IsRegular():
			return a.regular(path, to, st)
		}
		return nil
	})
}

func (a *archive) regular(path, to string, st fs.FileInfo) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	a.entry(to, 0o100000|uint32(st.Mode().Perm()), st.ModTime().Unix(), data)
	if a.alone {
		return nil
	}
	libs, err := libraries(path)
	if err != nil {
		return err
	}
	for _, l := range libs {
		if !a.have[clean(l)] {
			if err := a.add(l, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// libraries gives the paths of the shared objects that a program needs, or none for a static one and for other files.
func libraries(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, nil // no ELF file
	}
	defer f.Close()
	if libs, err := f.ImportedLibraries(); err != nil || len(libs) == 0 || f.Type == elf.ET_REL {
		return nil, err
	}
	out, err := exec.Command("ldd", path).Output()
	if err != nil {
		return nil, fmt.Errorf("ldd %s: %w", path, err)
	}
	return parseLdd(string(out)), nil
}

// parseLdd reads lines such as "libc.so.6 => /lib/libc.so.6 (0x7f...)" and "/lib64/ld-linux-x86-64.so.2 (0x7f...)".
func parseLdd(out string) []string {
	var paths []string
	for line := range strings.Lines(out) {
		for _, w := range strings.Fields(line) {
			if strings.HasPrefix(w, "/") {
				paths = append(paths, w)
				break
			}
		}
	}
	return paths
}

func clean(name string) string { return strings.Trim(filepath.Clean("/"+name), "/") }

func (a *archive) folder(name string) {
	if name == "" || name == "." || a.have[name] {
		return
	}
	a.folder(filepath.Dir(name))
	a.have[name] = true
	mode := uint32(0o040755)
	if name == "tmp" {
		mode = 0o041777
	}
	a.raw(name, mode, 0, nil)
}

// entry adds a file with its parent folders. The first of several stays, as in a search path.
func (a *archive) entry(name string, mode uint32, mtime int64, data []byte) {
	if name = clean(name); a.have[name] {
		return
	}
	a.folder(filepath.Dir(name))
	a.have[name] = true
	a.raw(name, mode, mtime, data)
}

// raw writes one record. Flush returns errors.
func (a *archive) raw(name string, mode uint32, mtime int64, data []byte) {
	header := fmt.Sprintf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		len(a.have), mode, 0, 0, 1, mtime, len(data), 0, 0, 0, 0, len(name)+1, 0)
	a.put([]byte(header + name + "\x00"))
	a.put(data)
}

// put writes b and pads to four bytes, as the format requires after the name and after the data.
func (a *archive) put(b []byte) {
	a.w.Write(b)
	a.size += int64(len(b))
	for ; a.size%4 != 0; a.size++ {
		a.w.WriteByte(0)
	}
}
