package windowtest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"
)

// ipcCommand makes sway or i3 run one command, as swaymsg and i3-msg do (i3wm.org/docs/ipc.html).
func ipcCommand(socket, command string) error {
	c, err := net.DialTimeout("unix", socket, Limit)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(Limit)); err != nil {
		return err
	}
	head := binary.NativeEndian.AppendUint32([]byte("i3-ipc"), uint32(len(command)))
	head = binary.NativeEndian.AppendUint32(head, 0) // RUN_COMMAND
	if _, err := c.Write(append(head, command...)); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	answer := make([]byte, binary.NativeEndian.Uint32(head[len("i3-ipc"):]))
	if _, err := io.ReadFull(c, answer); err != nil {
		return err
	}
	var results []struct{ Success bool }
	if err := json.Unmarshal(answer, &results); err != nil {
		return fmt.Errorf("%s: %w: %.100q", command, err, answer)
	}
	for _, r := range results {
		if !r.Success {
			return fmt.Errorf("%s: refused: %.200s", command, answer)
		}
	}
	return nil
}
