# services.toshy in a configuration of Home Manager, beside toshy.homeModules.default.
#
# As a part of NixOS with services.toshy it becomes the agent of the system's daemon, and `mode` is left out. By itself
# it is one process in the session, for which the system has to allow the keyboards: see docs/USAGE.md.
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

    # Comes and goes with toshy.
    extraUnits.toshy-hello = {
      Unit.Description = "Says that toshy remaps the keys";
      Service = {
        Type = "oneshot";
        ExecStart = "/usr/bin/env notify-send 'toshy remaps the keys'";
      };
    };
  };
}
