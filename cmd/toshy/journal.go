package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/spf13/cobra"
)

// journalUnits are toshy's units, as arguments of journalctl.
var journalUnits = []string{"--user-unit=toshy.service", "--user-unit=toshy-agent.service", "--unit=toshy-daemon.service"}

func newLog() *cobra.Command {
	var follow, boot bool
	lines := 0
	c := &cobra.Command{
		Use: "log", Short: "Show the daemon's log", Args: cobra.NoArgs,
		Long: `Show the log of toshy's daemon and agent from systemd's journal. Only root and members of the groups adm and
systemd-journal can read the journal of a system service; you can always read the one of your own service.
Without systemd, the log is wherever toshy's standard error goes. The log contains no keys.`,
		Example:           "  toshy log -f\n  toshy log -n 200 --boot",
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			if lines < 0 {
				return fail(exitUsage, errors.New("--lines must be a number of lines"))
			}
			tool, err := exec.LookPath("journalctl")
			if _, booted := os.Stat("/run/systemd/system"); err != nil || booted != nil {
				return fail(exitConfig, errors.New("systemd is not running, so there is no journal"),
					"toshy logs to standard error: look where its output goes",
					"with the services in docs/SERVICE.md: /var/log/toshy.log for OpenRC, /var/log/toshy/current for runit and s6")
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
					return fail(exitConfig, err, "run sudo toshy log: only root and members of the groups adm and systemd-journal can read the journal")
				}
				return fail(exitConfig, err)
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "wait for new lines until interrupted")
	c.Flags().BoolVarP(&boot, "boot", "b", false, "only since the last boot")
	c.Flags().IntVarP(&lines, "lines", "n", 100, "`number` of newest lines")
	return c
}
