# The options of NixOS that a service of this kind sets, by their names and types there.
{ lib, legacyPackages }:
{ modules }:
let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
  strings = option (types.listOf types.str) [ ];
  enable = {
    enable = lib.mkEnableOption "it";
  };

  # systemd allows a key to stand several times.
  unitValue = types.oneOf [
    types.bool
    types.int
    types.str
    (types.listOf types.str)
  ];
  service = { config, ... }: {
    # Where NixOS has the triggers stand.
    config.unitConfig = lib.mkIf (config.reloadTriggers != [ ]) {
      X-Reload-Triggers = [ (toString config.reloadTriggers) ];
    };
    options = {
      description = option types.str "";
      wantedBy = strings;
      after = strings;
      partOf = strings;
      reloadTriggers = option (types.listOf types.path) [ ];
      restartTriggers = option (types.listOf types.path) [ ];
      stopIfChanged = option types.bool true;
      enableDefaultPath = option types.bool true;
      overrideStrategy = option (types.enum [
        "asDropin"
        "asDropinIfExists"
      ]) "asDropinIfExists";
      unitConfig = option (types.attrsOf unitValue) { };
      serviceConfig = option (types.attrsOf unitValue) { };
    };
  };

  declarations =
    { config, ... }:
    {
      options = {
        assertions = option (types.listOf types.raw) [ ];
        warnings = strings;
        nixpkgs.hostPlatform = mkOption { type = types.str; };
        system.stateVersion = mkOption { type = types.str; };
        boot.loader.grub.enable = option types.bool true;
        boot.kernelModules = strings;
        fileSystems = option (types.attrsOf types.raw) { };
        environment.systemPackages = option (types.listOf types.package) [ ];
        environment.etc = option (types.attrsOf (
          types.submodule (
            { config, ... }:
            {
              options = {
                source = mkOption { type = types.path; };
                text = option (types.nullOr types.lines) null;
              };
              config.source = lib.mkIf (config.text != null) (builtins.toFile "etc" config.text);
            }
          )
        )) { };
        hardware.uinput = enable;
        programs.dconf = enable // {
          profiles = option (types.attrsOf (types.attrsOf types.raw)) { };
        };
        services = {
          evremap = enable;
          input-remapper = enable;
          interception-tools = enable;
          desktopManager.gnome = enable;
          udev.packages = option (types.listOf types.path) [ ];
          keyd = enable;
          kanata = enable;
          keymapper = enable;
          kmonad = enable;
          getty.autologinUser = option (types.nullOr types.str) null;
        };
        systemd.packages = option (types.listOf types.package) [ ];
        systemd.services = option (types.attrsOf (types.submodule service)) { };
        systemd.user.services = option (types.attrsOf (types.submodule service)) { };
        users.groups = option (types.attrsOf (types.submodule { options.members = strings; })) { };
        users.users = option (types.attrsOf (
          types.submodule {
            options = {
              isNormalUser = option types.bool false;
              isSystemUser = option types.bool false;
              group = option types.str "";
              description = option types.str "";
              extraGroups = strings;
            };
          }
        )) { };
      };
      # What every NixOS has, whatever toshy does.
      config = {
        users.users.root.description = "System administrator";
        users.users.nobody.isSystemUser = true;
        users.groups = {
          input = { };
          uinput = lib.mkIf config.hardware.uinput.enable { };
        };
        environment.etc."profile".text = "# of every system";
        environment.systemPackages = [ legacyPackages.${config.nixpkgs.hostPlatform}.git ];
        services.udev.packages = [ legacyPackages.${config.nixpkgs.hostPlatform}.systemd ];
        systemd.services."user@".serviceConfig.Slice = "user.slice";
        systemd.services.dbus.reloadTriggers = [ ./nixos.nix ];
        systemd.user.services.nixos-activation.serviceConfig.Type = "oneshot";
        warnings = [ "a warning about something else" ];
      };
    };

  evaluated = lib.evalModules {
    specialArgs.pkgs = legacyPackages.${evaluated.config.nixpkgs.hostPlatform};
    modules = [ declarations ] ++ modules;
  };
in
evaluated
