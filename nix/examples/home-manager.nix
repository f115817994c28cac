# services.toshy in a Home Manager configuration, with toshy.homeModules.default.
#
# As part of a NixOS with services.toshy, it is the agent of the system's daemon; leave out `mode`. On its own, it is
# one process in the session, and the system must give access to the keyboards: see docs/USAGE.md.
{ ... }:
{
  services.toshy = {
    enable = true;
    gui.tray = true;

    settings = {
      settings.option_special_characters = "us";
      keymap.mine = {
        when = ''app == "firefox"'';
        keys.Cmd-K = "Ctrl-L";
      };
    };

    # Starts and stops with toshy.
    extraUnits.toshy-hello = {
      Unit.Description = "Says that toshy remaps the keys";
      Service = {
        Type = "oneshot";
        ExecStart = "/usr/bin/env notify-send 'toshy remaps the keys'";
      };
    };
  };
}
