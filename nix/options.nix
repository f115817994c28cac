# What the NixOS module and the Home Manager module share: the options of services.toshy, and what their values cause.
{
  config,
  lib,
  pkgs,
  # The default package, as a function of pkgs.
  ownPackage,
  # Whether this configuration has the daemon.
  isSystem,
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.toshy;
  anyValue = (pkgs.formats.json { }).type; # includes null, which TOML does not have
  toml = import ./toml.nix { inherit lib; };

  # TOML has no null, so leave it out.
  dropNull =
    value:
    if builtins.isAttrs value && !lib.isDerivation value then
      lib.mapAttrs (_: dropNull) (lib.filterAttrs (_: v: v != null) value)
    else if builtins.isList value then
      map dropNull (builtins.filter (v: v != null) value)
    else
      value;

  # The values of separate options come before those in `settings`.
  together =
    given:
    let
      devices = given.devices or { };
      lists = lib.filterAttrs (_: list: list != [ ]) (
        lib.genAttrs [ "allow" "ignore" ] (name: cfg.devices.${name} ++ devices.${name} or [ ])
      );
    in
    dropNull (
      {
        inherit (cfg) extends;
      }
      // given
      // lib.optionalAttrs (lists != { } || given ? devices) { devices = devices // lists; }
      // lib.optionalAttrs (cfg.keyboards != [ ] || given ? keyboard) {
        keyboard = cfg.keyboards ++ given.keyboard or [ ]; # the first one that matches is used
      }
    );
  settings = together (cfg.settings // lib.optionalAttrs (daemon != { }) { inherit daemon; });
  # The daemon's own settings. If an option has its default, the value in `settings` is used.
  daemon =
    let
      given = cfg.settings.daemon or { };
      changed = lib.filterAttrs (name: value: value != daemonDefaults.${name}) (cfg.daemon or { });
    in
    if builtins.isAttrs given then given // changed else given; # `toshy check` reports anything that is not a set
  daemonDefaults = {
    monitor = "keys";
    type = true;
    press = true;
    console = false;
  };
  generate = name: given: pkgs.writeText name (toml.generate given);

  inherit (builtins) isPath pathExists;
  isFolder = isPath cfg.configFile && lib.pathIsDirectory cfg.configFile;
  source =
    if cfg.configFile == null then
      generate "toshy.toml" settings
    else if isFolder then
      "${cfg.configFile}/config.toml"
    else
      cfg.configFile;

  # If only one file is named, files that it includes are not copied to the store.
  includes = builtins.any (
    line: builtins.match "[[:space:]]*\"?include\"?[[:space:]]*=.*" line != null
  ) (lib.splitString "\n" (builtins.readFile cfg.configFile));

  # A build cannot read a file outside the store.
  inStore =
    cfg.configFile == null
    || isPath cfg.configFile
    || lib.isDerivation cfg.configFile
    || lib.hasPrefix builtins.storeDir (toString cfg.configFile);
  canRun = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;

  # A configuration as it is used: checked in place, with the files beside it, and linked. A build cannot read links out
  # of the store (mkOutOfStoreSymlink).
  checked =
    name: file:
    if cfg.checkConfig && canRun then
      pkgs.runCommand name { } ''
        case $(readlink -m ${file}) in
        ${builtins.storeDir}/*)
          ${lib.getExe cfg.package} check ${lib.optionalString cfg.strict "--strict "}${file}
          ;;
        esac
        ln -s ${file} $out
      ''
    else
      file;

  rivalsOf =
    services:
    builtins.filter (name: services.${name}.enable or false) [
      "evremap"
      "input-remapper"
      "interception-tools"
      "kanata"
      "keyd"
      "keymapper"
      "kmonad"
      "xremap"
    ];
  takesAll =
    cfg.configFile == null && cfg.devices.allow == [ ] && (cfg.settings.devices.allow or [ ]) == [ ];

  deviceList =
    what:
    mkOption {
      type = types.listOf (types.either types.str (types.attrsOf anyValue));
      default = [ ];
      example = lib.literalExpression ''[ "/yubikey/" { vendor = 5426; } ]'';
      description = ''
        ${what} A name, a regular expression between slashes, or a table as in `match`; see `[devices]` in
        docs/CONFIG.md. `toshy devices` lists your devices.
      '';
    };
in
{
  options = {
    enable = lib.mkEnableOption "toshy, a keyboard remapper with Mac-like shortcuts";

    package = mkOption {
      type = types.package;
      default = ownPackage pkgs;
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
        Which process has the keyboards. `"system"`: a service that has the keyboards and access to nothing else; an
        agent in each session tells it which window has the focus. `"user"`: one process in the session. With `"user"`,
        every program of the user at the machine can read the keyboards, so `"system"` is safer.
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

        If several keymaps have the same combo, the first one wins, and Nix sorts sets by name. So if the order matters,
        write `keymap.mine.order = 10` (the default is 1000, lower comes first), or write `keymap` as a list of sets
        with `name`. The same is true for `modmap`, `chord`, `layer` and `compose`.
      '';
    };

    extends = mkOption {
      type = types.str;
      default = "mac";
      example = "none";
      description = ''
        What {option}`services.toshy.settings` builds on: `"mac"`, the Mac-like configuration, `"mac-minimal"`, `"windows"`, or `"none"`.
      '';
    };

    configFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression "./toshy.toml";
      description = ''
        A configuration in TOML, instead of {option}`services.toshy.settings`. If it is a folder, its `config.toml` is
        used, with the files in the folder that it includes.
      '';
    };

    checkConfig = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether to check the configuration when it is built, so that a mistake never reaches the keyboard. Files outside
        the Nix store, and builds for another kind of machine, cannot be checked.
      '';
    };

    strict = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether a warning of the check makes the build fail, as a mistake does. Otherwise, `nix log` shows the warnings.
      '';
    };

    target = mkOption {
      type = types.str;
      default = "graphical-session.target";
      example = "sway-session.target";
      description = ''
        The target of the user's systemd with which toshy starts and stops. docs/NIXOS.md says which one your desktop
        has.
      '';
    };

    devices = {
      allow = deviceList "toshy takes only these keyboards; empty: all.";
      ignore = deviceList "toshy never takes these keyboards.";
    };

    logLevel = mkOption {
      type = types.enum [
        "debug"
        "info"
        "warn"
        "error"
      ];
      default = "info";
      description = "The lowest level of messages that are logged. Only `debug` shows which keys are pressed.";
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
        The types of keyboards that toshy does not detect: `[[keyboard]]` in docs/CONFIG.md. The first one that matches
        is used.
      '';
    };

    gui = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether the application menu has an entry for `toshy ui`: shortcuts, rules and settings in the browser.
          It starts when you open it, and ends when you close it. The command `toshy ui` always works.
        '';
      };
      tray = mkOption {
        type = types.bool;
        default = false;
        description = "Whether to show toshy in the panel: what it does, its settings, and a switch to pause it.";
      };
    };

    gnome = {
      extension = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to install the extension that tells toshy which window has the focus on GNOME, for the version of
          GNOME Shell in these packages.
        '';
      };
      enableExtension = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether to turn the extension on with dconf. On NixOS, this is a default: it does not change the setting of a
          user who has turned extensions on or off by hand.
        '';
      };
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
      description = "More arguments for `toshy agent`. Not allowed in the mode `user`, which has no agent.";
    };

    extraUnits = mkOption {
      type = types.attrsOf (types.attrsOf types.raw);
      default = { };
      description = ''
        Services of the session that start and stop with toshy, by name: for example a separate display for `toshy
        monitor`, or a script for `toshy status`. Write each like any other user service.
      '';
    };
  };

  # The switches of the daemon, for a module that has the daemon.
  daemonOptions = {
    monitor = mkOption {
      type = types.enum [
        "keys"
        "no-keys"
      ];
      default = daemonDefaults.monitor;
      description = ''
        Whether programs of the user at the machine may see which letters and digits are typed, with `toshy monitor`
        and `toshy status`. `"no-keys"` hides them.
      '';
    };
    type = mkOption {
      type = types.bool;
      default = daemonDefaults.type;
      description = "Whether programs of the user at the machine may make toshy type texts, with `toshy type`.";
    };
    press = mkOption {
      type = types.bool;
      default = daemonDefaults.press;
      description = "Whether programs of the user at the machine may make toshy press combos, with `toshy press`.";
    };
    console = mkOption {
      type = types.bool;
      default = daemonDefaults.console;
      description = ''
        Whether toshy maps text consoles and login screens, with the machine's configuration. Without it, toshy maps keys
        only in the session of a user whose agent runs.
      '';
    };
  };

  # The package with or without an entry in the application menu, and the program that opens the page in the browser.
  packages = [
    cfg.package
  ]
  ++ (
    if cfg.gui.enable then
      [ pkgs.xdg-utils ]
    else
      [
        (lib.hiPrio (
          pkgs.runCommand "toshy-not-in-the-menu" { } ''
            mkdir -p $out/share/applications
            sed '$a NoDisplay=true' ${cfg.package}/share/applications/toshy-ui.desktop >$out/share/applications/toshy-ui.desktop
          ''
        ))
      ]
  );

  # The configuration as it is used.
  file = if inStore then checked "toshy-config.toml" source else source;
  # The same for one user, who has the common settings except for their own.
  fileOf =
    name: own:
    checked "toshy-config-${name}.toml" (
      generate "toshy-${name}.toml" (together (lib.recursiveUpdate cfg.settings own))
    );

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
        ||
          cfg.settings == { }
          && daemon == { }
          && cfg.devices.allow == [ ]
          && cfg.devices.ignore == [ ]
          && cfg.keyboards == [ ]
          && cfg.extends == "mac";
      message = ''
        services.toshy.configFile is the whole configuration: move services.toshy.settings, extends, devices, keyboards
        and daemon into that file, or remove services.toshy.configFile.
      '';
    }
    {
      assertion = !isPath cfg.configFile || pathExists cfg.configFile;
      message = ''
        services.toshy.configFile names ${toString cfg.configFile}, which does not exist: correct the path, and in a flake
        `git add` the file.
      '';
    }
    {
      assertion = !isFolder || pathExists (cfg.configFile + "/config.toml");
      message = ''
        services.toshy.configFile is a folder without a config.toml: give the main file that name.
      '';
    }
    {
      assertion = isFolder || !isPath cfg.configFile || !pathExists cfg.configFile || !includes;
      message = ''
        services.toshy.configFile includes other files, which a path to one file leaves behind: use the path of the folder
        that contains them all, and call the main file config.toml.
      '';
    }
    {
      assertion = builtins.all (file: !(builtins.isString file) || lib.hasPrefix "/" file) (
        lib.toList (cfg.settings.include or [ ])
      );
      message = ''
        services.toshy.settings.include names a file relative to nothing: write the path without quotes (./more.toml), so
        that the file gets into the Nix store.
      '';
    }
    {
      assertion = cfg.mode == "system" || cfg.agent.extraArgs == [ ];
      message = ''
        services.toshy.agent.extraArgs is for the agent, but services.toshy.mode = "user" has no agent: move the arguments
        to services.toshy.extraArgs.
      '';
    }
    {
      assertion = daemon == { } || isSystem;
      message = ''
        services.toshy.daemon is for the daemon of a NixOS with services.toshy.mode = "system": remove it and
        services.toshy.settings.daemon here.
      '';
    }
    {
      assertion = !cfg.strict || cfg.checkConfig;
      message = ''
        services.toshy.strict needs the check that services.toshy.checkConfig = false turns off: remove one of them.
      '';
    }
    {
      assertion = builtins.match "[A-Za-z0-9:_.@-]+[.]target" cfg.target != null;
      message = ''
        services.toshy.target is "${cfg.target}", which is not the name of a target: write it like "graphical-session.target".
      '';
    }
  ]
  ++ map (message: {
    assertion = false;
    inherit message;
  }) (toml.mistakes cfg.settings);

  # The assertions about settings in other places.
  mistakes =
    settings:
    map (message: {
      assertion = false;
      inherit message;
    }) (toml.mistakes settings);

  # Assertions about the other programs among services that grab keyboards.
  rivals =
    services:
    map (name: {
      assertion = false;
      message = ''
        services.toshy and services.${name} would both grab all keyboards. Disable one of them, or name toshy's keyboards in
        services.toshy.devices.allow and the others in services.${name}.
      '';
    }) (lib.optionals takesAll (rivalsOf services));

  # The GNOME Shell extension for the version in these packages: shells refuse one for another version.
  gnomeExtension = pkgs.callPackage ./gnome-extension.nix { toshy = cfg.package; };
}
