package evdev

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// DefaultSeat is the seat of devices that are assigned to no other.
const DefaultSeat = "seat0"

// udevData is where udev keeps what its rules have said of each device.
const udevData = "/run/udev/data"

// maxUdevData is as much as is read of that for one device.
const maxUdevData = 64 << 10

// seatOf is the seat to which a node belongs by udev (ID_SEAT), "" where udev says nothing. Without udev there is one seat.
func seatOf(path, data string) string {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return ""
	}
	f, err := os.Open(filepath.Join(data, fmt.Sprintf("c%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))))
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxUdevData))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if seat, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "E:ID_SEAT="); ok {
			return seat
		}
	}
	return ""
}

// seat is the seat to which a device belongs.
func (i *Info) seat() string {
	if i.Seat == "" {
		return DefaultSeat
	}
	return i.Seat
}

// seat is the one whose devices are grabbed.
func (f *Filter) seat() string {
	if f == nil || f.Seat == "" {
		return DefaultSeat
	}
	return f.Seat
}
