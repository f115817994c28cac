package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The sessions run this test binary under the names toshy and xwaykeyz: the real command in a separate process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"toshy": main, "xwaykeyz": main})
}

func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../internal/importer/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("TOSHY_UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/xdg")
			e.Setenv("SAMPLES", samples)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits, "daemon": standIn},
	})
}

// exits runs toshy and checks its exit code: exits CODE ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	code := 0
	var ended *exec.ExitError
	if err := ts.Exec("toshy", args[1:]...); errors.As(err, &ended) {
		code = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// standIn is the socket of a daemon that answers each command with the file DIR/COMMAND.json, and keeps the requests in DIR/requests:
// daemon DIR. Tests in the virtual machine (package e2e) check the answers of real daemons.
func standIn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: daemon DIR")
	}
	dir := ts.MkAbs(args[0])
	runtimeDir, err := os.MkdirTemp("", "toshy") // the path of a socket has at most 107 bytes
	ts.Check(err)
	ts.Setenv("XDG_RUNTIME_DIR", runtimeDir)
	l, err := net.Listen("unix", filepath.Join(runtimeDir, "toshy.sock"))
	ts.Check(err)
	ts.Defer(func() {
		_ = l.Close()
		_ = os.RemoveAll(runtimeDir)
	})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerAs(dir, conn)
		}
	}()
}

func answerAs(dir string, conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	for in.Scan() {
		var r struct{ Command string }
		if json.Unmarshal(in.Bytes(), &r) != nil {
			return
		}
		log, err := os.OpenFile(filepath.Join(dir, "requests"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return
		}
		fmt.Fprintln(log, in.Text())
		_ = log.Close()
		text, err := os.ReadFile(filepath.Join(dir, r.Command+".json"))
		if err != nil {
			text = []byte(`{"version":1,"ok":true}` + "\n")
		}
		if _, err := conn.Write(text); err != nil {
			return
		}
		if r.Command == "monitor" {
			return
		}
	}
}
