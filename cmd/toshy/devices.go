package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"toshy/cmd/internal/keyboards"
	"toshy/cmd/internal/program"
	"toshy/evdev"
)

func newDevices() *cobra.Command {
	var path string
	var asJSON bool
	c := &cobra.Command{
		Use:     "devices",
		Example: "  toshy devices\n  toshy devices --json | jq -r '.[] | select(.grab).name'",
		Short:   "List the input devices, which of them toshy takes, and why",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runDevices(c.OutOrStdout(), program.Toshy, path, nil, asJSON)
		},
	}
	addConfigFlag(c, &path)
	c.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	return c
}

// device is one line of the list.
type device struct {
	Path     string `json:"path"`
	Name     string `json:"name"`
	ID       string `json:"id"`
	Vendor   string `json:"vendor"` // four hexadecimal digits
	Product  string `json:"product"`
	Bus      string `json:"bus"`
	Phys     string `json:"phys,omitempty"`
	Uniq     string `json:"uniq,omitempty"`
	Keyboard string `json:"keyboard,omitempty"` // its type according to the configuration
	Grab     bool   `json:"grab"`
	Reason   string `json:"reason"`
	Why      string `json:"why"`
}

// permissionHint says how a user gets access to the keyboards without becoming root, or does not need to.
const permissionHint = "sudo toshy setup gives access to whoever sits at the machine; toshy status shows the devices that a toshy service has"

// runDevices lists the devices. only has the rules of the command line, see keyboards.Verdict.
func runDevices(out io.Writer, v program.Flavour, path string, only []string, asJSON bool) error {
	p, err := loadFlavour(v, path)
	if err != nil {
		return err
	}
	found, err := evdev.List(nil)
	switch {
	case errors.Is(err, evdev.ErrNoInputDir):
		return fail(exitNoDevice, err)
	case err != nil:
		return fail(exitPermission, err, permissionHint)
	case len(found) == 0:
		return fail(exitNoDevice, errors.New("no input device in "+evdev.InputDir), "plug in a keyboard; containers have no keyboards")
	}
	list := make([]device, len(found))
	refused := 0
	for i := range found {
		f := &found[i].Info
		v := keyboards.Verdict(f, p.Config, only)
		if f.Err != nil {
			refused++
		}
		list[i] = device{
			Path: f.Path, Name: f.Name, ID: f.ID(), Vendor: fmt.Sprintf("%04x", f.Vendor), Product: fmt.Sprintf("%04x", f.Product),
			Bus: f.BusName(), Phys: f.Phys, Uniq: f.Uniq, Keyboard: keyboards.Type(f, p.Config),
			Grab: v.Grab, Reason: string(v.Reason), Why: v.Text,
		}
	}
	if asJSON {
		err = printJSON(out, list)
	} else {
		err = printDevices(out, list)
	}
	if err == nil && refused == len(list) {
		return fail(exitPermission, errors.New("cannot open any of the devices"), permissionHint)
	}
	return err
}

func printDevices(out io.Writer, list []device) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DEVICE\tTAKEN\tTYPE\tNAME\tID\tWHY")
	for _, d := range list {
		taken := "no"
		if d.Grab {
			taken = "yes"
		}
		kind := d.Keyboard
		if kind == "" {
			kind = "-"
		}
		fmt.Fprintln(w, strings.Join([]string{d.Path, taken, kind, printable(d.Name), printable(d.ID), printable(d.Why)}, "\t"))
	}
	return output(w.Flush())
}
