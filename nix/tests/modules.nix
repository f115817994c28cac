# What the modules make of option values: the names of what is wrong, and configurations to build.
#
# nixos and home evaluate a module and return the configuration, homeOn does so for a home of that system; package is
# toshy's, examples are the modules of nix/examples.
{
  lib,
  nixos,
  home,
  homeOn,
  package,
  outOfStore,
  examples,
}:
let
  toshy = values: {
    services.toshy = {
      enable = true;
    }
    // values;
  };
  # Of all that a system has, what is ours. The rest is anybody's.
  ours = lib.filterAttrs (name: _: lib.hasPrefix "toshy" name);
  units = config: builtins.attrNames (ours config.systemd.services);
  userUnits = config: builtins.attrNames (ours config.systemd.user.services);
  oursAmong = map (p: p.name or "");
  conditionsOf = unit: removeAttrs unit.unitConfig [ "X-Reload-Triggers" ];
  daemon = config: config.systemd.services.toshy-daemon;
  agent = config: config.systemd.user.services.toshy-agent;
  single = config: config.systemd.user.services.toshy;
  inOneProcess = values: toshy (values // { mode = "user"; });
  file = config: "${config.environment.etc."toshy/config.toml".source}";

  # The sentences of the assertions that fail.
  complaints = config: map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
  complains = text: config: builtins.any (lib.hasInfix text) (complaints config);
  warns = text: config: builtins.any (lib.hasInfix text) config.warnings;
  # Whether the module system refuses a value.
  refuses = value: !(builtins.tryEval (builtins.deepSeq value true)).success;

  bin = "${package}/bin/toshy";
  plain = nixos (toshy { });
  lone = nixos (inOneProcess { });
  atHome = home (toshy { });

  tests = {
    "NixOS: nothing happens without enable" =
      let
        config = nixos { };
      in
      !(config.systemd.services ? toshy-daemon)
      && !(config.systemd.user.services ? toshy-agent)
      && !(config.systemd.user.services ? toshy)
      && !(config.environment.etc ? "toshy/config.toml")
      && !config.hardware.uinput.enable;

    "NixOS: nobody complains about the defaults" =
      complaints plain == [ ]
      && complaints lone == [ ]
      && !(warns "toshy" plain)
      && !(warns "toshy" lone);

    "NixOS: the package is the flake's" = "${plain.services.toshy.package}" == "${package}";

    "NixOS: a daemon of the system and an agent of graphical sessions, made of the package's units" =
      (daemon plain).wantedBy == [ "multi-user.target" ]
      && (agent plain).wantedBy == [ "graphical-session.target" ]
      && (daemon plain).overrideStrategy == "asDropin"
      && (agent plain).overrideStrategy == "asDropin"
      && builtins.elem package plain.systemd.packages
      && userUnits plain == [ "toshy-agent" ]
      && units plain == [ "toshy-daemon" ];

    "NixOS: what hardens the daemon is left as the package has it" =
      builtins.attrNames (daemon plain).serviceConfig == [
        "ExecStart"
        "SupplementaryGroups"
      ]
      && conditionsOf (daemon plain) == { };

    "NixOS: they run the package's program" =
      (daemon plain).serviceConfig.ExecStart == [
        ""
        ''"${bin}" "daemon" "--log-level" "info"''
      ]
      &&
        (agent plain).serviceConfig.ExecStart == [
          ""
          ''"${bin}" "agent" "--log-level" "info"''
        ];

    "NixOS: one process in the session, where that is chosen" =
      userUnits lone == [ "toshy" ]
      && units lone == [ ]
      && (single lone).overrideStrategy == "asDropin"
      && (single lone).wantedBy == [ "graphical-session.target" ]
      &&
        (single lone).serviceConfig == {
          ExecStart = [
            ""
            ''"${bin}" "run" "--log-level" "info"''
          ];
        };

    "NixOS: the module and the quirk" =
      builtins.all
        (
          config:
          config.hardware.uinput.enable
          &&
            lib.hasInfix "AttrKeyboardIntegration=internal"
              config.environment.etc."libinput/local-overrides.quirks".text
        )
        [
          plain
          lone
        ];

    "NixOS: programs of the user can read the keyboards only in one process" =
      !(builtins.elem "toshy-uaccess" (oursAmong plain.services.udev.packages))
      && builtins.elem "toshy-uaccess" (oursAmong lone.services.udev.packages);

    "NixOS: no user is in a group of devices, the daemon is" =
      builtins.all
        (
          values:
          let
            config = nixos {
              imports = [ (toshy (values // { users = [ "alice" ]; })) ];
              users.users.alice.isNormalUser = true;
            };
          in
          !(builtins.any (group: builtins.elem group config.users.users.alice.extraGroups) [
            "input"
            "uinput"
          ])
          && config.users.users ? toshy-daemon == !(values ? mode)
          && (config.users.groups.input.members or [ ]) == [ ]
          && (config.users.groups.uinput.members or [ ]) == [ ]
        )
        [
          { }
          { mode = "user"; }
        ]
      &&
        (daemon plain).serviceConfig.SupplementaryGroups == [
          ""
          "input"
          "uinput"
        ];

    "NixOS: the daemon's user is one that the bus knows, and is nobody else" =
      plain.users.users.toshy-daemon.isSystemUser
      && plain.users.users.toshy-daemon.group == "toshy-daemon"
      && (plain.users.users.toshy-daemon.extraGroups or [ ]) == [ ]
      && !(lone.users.users ? toshy-daemon)
      && lib.hasInfix "User=toshy-daemon" (builtins.readFile ../../systemd/toshy-daemon.service);

    "NixOS: everybody's sessions, or those of some" =
      let
        some = {
          users = [
            "alice"
            "bob"
          ];
          gui.tray = true;
        };
        conditions =
          config:
          map (unit: unit.unitConfig.ConditionUser) (builtins.attrValues (ours config.systemd.user.services));
        those = [
          "|alice"
          "|bob"
        ];
      in
      conditionsOf (agent plain) == { }
      && conditionsOf (single lone) == { }
      &&
        conditions (nixos (toshy some)) == [
          those
          those
        ]
      &&
        conditions (nixos (inOneProcess some)) == [
          those
          those
        ];

    "NixOS: a user who is not there is worth a word" =
      warns "services.toshy.users names alcie" (
        nixos (toshy {
          users = [ "alcie" ];
        })
      )
      && !(warns "services.toshy.users" (nixos {
        imports = [ (toshy { users = [ "alice" ]; }) ];
        users.users.alice.isNormalUser = true;
      }));

    "NixOS: another configuration reloads, and restarts nothing" =
      let
        other = nixos (toshy {
          settings.keymap.mine.keys.F1 = "F2";
        });
      in
      (daemon plain).reloadTriggers == [ plain.environment.etc."toshy/config.toml".source ]
      && (agent plain).reloadTriggers == (daemon plain).reloadTriggers
      && (daemon plain).restartTriggers == [ ]
      && file plain != file other
      && (daemon plain).reloadTriggers != (daemon other).reloadTriggers
      && (daemon plain).serviceConfig == (daemon other).serviceConfig
      && (agent plain).serviceConfig == (agent other).serviceConfig;

    "NixOS: another package restarts in one step" = !(daemon plain).stopIfChanged;

    "NixOS: in the panel, where that is wanted" =
      let
        config = nixos (toshy {
          gui.tray = true;
        });
        tray = config.systemd.user.services.toshy-tray;
      in
      !(plain.systemd.user.services ? toshy-tray)
      && tray.wantedBy == [ "graphical-session.target" ]
      && tray.overrideStrategy == "asDropin"
      && tray.serviceConfig == { };

    "NixOS: units of one's own come and go with toshy" =
      let
        units.extraUnits.toshy-display = {
          description = "Shows layers";
          serviceConfig.ExecStart = "${package}/bin/toshy monitor";
        };
        unit = config: config.systemd.user.services.toshy-display;
        with' = nixos (toshy units);
      in
      (unit with').partOf == [ "toshy-agent.service" ]
      && (unit with').wantedBy == [ "toshy-agent.service" ]
      && (unit with').description == "Shows layers"
      && (unit (nixos (inOneProcess units))).partOf == [ "toshy.service" ];

    "NixOS: the units can be changed from outside" =
      (daemon (nixos {
        imports = [ (toshy { }) ];
        systemd.services.toshy-daemon.serviceConfig.Nice = -10;
      })).serviceConfig.Nice == -10;

    "NixOS: null is the same as nothing" =
      file (
        nixos (toshy {
          settings.keymap.mine = {
            when = null;
            keys.F1 = "F2";
          };
        })
      ) == file (
        nixos (toshy {
          settings.keymap.mine.keys.F1 = "F2";
        })
      );

    "NixOS: devices are a part of the settings" =
      file (
        nixos (toshy {
          devices.ignore = [
            "/yubikey/"
            { vendor = 5426; }
          ];
          settings.devices.allow = [ "A keyboard" ];
        })
      ) == file (
        nixos (toshy {
          settings.devices = {
            allow = [ "A keyboard" ];
            ignore = [
              "/yubikey/"
              { vendor = 5426; }
            ];
          };
        })
      );

    "NixOS: keyboards are a part of the settings, before those that stand there" =
      let
        apple = {
          match.name = "Keychron K3";
          type = "apple";
        };
        windows = {
          match.vendor = 1133;
          type = "windows";
        };
      in
      file (
        nixos (toshy {
          keyboards = [ apple ];
          settings.keyboard = [ windows ];
        })
      ) == file (
        nixos (toshy {
          settings.keyboard = [
            apple
            windows
          ];
        })
      );

    "NixOS: extends is a part of the settings" =
      file (
        nixos (toshy {
          extends = "none";
        })
      ) == file (
        nixos (toshy {
          settings.extends = "none";
        })
      )
      &&
        file (
          nixos (toshy {
            extends = "mac";
          })
        ) == file plain;

    "NixOS: level and arguments reach the programs, with systemd's own characters masked" =
      let
        values = {
          logLevel = "warn";
          extraArgs = [
            "--config"
            "50% of \"$HOME\""
          ];
        };
        config = nixos (toshy (values // { agent.extraArgs = [ "--log-format=json" ]; }));
        command = unit: lib.last unit.serviceConfig.ExecStart;
      in
      command (daemon config)
      == ''"${bin}" "daemon" "--log-level" "warn" "--config" "50%% of \"$$HOME\""''
      && command (agent config) == ''"${bin}" "agent" "--log-level" "warn" "--log-format=json"''
      &&
        command (single (nixos (inOneProcess values)))
        == ''"${bin}" "run" "--log-level" "warn" "--config" "50%% of \"$$HOME\""'';

    "NixOS: a configuration in a file" =
      let
        config = nixos (toshy {
          configFile = ./files/single.toml;
        });
      in
      complaints config == [ ] && file config != file plain;

    "NixOS: a file outside of the store is taken as it is" =
      file (
        nixos (toshy {
          configFile = "/var/lib/toshy.toml";
        })
      ) == "/var/lib/toshy.toml";

    "NixOS: a file in a home is refused where the daemon would have to read it" =
      let
        values.configFile = "/home/alice/toshy.toml";
      in
      complains "services.toshy.configFile is in a home" (nixos (toshy values))
      && complaints (nixos (inOneProcess values)) == [ ];

    "NixOS: both ways at once are refused" =
      complains "Both ways of toshy would run" (nixos {
        imports = [ (toshy { }) ];
        systemd.user.services.toshy.wantedBy = [ "graphical-session.target" ];
      })
      && complains "services.toshy.agent.extraArgs is for the agent" (
        nixos (inOneProcess {
          agent.extraArgs = [ "--log-format=json" ];
        })
      );

    "NixOS: the check can be left out" =
      file (
        nixos (toshy {
          checkConfig = false;
        })
      ) != file plain;

    "NixOS: settings beside a file are refused" =
      complains "services.toshy.configFile is the whole configuration" (
        nixos (toshy {
          configFile = ./files/single.toml;
          settings.keymap.mine.keys.F1 = "F2";
        })
      )
      && complains "services.toshy.configFile is the whole configuration" (
        nixos (toshy {
          configFile = ./files/single.toml;
          extends = "none";
        })
      )
      && complains "services.toshy.configFile is the whole configuration" (
        nixos (toshy {
          configFile = ./files/single.toml;
          keyboards = [ { type = "apple"; } ];
        })
      );

    "NixOS: two that grab all keyboards are refused" =
      builtins.all
        (
          name:
          complains "services.toshy and services.${name} would both grab all keyboards" (nixos {
            imports = [ (toshy { }) ];
            services.${name}.enable = true;
          })
        )
        [
          "evremap"
          "input-remapper"
          "interception-tools"
          "kanata"
          "keyd"
          "keymapper"
          "kmonad"
        ]
      && complains "services.toshy and services.xremap would both grab all keyboards" (nixos {
        # Its module comes from its own flake.
        imports = [
          (toshy { })
          { options.services.xremap.enable = lib.mkEnableOption "xremap"; }
        ];
        config.services.xremap.enable = true;
      })
      &&
        complaints (nixos {
          imports = [ (toshy { devices.allow = [ "A keyboard" ]; }) ];
          services.keyd.enable = true;
        }) == [ ];

    "NixOS: wrong types are refused" =
      refuses
        (nixos (toshy {
          logLevel = "loud";
        })).services.toshy.logLevel
      &&
        refuses
          (nixos (toshy {
            users = "alice";
          })).services.toshy.users
      &&
        refuses
          (nixos (toshy {
            devices.allow = [ 1 ];
          })).services.toshy.devices.allow
      &&
        refuses
          (nixos (toshy {
            mode = "both";
          })).services.toshy.mode
      &&
        refuses
          (nixos (toshy {
            enable = "yes";
          })).services.toshy.enable
      &&
        refuses
          (nixos (toshy {
            keyboards = [ { match.vendor = 1452; } ];
          })).services.toshy.keyboards
      &&
        refuses
          (nixos (toshy {
            gui.tray = "always";
          })).services.toshy.gui.tray
      &&
        refuses
          (nixos {
            imports = [
              (toshy { mode = "user"; })
              (toshy { mode = "system"; })
            ];
          }).services.toshy.mode
      &&
        refuses
          (nixos (toshy {
            setings = { };
          })).services.toshy.enable;

    "NixOS: earlier names lead to the new ones" =
      let
        config = nixos (toshy {
          user = "alice";
          keybindings.macStyle = false;
          logging.level = "WARNING";
        });
      in
      builtins.attrNames config.services.toshy.users == [ "alice" ]
      && config.services.toshy.extends == "none"
      && config.services.toshy.logLevel == "warn"
      && warns "services.toshy.keybindings.macStyle" config
      && complaints config == [ ];

    "NixOS: names that are gone say what to do" =
      let
        gone = {
          config = "keymap()";
          gui.theme = "dark";
          wayland.enable = true;
          performance.priority = 1;
          security.enableInputGroup = true;
        };
      in
      builtins.all (
        name:
        complains "services.toshy.${name}" (
          nixos (toshy {
            ${name} = gone.${name};
          })
        )
      ) (builtins.attrNames gone);

    "Home Manager: nothing happens without enable" =
      (home { }).systemd.user.services == { } && (home { }).home.packages == [ ];

    "Home Manager: by itself it is one process, with the package and the configuration" =
      complaints atHome == [ ]
      && builtins.elem package atHome.home.packages
      && builtins.attrNames atHome.systemd.user.services == [ "toshy" ]
      && (single atHome).Install.WantedBy == [ "graphical-session.target" ]
      && (single atHome).Service.Type == "notify"
      && (single atHome).Service.ExecStart == ''"${bin}" "run" "--log-level" "info"''
      && (single atHome).Service.ExecReload == "${bin} reload"
      && lib.hasInfix "toshy-config.toml" "${atHome.xdg.configFile."toshy/config.toml".source}";

    "Home Manager: the agent, for a daemon of the system" =
      let
        config = home (toshy {
          mode = "system";
          agent.extraArgs = [ "--log-format=json" ];
        });
      in
      complaints config == [ ]
      && builtins.attrNames config.systemd.user.services == [ "toshy-agent" ]
      && (agent config).Install.WantedBy == [ "graphical-session.target" ]
      && (agent config).Service.ExecStart == ''"${bin}" "agent" "--log-level" "info" "--log-format=json"''
      && (agent config).Service.ExecReload == "${bin} reload"
      &&
        (agent config).Unit.X-Reload-Triggers == [ "${config.xdg.configFile."toshy/config.toml".source}" ];

    "Home Manager: what stands in the units of systemd/ stays" =
      let
        readUnit = import ../unit.nix { inherit lib; };
        kept =
          unit:
          removeAttrs unit.Service [
            "ExecStart"
            "ExecReload"
          ];
      in
      kept (single atHome) == kept (readUnit ../../systemd/toshy.service)
      &&
        kept (
          agent (
            home (toshy {
              mode = "system";
            })
          )
        ) == kept (readUnit ../../systemd/toshy-agent.service);

    "Home Manager: the way of the system that it is a part of" =
      builtins.attrNames (homeOn plain (toshy { })).systemd.user.services == [ "toshy-agent" ]
      && builtins.attrNames (homeOn lone (toshy { })).systemd.user.services == [ "toshy" ]
      && builtins.attrNames (homeOn (nixos { }) (toshy { })).systemd.user.services == [ "toshy" ];

    "Home Manager: another way than the system's is refused" =
      complains "Both ways of toshy would run" (homeOn plain (inOneProcess { }))
      && complains "Both ways of toshy would run" (
        homeOn lone (toshy {
          mode = "system";
        })
      );

    "Home Manager: the system's configuration stays where the home has nothing to say" =
      !((homeOn plain (toshy { })).xdg.configFile ? "toshy/config.toml")
      && (homeOn plain (toshy {
        settings.keymap.mine.keys.F1 = "F2";
      })).xdg.configFile
        ? "toshy/config.toml";

    "Home Manager: arguments of the process with the keyboards belong to the system" =
      complains "services.toshy.extraArgs is for the process that has the keyboards"
        (
          home (toshy {
            mode = "system";
            extraArgs = [ "--log-format=json" ];
          })
        );

    "Home Manager: in the panel, and units of one's own" =
      let
        config = home (toshy {
          gui.tray = true;
          extraUnits.toshy-display.Service.ExecStart = "${package}/bin/toshy monitor";
        });
        inherit (config.systemd.user.services) toshy-tray toshy-display;
      in
      toshy-tray.Service.ExecStart == "${package}/bin/toshy-tray"
      && toshy-tray.Install.WantedBy == [ "graphical-session.target" ]
      && toshy-display.Unit.PartOf == [ "toshy.service" ]
      && toshy-display.Install.WantedBy == [ "toshy.service" ];

    "Home Manager: NixOS makes the same file of the same settings" =
      let
        values = toshy { settings.keymap.mine.keys.F1 = "F2"; };
      in
      "${(home values).xdg.configFile."toshy/config.toml".source}" == file (nixos values);

    "Home Manager: settings beside a file are refused" =
      complains "services.toshy.configFile is the whole configuration"
        (
          home (toshy {
            configFile = ./files/single.toml;
            settings.keymap.mine.keys.F1 = "F2";
          })
        );

    "Home Manager: names that are gone say what to do" = complains "services.toshy.extraConfig" (
      home (toshy {
        extraConfig = "keymap()";
      })
    );

    "examples: nobody complains" =
      let
        system = nixos examples.nixos;
      in
      complaints system == [ ]
      && !(warns "toshy" system)
      && complaints (home examples.home) == [ ]
      && complaints (homeOn system { imports = [ (toshy { }) ]; }) == [ ];
  };

  helpers = {
    inherit
      lib
      nixos
      home
      homeOn
      package
      outOfStore
      toshy
      inOneProcess
      daemon
      agent
      single
      file
      complaints
      complains
      warns
      refuses
      userUnits
      plain
      lone
      ;
  };
  habits = import ./habits.nix helpers;
in
{
  failures = builtins.attrNames (
    lib.filterAttrs (_: passed: !passed) (
      tests
      // import ./configuration.nix helpers
      // import ./together.nix helpers
      // lib.mapAttrs (_: habit: habit.holds) habits
    )
  );
  # Those that are in the store: whoever builds them checks them.
  configurations = builtins.filter (lib.hasPrefix builtins.storeDir) (
    builtins.concatMap (habit: habit.files) (builtins.attrValues habits)
  );
}
