package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"toshy/remap/window"
	"toshy/remap/window/gnome"
)

// extensionLimit is how long GNOME Shell may take for one of these commands.
const extensionLimit = 20 * time.Second

func newExtension() *cobra.Command {
	c := &cobra.Command{
		Use:   "gnome-extension",
		Short: "Install the GNOME Shell extension that tells toshy which window has the focus",
		Long: `GNOME Shell tells only its extensions which window has the focus. This extension passes that on to toshy, over
the session bus, and does nothing else. The command installs it for the user who runs it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	add := func(name, short string, run func(context.Context, io.Writer) error) {
		c.AddCommand(&cobra.Command{
			Use: name, Short: short, Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				if os.Geteuid() == 0 && os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
					return fail(exitUsage, errors.New("the extension is installed for a single user, and you are root"), "run it as the user of the desktop, without sudo")
				}
				ctx, cancel := context.WithTimeout(c.Context(), extensionLimit)
				defer cancel()
				return extensionFailure(run(ctx, c.OutOrStdout()))
			},
		})
	}
	add("install", "Install or update the extension, and turn it on", installExtension)
	add("uninstall", "Turn the extension off and remove it", func(ctx context.Context, out io.Writer) error {
		if err := gnome.Uninstall(ctx, "", ""); err != nil {
			return err
		}
		_, err := fmt.Fprintln(out, "removed "+gnome.UUID)
		return output(err)
	})
	add("status", "Say whether the extension runs", statusExtension)
	return c
}

func extensionFailure(err error) error {
	var f *failure
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, window.ErrUnavailable):
		return fail(exitNoDevice, err, "run this in a session of GNOME")
	}
	return fail(exitConfig, err)
}

func installExtension(ctx context.Context, out io.Writer) error {
	done, err := gnome.Install(ctx, "", "")
	if err != nil {
		return err
	}
	text := fmt.Sprintf("installed in %s, for GNOME Shell %d\n", done.Folder, done.Shell)
	if done.LogIn {
		text += "log out and in again: GNOME Shell reads new extensions when it starts\n"
	} else if done.Enabled {
		text += "it is turned on\n"
	}
	if _, err := io.WriteString(out, text); err != nil {
		return output(err)
	}
	if !done.Enabled {
		return fail(exitConfig, errors.New("the extension is not turned on: "+done.Why))
	}
	return nil
}

func statusExtension(ctx context.Context, out io.Writer) error {
	s, err := gnome.Check(ctx, "", "")
	if err != nil {
		return err
	}
	text, fix := extensionState(s)
	if _, err := fmt.Fprintf(out, "GNOME Shell %s: %s\n", s.Version, text); err != nil {
		return output(err)
	}
	if fix != "" {
		return fail(exitConfig, errors.New(text), fix)
	}
	return nil
}

// extensionState describes the state of the extension, and what to do; "" if everything is fine.
func extensionState(s gnome.Status) (text, fix string) {
	const logIn = "log out and in again"
	switch {
	case s.Active() && s.Present && !s.Current:
		return "the extension runs, but this toshy has a newer version", "toshy gnome-extension install"
	case s.Active():
		return "the extension runs", ""
	case !s.UserExtensions:
		return "all extensions are turned off", "gsettings set org.gnome.shell disable-user-extensions false"
	case s.Error != "":
		return "the extension failed: " + s.Error, "toshy gnome-extension install"
	case s.Known && s.State == 4:
		return "the extension is installed for another version of GNOME Shell", "toshy gnome-extension install"
	case s.Known:
		return "the extension is turned off", "gnome-extensions enable " + gnome.UUID
	case s.Present && s.Current:
		return "the extension is installed, but GNOME Shell has not read it yet", logIn
	case s.Present:
		return "the extension is installed in another version", "toshy gnome-extension install"
	case s.Published != "":
		return "the extension is not installed; " + s.Published + " is used instead, which is slower", "toshy gnome-extension install"
	}
	return "the extension is not installed", "toshy gnome-extension install"
}
