package setup

import "os"

// Commands for the running system, as root. Each of them can safely run again.

var (
	loadModule   = []string{"modprobe", "uinput"}
	readRules    = []string{"udevadm", "control", "--reload"}
	applyRules   = []string{"udevadm", "trigger", "--subsystem-match=input", "--subsystem-match=misc"}
	awaitRules   = []string{"udevadm", "settle", "--timeout=60"}
	readUnits    = []string{"systemctl", "daemon-reload"}
	makeGroups   = []string{"systemd-sysusers"}
	makeGroup    = []string{"groupadd", "--system", "--force", "toshy-input"}
	removeGroup  = []string{"groupdel", "toshy-input"}
	enableDaemon = []string{"systemctl", "enable", "toshy-daemon.service"}
	startDaemon  = []string{"systemctl", "restart", "toshy-daemon.service"}
	stopDaemon   = []string{"systemctl", "disable", "--now", "toshy-daemon.service"}

	// If no rule names a device any more, udev leaves it as it is, with a group whose number somebody else may get.
	ownUinput   = []string{"chown", "root:root", uinput}
	closeUinput = []string{"chmod", "0600", uinput}
)

const uinput = "/dev/uinput"

// commands plans what happens before and after the files of an installation.
func (p *Plan) commands(program string, before made) {
	o := &p.options
	if before.System && !o.System && before.Init == Systemd {
		p.Before = append(p.Before, stopDaemon)
	}
	if o.Init == Systemd {
		p.After = append(p.After, readUnits)
	}
	switch {
	case o.System && o.Init == Systemd:
		p.After = append(p.After, makeGroups)
	case o.System:
		p.After = append(p.After, makeGroup)
	}
	p.After = append(p.After, loadModule, readRules, applyRules)
	starts := o.System && o.Init == Systemd
	if starts || p.closes() {
		p.After = append(p.After, awaitRules) // before that, the daemon may not write to uinput
	}
	if starts {
		p.After = append(p.After, enableDaemon, startDaemon)
	}
	switch {
	case o.Init == Systemd && o.System:
		p.Next = append(p.Next, "each user, once, without sudo: systemctl --user daemon-reload && systemctl --user enable --now toshy-agent")
	case o.Init == Systemd:
		p.Next = append(p.Next, "as the user of this machine, without sudo: systemctl --user daemon-reload && systemctl --user enable --now toshy")
	case o.System:
		p.Next = append(p.Next,
			"start \""+program+" daemon\" at boot as a dedicated user with the groups input and toshy-input, and \""+program+" agent\" with each desktop session: docs/SERVICE.md has the files for OpenRC, runit and s6")
	default:
		p.Next = append(p.Next, "start \""+program+" run\" with the desktop session, as its user: docs/SERVICE.md says how without systemd; the rule for the keyboards needs elogind or systemd-logind")
	}
	p.Next = append(p.Next, "with GNOME, each user, once, without sudo: "+program+" gnome-extension install", "to see that all is well: "+program+" doctor")
}

// removalCommands plans what happens before and after the removal.
func (p *Plan) removalCommands(before made) {
	if before.Init == Systemd {
		if before.System {
			p.Before = append(p.Before, stopDaemon)
		}
		p.After = append(p.After, readUnits)
		unit := "toshy"
		if before.System {
			unit = "toshy-agent"
		}
		p.Next = append(p.Next, "each user who has switched it on, without sudo: systemctl --user disable --now "+unit)
	}
	if before.System {
		p.After = append(p.After, removeGroup)
	}
	if _, err := os.Stat(p.options.at(uinput)); err == nil {
		p.After = append(p.After, ownUinput, closeUinput)
	}
	p.After = append(p.After, readRules, applyRules) // another rule may name it
	if p.closes() {
		p.After = append(p.After, awaitRules)
	}
	p.Next = append(p.Next, "each user of GNOME's extension, without sudo: toshy gnome-extension uninstall")
}
