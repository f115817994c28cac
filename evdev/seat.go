package evdev

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// DefaultSeat is the seat of devices without another seat.
const DefaultSeat = "seat0"

// udevData is the folder where udev stores the results of its rules for each device.
const udevData = "/run/udev/data"

// maxUdevData is how much of that to read for one device.
const maxUdevData = 64 << 10

// seatOf is the seat of a node according to udev (ID_SEAT), "" if udev does not name one. Without udev there is one seat.
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

// seat is the seat of a device.
func (i *Info) seat() string {
	if i.Seat == "" {
		return DefaultSeat
	}
	return i.Seat
}

// seat is the seat whose devices are grabbed.
func (f *Filter) seat() string {
	if f == nil || f.Seat == "" {
		return DefaultSeat
	}
	return f.Seat
}
