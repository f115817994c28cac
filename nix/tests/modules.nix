# What the modules make of option values. Returns the names of what is wrong.
#
# nixos and home evaluate a module and return the configuration; package is toshy's.
{
  lib,
  nixos,
  home,
  package,
}:
let
  toshy = values: { services.toshy = { enable = true; } // values; };
  unit = config: config.systemd.user.services.toshy;
  file = config: "${config.environment.etc."toshy/config.toml".source}";

  # The sentences of the assertions that fail.
  complaints = config: map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
  complains = text: config: builtins.any (lib.hasInfix text) (complaints config);
  warns = text: config: builtins.any (lib.hasInfix text) config.warnings;
  # Whether the module system refuses a value.
  refuses = value: !(builtins.tryEval (builtins.deepSeq value true)).success;

  bin = "${package}/bin/toshy";
  plain = nixos (toshy { });
  atHome = home (toshy { });

  tests = {
    "NixOS: nothing happens without enable" =
      let
        config = nixos { };
      in
      !(config.systemd.user.services ? toshy)
      && !(config.environment.etc ? "toshy/config.toml")
      && !config.hardware.uinput.enable;

    "NixOS: nobody complains about the defaults" = complaints plain == [ ];

    "NixOS: the package is the flake's" = "${plain.services.toshy.package}" == "${package}";

    "NixOS: a user service of graphical sessions, made of the package's unit" =
      (unit plain).wantedBy == [ "graphical-session.target" ]
      && (unit plain).overrideStrategy == "asDropin"
      && builtins.elem package plain.systemd.packages
      && !(plain.systemd.services ? toshy);

    "NixOS: it runs the package's program" =
      (unit plain).serviceConfig.ExecStart == [
        ""
        ''"${bin}" "run" "--log-level" "info"''
      ];

    "NixOS: the rule, the module and the quirk" =
      builtins.elem package plain.services.udev.packages
      && plain.hardware.uinput.enable
      && lib.hasInfix "AttrKeyboardIntegration=internal"
        plain.environment.etc."libinput/local-overrides.quirks".text;

    "NixOS: no user is in a group of devices" =
      let
        config = nixos {
          imports = [ (toshy { users = [ "alice" ]; }) ];
          users.users.alice.isNormalUser = true;
        };
      in
      !(builtins.any (group: builtins.elem group config.users.users.alice.extraGroups) [
        "input"
        "uinput"
      ])
      && (config.users.groups.input.members or [ ]) == [ ]
      && (config.users.groups.uinput.members or [ ]) == [ ];

    "NixOS: everybody's sessions, or those of some" =
      !((unit plain).unitConfig ? ConditionUser)
      &&
        (unit (nixos (toshy {
          users = [
            "alice"
            "bob"
          ];
        }))).unitConfig.ConditionUser == [
          "|alice"
          "|bob"
        ];

    "NixOS: another configuration reloads the service" =
      let
        other = nixos (toshy { settings.keymap.mine.keys.F1 = "F2"; });
      in
      (unit plain).reloadTriggers == [ plain.environment.etc."toshy/config.toml".source ]
      && file plain != file other
      && (unit plain).serviceConfig == (unit other).serviceConfig;

    "NixOS: null is the same as nothing" =
      file (nixos (toshy {
        settings.keymap.mine = {
          when = null;
          keys.F1 = "F2";
        };
      })) == file (nixos (toshy { settings.keymap.mine.keys.F1 = "F2"; }));

    "NixOS: devices are a part of the settings" =
      file (nixos (toshy {
        devices.ignore = [
          "/yubikey/"
          { vendor = 5426; }
        ];
        settings.devices.allow = [ "A keyboard" ];
      })) == file (nixos (toshy {
        settings.devices = {
          allow = [ "A keyboard" ];
          ignore = [
            "/yubikey/"
            { vendor = 5426; }
          ];
        };
      }));

    "NixOS: extends is a part of the settings" =
      file (nixos (toshy { extends = "none"; })) == file (nixos (toshy { settings.extends = "none"; }))
      && file (nixos (toshy { extends = "mac"; })) == file plain;

    "NixOS: level and arguments reach the program, with systemd's own characters masked" =
      (lib.last
        (unit (nixos (toshy {
          logLevel = "warn";
          extraArgs = [
            "--device"
            "50% of \"$HOME\""
          ];
        }))).serviceConfig.ExecStart
      ) == ''"${bin}" "run" "--log-level" "warn" "--device" "50%% of \"$$HOME\""'';

    "NixOS: a configuration in a file" =
      let
        config = nixos (toshy { configFile = ../../config/mac/mac.toml; });
      in
      complaints config == [ ] && file config != file plain;

    "NixOS: a file outside of the store is taken as it is" =
      "${
        (nixos (toshy { configFile = "/home/alice/toshy.toml"; })).environment.etc."toshy/config.toml".source
      }" == "/home/alice/toshy.toml";

    "NixOS: the check can be left out" = file (nixos (toshy { checkConfig = false; })) != file plain;

    "NixOS: settings beside a file are refused" =
      complains "services.toshy.configFile is the whole configuration" (nixos (toshy {
        configFile = ../../config/mac/mac.toml;
        settings.keymap.mine.keys.F1 = "F2";
      }))
      && complains "services.toshy.configFile is the whole configuration" (nixos (toshy {
        configFile = ../../config/mac/mac.toml;
        extends = "none";
      }));

    "NixOS: two that grab all keyboards are refused" =
      builtins.all (
        name:
        complains "services.toshy and services.${name} would both grab all keyboards" (nixos {
          imports = [ (toshy { }) ];
          services.${name}.enable = true;
        })
      ) [
        "kanata"
        "keyd"
        "kmonad"
      ]
      && complaints (nixos {
        imports = [ (toshy { devices.allow = [ "A keyboard" ]; }) ];
        services.keyd.enable = true;
      }) == [ ];

    "NixOS: wrong types are refused" =
      refuses (nixos (toshy { logLevel = "loud"; })).services.toshy.logLevel
      && refuses (nixos (toshy { users = "alice"; })).services.toshy.users
      && refuses (nixos (toshy { devices.allow = [ 1 ]; })).services.toshy.devices.allow
      && refuses (nixos (toshy { setings = { }; })).services.toshy.enable;

    "NixOS: earlier names lead to the new ones" =
      let
        config = nixos (toshy {
          user = "alice";
          keybindings.macStyle = false;
          logging.level = "WARNING";
        });
      in
      config.services.toshy.users == [ "alice" ]
      && config.services.toshy.extends == "none"
      && config.services.toshy.logLevel == "warn"
      && warns "services.toshy.keybindings.macStyle" config
      && complaints config == [ ];

    "NixOS: names that are gone say what to do" =
      let
        gone = {
          config = "keymap()";
          gui.tray = true;
          wayland.enable = true;
          performance.priority = 1;
          security.enableInputGroup = true;
        };
      in
      builtins.all (name: complains "services.toshy.${name}" (nixos (toshy { ${name} = gone.${name}; }))) (
        builtins.attrNames gone
      );

    "Home Manager: nothing happens without enable" =
      !((home { }).systemd.user.services ? toshy) && (home { }).home.packages == [ ];

    "Home Manager: the package, the configuration and the service" =
      complaints atHome == [ ]
      && atHome.home.packages == [ package ]
      && atHome.systemd.user.services.toshy.Install.WantedBy == "graphical-session.target"
      && atHome.systemd.user.services.toshy.Service.Type == "notify"
      && atHome.systemd.user.services.toshy.Service.ExecStart == ''"${bin}" "run" "--log-level" "info"''
      && atHome.systemd.user.services.toshy.Service.ExecReload == "${bin} reload"
      && lib.hasInfix "toshy-config.toml" "${atHome.xdg.configFile."toshy/config.toml".source}";

    "Home Manager: NixOS makes the same file of the same settings" =
      let
        values = toshy { settings.keymap.mine.keys.F1 = "F2"; };
      in
      "${(home values).xdg.configFile."toshy/config.toml".source}" == file (nixos values);

    "Home Manager: settings beside a file are refused" =
      complains "services.toshy.configFile is the whole configuration" (home (toshy {
        configFile = ../../config/mac/mac.toml;
        settings.keymap.mine.keys.F1 = "F2";
      }));

    "Home Manager: names that are gone say what to do" =
      complains "services.toshy.extraConfig" (home (toshy { extraConfig = "keymap()"; }));
  };
in
builtins.attrNames (lib.filterAttrs (_: passed: !passed) tests)
