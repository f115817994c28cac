package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// user is a user id that nobody else has in the guest.
const user = 1000

// becomeService starts a user's agent and becomes the daemon, so that the harness measures both together.
func becomeService(program, config string) error {
	socket := runtimeDir + "/toshy-service.sock"
	if err := os.MkdirAll(runtimeDir, 0o755); err != nil {
		return err
	}
	agent := exec.Command(program, "agent", "--socket", socket, "--config", config)
	agent.Env = []string{"HOME=/"}
	agent.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	if err := agent.Start(); err != nil {
		return err
	}
	return syscall.Exec(program, []string{program, "daemon", "--socket", socket, "--user", strconv.Itoa(user)}, os.Environ())
}
