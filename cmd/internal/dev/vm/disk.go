package vm

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// unitEnv tells the program that the disk's init started it, and where the order is.
const unitEnv = "TOSHY_VM_UNIT"

const (
	diskDevice = "/dev/vda"
	diskMount  = "/disk"
	unitFolder = "/run/toshy-vm" // on the disk's /run: this program and its order
)

// unit runs the command when the system is up. Nothing tells it that the system ends: the machine ends with the command.
const unit = `[Unit]
Description=Command of the virtual machine
After=multi-user.target
[Service]
Type=exec
Environment=` + unitEnv + `=` + unitFolder + ` PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=` + unitFolder + `/init
StandardOutput=null
StandardError=tty
TTYPath=/dev/ttyS0
KillMode=none
`

// handOver mounts the disk, copies the files to it, and becomes its init, or runs the command in it.
func (o *order) handOver() error {
	if err := mounts(); err != nil {
		return err
	}
	if err := o.loadModules(); err != nil {
		return err
	}
	if err := os.MkdirAll(diskMount, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(diskDevice, diskMount, "ext4", unix.MS_NOATIME, ""); err != nil {
		return fmt.Errorf("mount %s: %w", diskDevice, err)
	}
	for _, f := range o.Files {
		if err := copyTree(f, filepath.Join(diskMount, f)); err != nil {
			return err
		}
	}
	if err := unix.Mount("tmpfs", filepath.Join(diskMount, "run"), "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	if o.Init {
		if err := o.addUnit(); err != nil {
			return err
		}
	}
	for _, m := range []string{"/dev", "/proc", "/sys"} {
		if err := unix.Mount(m, filepath.Join(diskMount, m), "", unix.MS_MOVE, ""); err != nil {
			return fmt.Errorf("move %s: %w", m, err)
		}
	}
	if err := os.Chdir(diskMount); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move the disk to /: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return fmt.Errorf("chroot: %w", err)
	}
	if !o.Init {
		if err := loopback(); err != nil {
			return err
		}
		os.Setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
		return o.run()
	}
	return fmt.Errorf("/sbin/init: %w", unix.Exec("/sbin/init", []string{"/sbin/init"}, nil))
}

// addUnit puts the unit and its program where the disk's init finds them.
func (o *order) addUnit() error {
	at := func(path string) string { return filepath.Join(diskMount, path) }
	wants := at("/run/systemd/system/multi-user.target.wants")
	if err := errors.Join(os.MkdirAll(wants, 0o755), os.MkdirAll(at(unitFolder), 0o755)); err != nil {
		return err
	}
	return errors.Join(
		copyTree("/init", at(unitFolder+"/init")),
		copyTree("/init.json", at(unitFolder+"/init.json")),
		os.WriteFile(at("/run/systemd/system/toshy-vm.service"), []byte(unit), 0o644),
		os.Symlink("../toshy-vm.service", filepath.Join(wants, "toshy-vm.service")),
	)
}

// copyTree copies a file, a link or a folder with its content, replacing the target.
func copyTree(source, target string) error {
	return filepath.WalkDir(source, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := target + strings.TrimPrefix(path, source)
		if e.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if e.Type() == fs.ModeSymlink {
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, to)
		}
		return copyFile(path, to)
	})
}

func copyFile(source, target string) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, st.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
