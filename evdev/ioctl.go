package evdev

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's ioctl numbers, built like _IOC on all architectures except alpha, mips, parisc, powerpc and sparc
// (include/uapi/asm-generic/ioctl.h).
const (
	iocWrite = 1
	iocRead  = 2
)

func ioc(dir, typ, nr, size uintptr) uintptr { return dir<<30 | size<<16 | typ<<8 | nr }

func ior(nr, size uintptr) uintptr { return ioc(iocRead, 'E', nr, size) }
func iow(nr, size uintptr) uintptr { return ioc(iocWrite, 'E', nr, size) }

// linux/input.h
var (
	eviocgkey     = ior(0x18, keyBytes)
	eviocgled     = ior(0x19, 8)
	eviocgrab     = iow(0x90, 4)
	eviocrevoke   = iow(0x91, 4)
	eviocsmask    = iow(0x93, unsafe.Sizeof(inputMask{}))
	eviocsclockid = iow(0xa0, 4)
)

// inputMask is struct input_mask of linux/input.h.
type inputMask struct {
	kind, size uint32
	codes      uint64 // the address of a bitmap of unsigned longs
}

// linux/uinput.h
var (
	uiDevCreate  = ioc(0, 'U', 1, 0)
	uiDevDestroy = ioc(0, 'U', 2, 0)
	uiDevSetup   = ioc(iocWrite, 'U', 3, unsafe.Sizeof(uinputSetup{}))
	uiSetEvbit   = ioc(iocWrite, 'U', 100, 4)
	uiSetKeybit  = ioc(iocWrite, 'U', 101, 4)
	uiSetRelbit  = ioc(iocWrite, 'U', 102, 4)
	uiSetMscbit  = ioc(iocWrite, 'U', 104, 4)
	uiSetLedbit  = ioc(iocWrite, 'U', 105, 4)
	uiSetPhys    = ioc(iocWrite, 'U', 108, wordSize)
	uiGetSysname = ioc(iocRead, 'U', 44, 64)
)

// ioctl with a plain argument. It tells the scheduler, because some of these wait (ending a grab waits for an RCU grace
// period). Like all calls on input devices, it is interrupted if a signal arrives, for example from the Go scheduler, while
// another process holds the device's lock (mutex_lock_interruptible in evdev.c). Then it tries again.
func ioctl(fd int, req, arg uintptr) error {
	for {
		if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), req, arg); e == 0 {
			return nil
		} else if e != unix.EINTR {
			return e
		}
	}
}

// ioctlPtr is ioctl with an address as the argument.
func ioctlPtr(fd int, req uintptr, p unsafe.Pointer) error {
	for {
		if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), req, uintptr(p)); e == 0 {
			return nil
		} else if e != unix.EINTR {
			return e
		}
	}
}

// rawRead and rawWrite are for descriptors that never block. They do not tell the scheduler: that would cost more than the
// call itself, and let the scheduler give the processor to another thread.
func rawRead(fd int, b []byte) (int, unix.Errno) {
	n, _, e := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), e
}

func rawWrite(fd int, b []byte) (int, unix.Errno) {
	n, _, e := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), e
}
