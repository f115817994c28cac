# services.toshy for NixOS.
#
# toshy runs as the user who sits at the machine, as a service of that user's session. udev gives the active
# session the keyboards and /dev/uinput (uaccess): no user gets into a group, and what is given ends with the
# session.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.toshy;
  common = import ./options.nix { inherit config lib pkgs; };

  # They grab the keyboards, too: the first one gets them.
  rivals = builtins.filter (name: config.services.${name}.enable or false) [
    "kanata"
    "keyd"
    "keymapper"
    "kmonad"
    "xremap"
  ];
  takesAll = cfg.configFile == null && cfg.devices.allow == [ ] && (cfg.settings.devices.allow or [ ]) == [ ];
in
{
  imports = import ./renamed.nix { inherit lib; };

  options.services.toshy = common.options // {
    users = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "alice" ];
      description = "In whose sessions toshy runs. Empty: in everyone's, except for those of system users.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions =
      common.assertions
      ++ map (name: {
        assertion = !takesAll;
        message = ''
          services.toshy and services.${name} would both grab all keyboards. Disable one of them, or name
          toshy's keyboards in services.toshy.devices.allow and the others in services.${name}.
        '';
      }) rivals;

    environment.systemPackages = [ cfg.package ];
    # The daemon and the commands find it here, after a user's own ~/.config/toshy/config.toml.
    environment.etc."toshy/config.toml".source = common.file;
    environment.etc."libinput/local-overrides.quirks".text = builtins.readFile ../systemd/toshy.quirks;

    hardware.uinput.enable = true;
    services.udev.packages = [ cfg.package ];

    # The unit is the package's; this is what NixOS adds to it.
    systemd.packages = [ cfg.package ];
    systemd.user.services.toshy = {
      overrideStrategy = "asDropin";
      wantedBy = [ "graphical-session.target" ];
      reloadTriggers = [ common.file ];
      # What a configuration starts is found as in the user's session.
      enableDefaultPath = false;
      unitConfig = lib.optionalAttrs (cfg.users != [ ]) {
        ConditionUser = map (name: "|${name}") cfg.users;
      };
      serviceConfig.ExecStart = [
        "" # instead of the package's
        common.execStart
      ];
    };
  };
}
