package sock

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// Lines reads lines and keeps only the first bytes of each.
type Lines struct {
	r   *bufio.Reader
	max int
	buf []byte
}

// NewLines returns a reader that keeps at most limit bytes of a line.
func NewLines(r io.Reader, limit int) *Lines {
	return &Lines{r: bufio.NewReaderSize(r, 4096), max: limit}
}

// Within says whether more can be read from c, which l reads, within d. If not, nothing is lost.
func (l *Lines) Within(c net.Conn, d time.Duration) (bool, error) {
	if err := c.SetReadDeadline(time.Now().Add(d)); err != nil {
		return false, err
	}
	_, err := l.r.Peek(1)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return false, c.SetReadDeadline(time.Time{})
	}
	if err != nil {
		return false, err
	}
	return true, c.SetReadDeadline(time.Time{})
}

// Next returns the next line without its end, valid until the next call, and whether it was cut.
func (l *Lines) Next() (line []byte, cut bool, err error) {
	if cap(l.buf) > 64<<10 {
		l.buf = nil // after a long one
	}
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, false, err
		}
		ended := err == nil
		if ended {
			part = part[:len(part)-1]
		}
		room := l.max - len(l.buf)
		cut = cut || len(part) > room
		l.buf = append(l.buf, part[:min(len(part), room)]...)
		if ended {
			return l.buf, cut, nil
		}
	}
}
