# services.toshy for NixOS.
#
# In the mode "system" a service that owns nothing else has the keyboards, and each session has an agent. In the mode
# "user" toshy is one process in the session of who sits at the machine, and udev gives that user the keyboards
# (uaccess). No user gets into a group either way, and what is given ends with the session.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.toshy;
  common = import ./options.nix { inherit config lib pkgs; };
  system = cfg.mode == "system";
  inSession = if system then "toshy-agent" else "toshy";

  # They grab the keyboards, too: the first one gets them.
  rivals = builtins.filter (name: config.services.${name}.enable or false) [
    "kanata"
    "keyd"
    "keymapper"
    "kmonad"
    "xremap"
  ];
  takesAll = cfg.configFile == null && cfg.devices.allow == [ ] && (cfg.settings.devices.allow or [ ]) == [ ];

  # For who decides on it: packages do not put it where udev looks.
  uaccess = pkgs.runCommand "toshy-uaccess" { } ''
    install -Dm644 ${cfg.package}/share/toshy/70-toshy.rules -t $out/lib/udev/rules.d
  '';

  # A unit of the package, started with graphical sessions. This is what NixOS adds to it.
  userUnit = settings: {
    overrideStrategy = "asDropin";
    wantedBy = [ "graphical-session.target" ];
    # What a configuration starts is found as in the user's session.
    enableDefaultPath = false;
    unitConfig = lib.optionalAttrs (cfg.users != [ ]) {
      ConditionUser = map (name: "|${name}") cfg.users;
    };
  } // settings;
  start = command: arguments: [
    "" # instead of the package's
    (common.exec command arguments)
  ];

  withSession = unit: {
    partOf = [ "${inSession}.service" ];
    after = [ "${inSession}.service" ];
    wantedBy = [ "${inSession}.service" ];
  } // unit;
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

  config = lib.mkIf cfg.enable (lib.mkMerge [
    {
      assertions =
        common.assertions
        ++ map (name: {
          assertion = !takesAll;
          message = ''
            services.toshy and services.${name} would both grab all keyboards. Disable one of them, or name
            toshy's keyboards in services.toshy.devices.allow and the others in services.${name}.
          '';
        }) rivals;
      # Not an assertion: users can come from elsewhere than this configuration.
      warnings = map (name: ''
        services.toshy.users names ${name}, who is no user of this configuration: declare users.users.${name}, or
        correct the name.
      '') (builtins.filter (name: !(config.users.users ? ${name})) cfg.users);

      environment.systemPackages = [ cfg.package ];
      # The daemon and the commands find it here; a user's own ~/.config/toshy/config.toml comes before it.
      environment.etc."toshy/config.toml".source = common.file;
      environment.etc."libinput/local-overrides.quirks".text = builtins.readFile ../systemd/toshy.quirks;

      hardware.uinput.enable = true;
      systemd.packages = [ cfg.package ];

      systemd.user.services = lib.mapAttrs (_: withSession) cfg.extraUnits;
    }

    (lib.mkIf cfg.gui.tray {
      systemd.user.services.toshy-tray = userUnit { };
    })

    (lib.mkIf system {
      assertions = [
        {
          assertion = !lib.hasPrefix "/home/" (toString cfg.configFile);
          message = ''
            services.toshy.configFile is in a home, which the daemon cannot read: drop the option and call the file
            ~/.config/toshy/config.toml, which the user's agent reads, or copy it into the Nix store by a path without
            quotes.
          '';
        }
        {
          assertion = (config.systemd.user.services.toshy.wantedBy or [ ]) == [ ];
          message = ''
            Both ways of toshy would run: the daemon, and toshy.service in the session. Set services.toshy.mode to
            "user", or drop systemd.user.services.toshy.
          '';
        }
      ];

      # The daemon's user. dbus-daemon, by which logind answers, turns away the users that systemd makes for a service
      # (DynamicUser=): no database knows them. This one owns nothing, and is in no group.
      users.users.toshy-daemon = {
        isSystemUser = true;
        group = "toshy-daemon";
        description = "toshy daemon";
      };
      users.groups.toshy-daemon = { };

      systemd.services.toshy-daemon = {
        overrideStrategy = "asDropin";
        wantedBy = [ "multi-user.target" ];
        # Another configuration is a reload: keyboards stay grabbed, and a mistake leaves the one before in use.
        reloadTriggers = [ common.file ];
        # Another package is a restart in one step: without this the keyboards would be without toshy from before the
        # activation until after it.
        stopIfChanged = false;
        enableDefaultPath = false;
        serviceConfig = {
          ExecStart = start "daemon" cfg.extraArgs;
          # /dev/uinput belongs to the group that hardware.uinput makes. No user is in either.
          SupplementaryGroups = [
            ""
            "input"
            "uinput"
          ];
        };
      };

      systemd.user.services.toshy-agent = userUnit {
        reloadTriggers = [ common.file ];
        serviceConfig.ExecStart = start "agent" cfg.agent.extraArgs;
      };
    })

    (lib.mkIf (!system) {
      services.udev.packages = [ uaccess ];

      systemd.user.services.toshy = userUnit {
        reloadTriggers = [ common.file ];
        serviceConfig.ExecStart = start "run" cfg.extraArgs;
      };
    })
  ]);
}
