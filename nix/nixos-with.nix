# services.toshy for NixOS.
#
# In the mode "system", a service that owns nothing else has the keyboards, and each session has an agent. In the mode
# "user", toshy is one process in the session of the user at the machine, and udev gives that user the keyboards
# (uaccess). Neither mode puts a user into a group, and all access ends with the session.
#
# This file takes the default package as an argument; ./nixos.nix is the module itself.
ownPackage:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.toshy;
  common = import ./options.nix {
    inherit
      config
      lib
      pkgs
      ownPackage
      ;
    isSystem = system;
  };
  inherit (lib) types;
  names = builtins.attrNames cfg.users;
  system = cfg.mode == "system";
  inSession = if system then "toshy-agent" else "toshy";

  # Packages do not install it where udev looks; the user must choose it.
  uaccess = pkgs.runCommand "toshy-uaccess" { } ''
    install -Dm644 ${cfg.package}/share/toshy/70-toshy.rules -t $out/lib/udev/rules.d
  '';

  # A unit of the package, started with graphical sessions, with NixOS's additions.
  userUnit =
    settings:
    {
      overrideStrategy = "asDropin";
      wantedBy = [ cfg.target ];
      # Programs that a configuration starts are found as in the user's session.
      enableDefaultPath = false;
      unitConfig = lib.optionalAttrs (names != [ ]) {
        ConditionUser = map (name: "|${name}") names;
      };
      # The package's units belong to graphical-session.target. Another target starts and stops them in the same way.
      partOf = lib.optional (cfg.target != "graphical-session.target") cfg.target;
      after = lib.optional (cfg.target != "graphical-session.target") cfg.target;
    }
    // settings;
  start = command: arguments: [
    "" # instead of the package's
    (common.exec command arguments)
  ];

  files = [ common.file ] ++ lib.mapAttrsToList common.fileOf own;

  withSession =
    unit:
    {
      partOf = [ "${inSession}.service" ];
      after = [ "${inSession}.service" ];
      wantedBy = [ "${inSession}.service" ];
    }
    // unit;
  # The settings of users who have any.
  own = lib.filterAttrs (_: settings: settings != { }) (
    lib.mapAttrs (_: user: user.settings) cfg.users
  );
in
{
  _class = "nixos";
  _file = ./nixos-with.nix;
  key = "toshy.nixosModules.toshy"; # imported twice, also by two ways, it is one

  imports = import ./renamed.nix { inherit lib; };

  options.services.toshy = common.options // {
    daemon = common.daemonOptions;

    gnome = common.options.gnome // {
      extension = common.options.gnome.extension // {
        default = config.services.desktopManager.gnome.enable or false;
        defaultText = lib.literalExpression "config.services.desktopManager.gnome.enable";
      };
    };

    users = lib.mkOption {
      type = types.coercedTo (types.listOf types.str) (users: lib.genAttrs users (_: { })) (
        types.attrsOf (
          types.submodule {
            options.settings = common.options.settings // {
              description = ''
                This user's settings, added to {option}`services.toshy.settings` or overriding them. A configuration in the user's
                home, `~/.config/toshy/config.toml`, replaces both.
              '';
            };
          }
        )
      );
      default = { };
      example = lib.literalExpression ''
        {
          alice = { };
          bob.settings.settings.option_special_characters = "us";
        }
      '';
      description = ''
        The users in whose sessions toshy runs, with their own settings. Empty: everyone, except
        system users. If nobody has their own settings, a list of names is enough.
      '';
    };
  };

  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        assertions =
          common.assertions
          ++ common.rivals config.services
          ++ [
            {
              assertion = cfg.configFile == null || own == { };
              message = ''
                services.toshy.configFile is the whole configuration, and services.toshy.users.${lib.concatStringsSep ", " (builtins.attrNames own)} has settings beside it: write these into separate files, or use services.toshy.settings.
              '';
            }
          ]
          ++ map (name: {
            assertion = false;
            message = ''
              services.toshy.users.${name}.settings.daemon is for one user, but all users share one daemon: write it in services.toshy.daemon.
            '';
          }) (builtins.filter (name: own.${name} ? daemon) (builtins.attrNames own))
          ++ builtins.concatMap common.mistakes (builtins.attrValues own);
        # Not an assertion: users may be defined outside this configuration.
        warnings = map (name: ''
          services.toshy.users names ${name}, which is not a user of this configuration: declare users.users.${name}, or
          correct the name.
        '') (builtins.filter (name: !(config.users.users ? ${name})) names);

        environment.systemPackages = common.packages;
        # The daemon and the commands find it here; a user's own ~/.config/toshy/config.toml has priority.
        environment.etc = {
          "toshy/config.toml".source = common.file;
          "libinput/local-overrides.quirks".text = builtins.readFile ../systemd/toshy.quirks;
        }
        // lib.mapAttrs' (
          name: settings:
          lib.nameValuePair "toshy/users/${name}/config.toml" { source = common.fileOf name settings; }
        ) own;

        hardware.uinput.enable = true;
        systemd.packages = [ cfg.package ];

        systemd.user.services = lib.mapAttrs (_: withSession) cfg.extraUnits;
      }

      (lib.mkIf cfg.gui.tray {
        systemd.user.services.toshy-tray = userUnit { };
      })

      (lib.mkIf cfg.gnome.extension {
        environment.systemPackages = [ common.gnomeExtension ];
      })

      (lib.mkIf cfg.gnome.enableExtension {
        programs.dconf = {
          enable = true;
          profiles.user.databases = [
            { settings."org/gnome/shell".enabled-extensions = [ common.gnomeExtension.extensionUuid ]; }
          ];
        };
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

        # The daemon's user. dbus-daemon, through which logind answers, rejects the users that systemd creates for a
        # service (DynamicUser=), because they are in no database. This user owns nothing and is in no group.
        users.users.toshy-daemon = {
          isSystemUser = true;
          group = "toshy-daemon";
          description = "toshy daemon";
        };
        users.groups.toshy-daemon = { };

        systemd.services.toshy-daemon = {
          overrideStrategy = "asDropin";
          wantedBy = [ "multi-user.target" ];
          # A new configuration causes a reload: keyboards stay grabbed, and after a mistake the previous one stays in
          # use.
          reloadTriggers = files;
          # A new package causes a restart in one step. Otherwise the keyboards would be without toshy during the whole
          # activation.
          stopIfChanged = false;
          enableDefaultPath = false;
          serviceConfig = {
            ExecStart = start "daemon" cfg.extraArgs;
            # /dev/uinput belongs to the group that hardware.uinput creates. No user is in either group.
            SupplementaryGroups = [
              ""
              "input"
              "uinput"
            ];
          };
        };

        systemd.user.services.toshy-agent = userUnit {
          reloadTriggers = files;
          serviceConfig.ExecStart = start "agent" cfg.agent.extraArgs;
        };
      })

      (lib.mkIf (!system) {
        services.udev.packages = [ uaccess ];

        systemd.user.services.toshy = userUnit {
          reloadTriggers = files;
          serviceConfig.ExecStart = start "run" cfg.extraArgs;
        };
      })
    ]
  );
}
