# services.toshy for Home Manager: the same services and the same configuration, from the user's side.
#
# It cannot give access to the keyboards. On NixOS, the system's services.toshy does that; elsewhere, a package of the
# distribution, or the udev rule in docs/USAGE.md.
#
# This file takes the default package as an argument; ./home.nix is the module itself.
ownPackage:
{
  config,
  lib,
  pkgs,
  ...
}@args:
let
  cfg = config.services.toshy;
  common = import ./options.nix {
    inherit
      config
      lib
      pkgs
      ownPackage
      ;
    isSystem = false;
  };
  readUnit = import ./unit.nix { inherit lib; };
  system = cfg.mode == "system";
  inSession = if system then "toshy-agent" else "toshy";

  # The system that contains this home, if there is one: NixOS with Home Manager as its module.
  ofSystem = args.osConfig.services.toshy or { };
  systemRuns = ofSystem.enable or false;

  # A unit of ../systemd, with this package's programs and the target of this home.
  userUnit =
    file: settings:
    let
      unit = readUnit file;
      replaced =
        from: to: section:
        lib.mapAttrs (
          _: value: if builtins.isString value then lib.replaceStrings [ from ] [ to ] value else value
        ) section;
      toTarget = replaced "graphical-session.target" cfg.target;
    in
    unit
    // {
      Unit = toTarget unit.Unit;
      Service = replaced "/usr/bin/" "${cfg.package}/bin/" unit.Service // settings;
      Install.WantedBy = lib.toList (toTarget unit.Install).WantedBy; # Home Manager reads it
    };
  reloads =
    unit:
    unit
    // {
      Unit = unit.Unit // {
        X-Reload-Triggers = [ "${common.file}" ];
      };
    };

  withSession =
    unit:
    unit
    // {
      Unit = {
        PartOf = [ "${inSession}.service" ];
        After = [ "${inSession}.service" ];
      }
      // unit.Unit or { };
      Install = {
        WantedBy = [ "${inSession}.service" ];
      }
      // unit.Install or { };
    };
  ours = {
    ${inSession} = reloads (
      if system then
        userUnit ../systemd/toshy-agent.service { ExecStart = common.exec "agent" cfg.agent.extraArgs; }
      else
        userUnit ../systemd/toshy.service { ExecStart = common.exec "run" cfg.extraArgs; }
    );
  }
  // lib.optionalAttrs cfg.gui.tray {
    toshy-tray = userUnit ../systemd/toshy-tray.service { };
  };
in
{
  _class = "homeManager";
  _file = ./home-with.nix;
  key = "toshy.homeModules.toshy"; # imported twice, also by two ways, it is one

  imports = import ./renamed-home.nix { inherit lib; };

  options.services.toshy = common.options // {
    mode = common.options.mode // {
      default = if systemRuns then ofSystem.mode else "user";
      defaultText = lib.literalExpression ''
        that of the system, where its services.toshy is enabled; else "user"
      '';
    };
    target = common.options.target // {
      default = config.wayland.systemd.target or "graphical-session.target";
      defaultText = lib.literalExpression "config.wayland.systemd.target";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions =
      common.assertions
      ++ common.rivals config.services
      ++ [
        {
          assertion = pkgs.stdenv.hostPlatform.isLinux;
          message = "services.toshy needs Linux: it remaps the keyboards of the Linux kernel.";
        }
        {
          assertion = !systemRuns || cfg.mode == ofSystem.mode;
          message = ''
            Both ways of toshy would run: services.toshy.mode is "${cfg.mode}" in this home, and "${ofSystem.mode or "user"}" in the
            system. Leave it out in the home, or make them the same.
          '';
        }
        {
          assertion = !system || cfg.extraArgs == [ ];
          message = ''
            services.toshy.extraArgs is for the process that has the keyboards, which is the system's with
            services.toshy.mode = "system": set it there, or use services.toshy.agent.extraArgs.
          '';
        }
      ];

    home.packages = common.packages ++ lib.optional cfg.gnome.extension common.gnomeExtension;
    dconf = lib.mkIf cfg.gnome.enableExtension {
      settings."org/gnome/shell".enabled-extensions = [ common.gnomeExtension.extensionUuid ];
    };
    # If this home sets nothing, the system's stays in use.
    xdg.configFile = lib.mkMerge [
      (lib.mkIf (common.configured || !systemRuns) { "toshy/config.toml".source = common.file; })
      # What the home sets is used. NixOS adds files with this name to units, and if there are two with the same name,
      # systemd reads the user's.
      (lib.mapAttrs' (
        name: _:
        lib.nameValuePair "systemd/user/${name}.service.d/overrides.conf" {
          text = "# ${name}.service is this home's, with nothing of the system's.\n";
        }
      ) ours)
    ];

    systemd.user.services = lib.mapAttrs (_: withSession) cfg.extraUnits // ours;
  };
}
