package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// UinputPath is the node with which programs make virtual devices.
const UinputPath = "/dev/uinput"

// Errors from making a virtual device. Each says what to do.
var (
	ErrNoUinput         = errors.New("no /dev/uinput: load the kernel module with \"sudo modprobe uinput\", and at every start with a line \"uinput\" in /etc/modules-load.d/toshy.conf")
	ErrUinputPermission = errors.New("no permission to write /dev/uinput: install toshy's udev rule (70-toshy.rules) and log in again, or run toshy as a service")
)

// uinputSetup is struct uinput_setup of linux/uinput.h.
type uinputSetup struct {
	bus, vendor, product, version uint16
	name                          [80]byte
	ffEffectsMax                  uint32
}

// virtual describes a virtual device.
type virtual struct {
	name, phys string
	product    uint16
	bits       []bitRange
}

// bitRange is one capability ioctl with its codes.
type bitRange struct {
	req   uintptr
	codes []uint16
}

// CheckUinput says whether toshy could make a virtual device: nil, ErrNoUinput, ErrUinputPermission, or another error from
// opening /dev/uinput.
func CheckUinput() error {
	fd, err := openUinput(UinputPath)
	if err == nil {
		_ = unix.Close(fd)
	}
	return err
}

func openUinput(path string) (fd int, err error) {
	fd, err = openRetry(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return -1, fmt.Errorf("%w (%w)", ErrNoUinput, err)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return -1, fmt.Errorf("%w (%w)", ErrUinputPermission, err)
	case err != nil:
		return -1, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, nil
}

// create makes the device. Its node may still be missing afterwards, see waitNode.
func (v *virtual) create(path string) (fd int, err error) {
	fd, err = openUinput(path)
	if err != nil {
		return -1, err
	}
	defer func() {
		if err != nil {
			_ = unix.Close(fd)
			fd, err = -1, &fs.PathError{Op: "make " + v.name + " through", Path: path, Err: err}
		}
	}()
	for _, r := range v.bits {
		for _, code := range r.codes {
			if err := ioctl(fd, r.req, uintptr(code)); err != nil {
				return fd, fmt.Errorf("announce code %d: %w", code, err)
			}
		}
	}
	phys, err := unix.BytePtrFromString(v.phys)
	if err != nil {
		return fd, err
	}
	if err := ioctlPtr(fd, uiSetPhys, unsafe.Pointer(phys)); err != nil {
		return fd, err
	}
	setup := uinputSetup{bus: BusVirtual, vendor: ownVendor, product: v.product, version: 1}
	copy(setup.name[:len(setup.name)-1], v.name)
	if err := ioctlPtr(fd, uiDevSetup, unsafe.Pointer(&setup)); err != nil {
		return fd, err
	}
	return fd, ioctl(fd, uiDevCreate, 0)
}

// sysName returns the kernel's name of a new device, such as input7.
func sysName(fd int) (string, error) {
	var b [64]byte
	if err := ioctlPtr(fd, uiGetSysname, unsafe.Pointer(&b)); err != nil {
		return "", err
	}
	return unix.ByteSliceToString(b[:]), nil
}

// nodeLimit is how long a node may take to appear. devtmpfs creates it at once, mdev or a slow udev later.
const nodeLimit = 2 * time.Second

// waitNode returns the event node of a new device as soon as it exists. It checks often, up to a limit.
func waitNode(fd int) (string, error) {
	sys, err := sysName(fd)
	if err != nil {
		return "", err
	}
	return waitNodeIn(filepath.Join("/sys", sysVirtual, sys))
}

// waitNodeIn is waitNode for the device that sysfs shows in dir.
func waitNodeIn(dir string) (string, error) {
	for end := Now() + nodeLimit; ; time.Sleep(time.Millisecond) {
		entries, err := os.ReadDir(dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), "event") {
				node := filepath.Join(InputDir, e.Name())
				if _, err := os.Stat(node); err == nil {
					return node, nil
				}
			}
		}
		if Now() > end {
			return "", fmt.Errorf("no node in %s for %s within %v: %w", InputDir, dir, nodeLimit, errors.Join(err, fs.ErrNotExist))
		}
	}
}
