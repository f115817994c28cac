// vmrun runs one command in a throw-away Linux with real keyboards, streams its output and exits with its status.
//
//	vmrun [flags] -- COMMAND [ARG...]
//	go test -exec 'vmrun -here' ./...
//
// The exit status is the command's; 128+N when signal N ended it, 127 when it did not start, 125 when the machine failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"toshy/cmd/internal/dev/vm"
)

func main() {
	vm.Init()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "vmrun:", err)
		status = 125
	}
	os.Exit(status)
}

func run(ctx context.Context) (int, error) {
	c := vm.Config{Stdout: os.Stdout, Stderr: os.Stderr}
	flag.Func("f", "put `SOURCE[:TARGET]`, a file or a folder, into the machine; without TARGET a program goes to /bin (repeat)", func(s string) error {
		f, err := vm.ParseFile(s)
		c.Files = append(c.Files, f)
		return err
	})
	flag.Func("e", "`NAME=VALUE` in the command's environment (repeat)", func(s string) error {
		c.Env = append(c.Env, s)
		return nil
	})
	flag.StringVar(&c.Disk, "disk", "", "boot this `IMAGE`, which debian.sh made, and run the command as a unit of its systemd")
	flag.StringVar(&c.Root, "root", "", "run the command in this `IMAGE` of an ext4 file system, of which nothing else is started")
	flag.BoolVar(&c.Screen, "screen", false, "give the machine a graphics card")
	flag.IntVar(&c.Memory, "m", 512, "memory in `MiB`")
	flag.DurationVar(&c.Timeout, "t", 2*time.Minute, "limit for everything")
	flag.BoolVar(&c.Hardware, "hw", false, "let the command plug and press USB and virtio keyboards")
	flag.BoolVar(&c.Suspend, "suspend", false, "let the machine wake up from suspend to RAM; it takes longer to boot")
	flag.BoolVar(&c.VirtualTime, "virtual-time", false, "one nanosecond for every instruction; idle time is skipped")
	flag.BoolVar(&c.InstructionTime, "instruction-time", false, "one nanosecond for every instruction; the computer's time while the machine is idle")
	here := flag.Bool("here", false, "put the current folder and the command into the machine at their own paths, and run there")
	trace := flag.Bool("v", false, "show requests for keyboards, and how long boot and command took")
	flag.Parse()
	c.Command = flag.Args()
	if *trace {
		c.Trace = os.Stderr
	}
	if *here && flag.NArg() > 0 {
		dir, err := os.Getwd()
		if err != nil {
			return 0, err
		}
		if dir == "/" {
			return 0, fmt.Errorf("-here: not in /")
		}
		program, err := filepath.Abs(flag.Arg(0))
		if err != nil {
			return 0, err
		}
		c.Dir, c.Command[0] = dir, program
		c.Files = append(c.Files, vm.File{Source: program, Target: program}, vm.File{Source: dir, Target: dir})
	}
	r, err := vm.Run(ctx, c)
	if err == nil && *trace {
		fmt.Fprintf(os.Stderr, "vm: booted in %.1f s, ran for %.1f s\n", r.Boot.Seconds(), r.Command.Seconds())
	}
	return r.Status, err
}
