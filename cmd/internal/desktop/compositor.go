package desktop

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"toshy/remap/window/layout"
)

// Capable is the name of the Wayland compositor if its program file has capabilities, else "". In such a program, libxkbcommon ignores
// where the environment says that the user's files are (secure_getenv(3)).
func Capable(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, detectLimit)
	defer cancel()
	pid, err := layout.Compositor(ctx, layout.Options{})
	if err != nil {
		return ""
	}
	return capable("/proc", pid)
}

// capable reads proc_pid_status(5). Root's processes have all capabilities, whatever their files have.
func capable(proc string, pid int) string {
	b, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "status"))
	if err != nil {
		return ""
	}
	value := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, rest, _ := strings.Cut(line, ":")
		value[name] = strings.TrimSpace(rest)
	}
	uid, _, _ := strings.Cut(value["Uid"], "\t")
	if uid == "0" || strings.Trim(value["CapPrm"], "0") == "" {
		return ""
	}
	return value["Name"]
}
