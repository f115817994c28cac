package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/spf13/cobra"
)

// journalUnits are those whose log is toshy's, as journalctl is asked for them.
var journalUnits = []string{"--user-unit=toshy.service", "--user-unit=toshy-agent.service", "--unit=toshy-daemon.service"}

func newLog() *cobra.Command {
	var follow, boot bool
	lines := 0
	c := &cobra.Command{
		Use: "log", Short: "Show the daemon's log", Args: cobra.NoArgs,
		Long: `Show the log of toshy's services, of the daemon and of the agent, from systemd's journal. The journal of a
system service is for members of the groups adm and systemd-journal and for root; that of your own service is
yours. Without systemd the log is where standard error of toshy goes. No key is in it.`,
		Example:           "  toshy log -f\n  toshy log -n 200 --boot",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			if lines < 0 {
				return fail(exitUsage, errors.New("--lines is a number of lines"))
			}
			tool, err := exec.LookPath("journalctl")
			if _, booted := os.Stat("/run/systemd/system"); err != nil || booted != nil {
				return fail(exitConfig, errors.New("there is no systemd here, so that there is no journal to look into"),
					"toshy logs to standard error: look where the one who started it sends that",
					"as docs/SERVICE.md sets it up: /var/log/toshy.log under OpenRC, /var/log/toshy/current under runit and s6")
			}
			args := append([]string{"--quiet", "--no-hostname", "--lines=" + strconv.Itoa(lines)}, journalUnits...)
			if follow {
				args = append(args, "--follow")
			}
			if boot {
				args = append(args, "--boot")
			}
			show := exec.CommandContext(c.Context(), tool, args...)
			show.Stdin, show.Stdout, show.Stderr = os.Stdin, c.OutOrStdout(), c.ErrOrStderr()
			if err := show.Run(); err != nil {
				err = fmt.Errorf("%s: %w", tool, err)
				if os.Geteuid() != 0 {
					return fail(exitConfig, err, "sudo toshy log: the journal is for root and members of the groups adm and systemd-journal")
				}
				return fail(exitConfig, err)
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on with new lines until interrupted")
	c.Flags().BoolVarP(&boot, "boot", "b", false, "only since the machine was started")
	c.Flags().IntVarP(&lines, "lines", "n", 100, "`number` of lines, the newest ones")
	return c
}
