# What the NixOS module and the Home Manager module share: the options of services.toshy, and what follows
# from their values.
{
  config,
  lib,
  pkgs,
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.toshy;
  format = pkgs.formats.toml { };
  anyValue = (pkgs.formats.json { }).type; # with null, which the type of TOML has not

  # TOML has no null: what is null is not written.
  dropNull =
    value:
    if builtins.isAttrs value && !lib.isDerivation value then
      lib.mapAttrs (_: dropNull) (lib.filterAttrs (_: v: v != null) value)
    else if builtins.isList value then
      map dropNull (builtins.filter (v: v != null) value)
    else
      value;

  devices = lib.filterAttrs (_: list: list != [ ]) { inherit (cfg.devices) allow ignore; };
  settings = dropNull (
    { inherit (cfg) extends; }
    // cfg.settings
    // lib.optionalAttrs (devices != { } || cfg.settings ? devices) {
      devices = (cfg.settings.devices or { }) // devices;
    }
    // lib.optionalAttrs (cfg.keyboards != [ ] || cfg.settings ? keyboard) {
      keyboard = cfg.keyboards ++ cfg.settings.keyboard or [ ]; # the first that matches counts
    }
  );

  source = if cfg.configFile != null then cfg.configFile else format.generate "toshy.toml" settings;

  # A file outside of the store is not there when the configuration is built.
  inStore =
    cfg.configFile == null
    || builtins.isPath cfg.configFile
    || lib.hasPrefix builtins.storeDir (toString cfg.configFile);
  canRun = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;

  deviceList =
    what:
    mkOption {
      type = types.listOf (types.either types.str (types.attrsOf anyValue));
      default = [ ];
      example = lib.literalExpression ''[ "/yubikey/" { vendor = 5426; } ]'';
      description = ''
        ${what} A name, a regular expression between slashes, or a table as in `match`; see `[devices]` in
        docs/CONFIG.md. `toshy devices` lists what is there.
      '';
    };
in
{
  options = {
    enable = lib.mkEnableOption "toshy, a keyboard remapper with Mac-like shortcuts";

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "inputs.toshy.packages.\${system}.toshy";
      description = "The package of toshy.";
    };

    mode = mkOption {
      type = types.enum [
        "system"
        "user"
      ];
      default = "system";
      description = ''
        Who has the keyboards. `"system"`: a service of the system that has them and nothing else; an agent in each
        session tells it which window has the focus. `"user"`: one process in the session. With it every program of
        who sits at the machine can read the keyboards, so that the first is the safer one.
      '';
    };

    settings = mkOption {
      type = types.attrsOf anyValue;
      default = { };
      example = lib.literalExpression ''
        {
          settings.option_special_characters = "us";
          keymap.mine = {
            when = '''app == "firefox"''';
            keys.Cmd-K = "Ctrl-L";
          };
        }
      '';
      description = ''
        The configuration: everything that docs/CONFIG.md describes, as Nix. It is checked when the system is
        built. Values that are `null` are left out.
      '';
    };

    extends = mkOption {
      type = types.str;
      default = "mac";
      example = "none";
      description = ''
        What {option}`services.toshy.settings` builds on: `"mac"`, the Mac-like configuration, or `"none"`.
      '';
    };

    configFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "./toshy.toml";
      description = "A configuration in TOML, instead of {option}`services.toshy.settings`.";
    };

    checkConfig = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether to check the configuration when it is built, so that a mistake never reaches the keyboard.
        A file that is not in the Nix store, and one for a machine of another kind, cannot be checked. A file
        that includes others has to go without the check, since they are not beside it in the store.
      '';
    };

    devices = {
      allow = deviceList "Only these keyboards are taken; empty: all.";
      ignore = deviceList "These keyboards are never taken.";
    };

    logLevel = mkOption {
      type = types.enum [
        "debug"
        "info"
        "warn"
        "error"
      ];
      default = "info";
      description = "The least important messages that are logged. Only `debug` shows which keys are pressed.";
    };

    keyboards = mkOption {
      type = types.listOf (
        types.submodule {
          options = {
            match = mkOption {
              type = types.attrsOf anyValue;
              default = { };
              description = "Which keyboards: `vendor`, `product`, `bus`, `name`, `phys`. Empty: all.";
            };
            type = mkOption {
              type = types.str;
              description = "Their type. The configuration `mac` knows `apple`, `windows`, `chromebook` and `ibm`.";
            };
          };
        }
      );
      default = [ ];
      example = lib.literalExpression ''
        [ { match.name = "Keychron K3"; type = "apple"; } ]
      '';
      description = ''
        What type keyboards are, where toshy does not find it out: `[[keyboard]]` in docs/CONFIG.md. The first that
        matches counts.
      '';
    };

    gui.tray = mkOption {
      type = types.bool;
      default = false;
      description = "Whether to show toshy in the panel: what it does, its settings, and a switch to pause it.";
    };

    extraArgs = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "--log-format=json" ];
      description = "More arguments for the process that has the keyboards: `toshy daemon`, or `toshy run`.";
    };

    agent.extraArgs = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "--log-format=json" ];
      description = "More arguments for `toshy agent`. Without a meaning in the mode `user`.";
    };

    extraUnits = mkOption {
      type = types.attrsOf (types.attrsOf types.raw);
      default = { };
      description = ''
        Services of the session that come and go with toshy there, by name: a display of its own for `toshy
        monitor`, a script on `toshy status`. Each is written like any other service of a user.
      '';
    };
  };

  # The configuration as it is used.
  file =
    if cfg.checkConfig && inStore && canRun then
      pkgs.runCommand "toshy-config.toml" { } ''
        cp ${source} config.toml
        ${lib.getExe cfg.package} check config.toml
        cp config.toml $out
      ''
    else
      source;

  # Whether it is more than the built-in one.
  configured = cfg.configFile != null || settings != { extends = "mac"; };

  # A command as systemd reads it: quoted, and without its own % and $.
  exec =
    command: arguments:
    lib.concatMapStringsSep " "
      (word: lib.replaceStrings [ "%" "$" ] [ "%%" "$$" ] (builtins.toJSON word))
      (
        [
          (lib.getExe cfg.package)
          command
          "--log-level"
          cfg.logLevel
        ]
        ++ arguments
      );

  assertions = [
    {
      assertion =
        cfg.configFile == null
        || cfg.settings == { } && devices == { } && cfg.keyboards == [ ] && cfg.extends == "mac";
      message = ''
        services.toshy.configFile is the whole configuration: write what services.toshy.settings, extends, devices and
        keyboards say into that file, or drop services.toshy.configFile.
      '';
    }
    {
      assertion = cfg.mode == "system" || cfg.agent.extraArgs == [ ];
      message = ''
        services.toshy.agent.extraArgs is for the agent, which services.toshy.mode = "user" has not: write the arguments
        in services.toshy.extraArgs.
      '';
    }
  ];
}
