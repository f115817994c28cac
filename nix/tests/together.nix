# The modules beside each other, beside others of their kind, and for several users.
{
  lib,
  nixos,
  home,
  homeOn,
  package,
  toshy,
  agent,
  file,
  complaints,
  complains,
  refuses,
  userUnits,
  plain,
  ...
}:
let
  overridden =
    name: config:
    (config.xdg.configFile."systemd/user/${name}.service.d/overrides.conf" or { text = null; }).text;
  another = package // {
    name = "another";
  };
in
{
  "imported twice, by two ways, it is one" =
    complaints (nixos {
      imports = [
        ../nixos.nix
        ../nixos.nix
        (toshy { })
      ];
    }) == [ ]
    &&
      complaints (home {
        imports = [
          ../home.nix
          (toshy { })
        ];
      }) == [ ];

  "a package that is only a default takes the place of the flake's" =
    (nixos {
      imports = [ (toshy { }) ];
      services.toshy.package = lib.mkDefault another;
    }).services.toshy.package.name == "another";

  "home: what it says is used, whatever the system adds to the unit" =
    let
      config = homeOn plain (toshy {
        logLevel = "debug";
        agent.extraArgs = [ "--log-format=json" ];
        gui.tray = true;
      });
    in
    lib.hasInfix "is this home's" (overridden "toshy-agent" config)
    && lib.hasInfix "is this home's" (overridden "toshy-tray" config)
    &&
      (agent config).Service.ExecStart
      == ''"${package}/bin/toshy" "agent" "--log-level" "debug" "--log-format=json"''
    # This is the name that systemd finds twice.
    && (agent plain).overrideStrategy == "asDropin";

  "home: only its own units are its own" =
    overridden "toshy" (homeOn plain (toshy { })) == null
    && overridden "toshy-tray" (homeOn plain (toshy { })) == null
    && (homeOn plain { }).xdg.configFile == { };

  "users: settings of one's own, on top of everybody's" =
    let
      config = nixos {
        imports = [
          (toshy {
            settings.keymap.mine.keys.F1 = "F2";
            users = {
              alice = { };
              bob.settings.settings.option_special_characters = "us";
            };
          })
        ];
        users.users.alice.isNormalUser = true;
        users.users.bob.isNormalUser = true;
      };
    in
    complaints config == [ ]
    && config.environment.etc ? "toshy/users/bob/config.toml"
    && !(config.environment.etc ? "toshy/users/alice/config.toml")
    && builtins.length (agent config).reloadTriggers == 2
    &&
      (agent config).unitConfig.ConditionUser == [
        "|alice"
        "|bob"
      ];

  "users: names and settings from two places" =
    builtins.attrNames
      (nixos {
        imports = [
          (toshy { users = [ "alice" ]; })
          { services.toshy.users.bob.settings.keymap.mine.keys.F1 = "F2"; }
        ];
      }).services.toshy.users == [
      "alice"
      "bob"
    ];

  "users: settings beside a file, and wrong ones, are refused" =
    complains "services.toshy.users.bob has settings beside it" (
      nixos (toshy {
        configFile = ./files/single.toml;
        users.bob.settings.keymap.mine.keys.F1 = "F2";
      })
    )
    && complains "each of its sets needs a name" (
      nixos (toshy {
        users.bob.settings.keymap = [ { keys.F1 = "F2"; } ];
      })
    )
    &&
      refuses
        (nixos (toshy {
          users.bob.setings = { };
        })).services.toshy.users.bob.settings
    &&
      refuses
        (nixos (toshy {
          users = 1;
        })).services.toshy.users;

  "GNOME: its extension is there with the desktop, for the shell of the system" =
    let
      gnome = nixos {
        imports = [ (toshy { }) ];
        services.desktopManager.gnome.enable = true;
      };
      extension =
        config: builtins.filter (p: lib.hasPrefix "gnome-shell-extension-toshy" (p.name or "")) config;
    in
    builtins.length (extension gnome.environment.systemPackages) == 1
    && extension plain.environment.systemPackages == [ ]
    && gnome.programs.dconf.profiles == { }
    &&
      builtins.length (
        extension
          (home (toshy {
            gnome.extension = true;
          })).home.packages
      ) == 1;

  "GNOME: its extension is switched on where that is wished" =
    map (d: d.settings)
      (nixos (toshy {
        gnome.enableExtension = true;
      })).programs.dconf.profiles.user.databases
    == [ { "org/gnome/shell".enabled-extensions = [ "toshy-focus@toshy.org" ]; } ]
    &&
      (home (toshy {
        gnome.enableExtension = true;
      })).dconf.settings."org/gnome/shell".enabled-extensions == [
        "toshy-focus@toshy.org"
      ];

  "rivals: of a home, too" =
    complains "services.toshy and services.xremap would both grab all keyboards"
      (home {
        imports = [ (toshy { }) ];
        services.xremap.enable = true;
      });

  "page: the menu of applications has it, and what opens it, unless that is not wanted" =
    let
      names = config: map (p: p.name or "") config;
      shown = names plain.environment.systemPackages;
      hidden =
        names
          (nixos (toshy {
            gui.enable = false;
          })).environment.systemPackages;
      inHome =
        names
          (home (toshy {
            gui.enable = false;
          })).home.packages;
    in
    builtins.any (lib.hasPrefix "xdg-utils") shown
    && !(builtins.elem "toshy-not-in-the-menu" shown)
    && builtins.elem "toshy-not-in-the-menu" hidden
    && !(builtins.any (lib.hasPrefix "xdg-utils") hidden)
    && builtins.elem "toshy-not-in-the-menu" inHome
    &&
      builtins.elem package
        (nixos (toshy {
          gui.enable = false;
        })).environment.systemPackages
    &&
      refuses
        (nixos (toshy {
          gui.enable = "always";
        })).services.toshy.gui.enable;

  "daemon: what it refuses is a part of the system's configuration" =
    let
      closed = {
        monitor = "no-keys";
        type = false;
        press = false;
      };
      written =
        settings:
        file (
          nixos (toshy {
            inherit settings;
          })
        );
    in
    file (
      nixos (toshy {
        daemon = closed;
      })
    ) == written { daemon = closed; }
    &&
      file (
        nixos (toshy {
          daemon.type = false;
        })
      ) == written { daemon.type = false; }
    &&
      file (
        nixos (toshy {
          daemon.press = false;
          settings.daemon.monitor = "no-keys";
        })
      ) == written {
        daemon = {
          monitor = "no-keys";
          press = false;
        };
      }
    &&
      file (
        nixos (toshy {
          daemon.console = true;
        })
      ) == written { daemon.console = true; }
    &&
      file (
        nixos (toshy {
          daemon.type = true;
          daemon.console = false;
        })
      ) == file plain
    &&
      complaints (
        nixos (toshy {
          daemon = closed;
        })
      ) == [ ];

  "daemon: where there is none of this configuration, it has nothing to refuse" =
    builtins.all (complains "services.toshy.daemon is for the daemon of a NixOS") [
      (nixos (toshy {
        mode = "user";
        daemon.type = false;
      }))
      (nixos (toshy {
        mode = "user";
        settings.daemon.press = false;
      }))
      (home (toshy {
        settings.daemon.monitor = "no-keys";
      }))
    ]
    && complains "services.toshy.users.bob.settings.daemon" (
      nixos (toshy {
        users.bob.settings.daemon.type = false;
      })
    )
    && complains "services.toshy.configFile is the whole configuration" (
      nixos (toshy {
        configFile = ./files/single.toml;
        daemon.type = false;
      })
    )
    &&
      refuses
        (nixos (toshy {
          daemon.monitor = "none";
        })).services.toshy.daemon.monitor
    &&
      refuses
        (nixos (toshy {
          daemon.type = "no";
        })).services.toshy.daemon.type
    &&
      refuses
        (nixos (toshy {
          daemon.console = "yes";
        })).services.toshy.daemon.console;

  "the tray and the agent are units that NixOS finds" =
    userUnits (
      nixos (toshy {
        gui.tray = true;
      })
    ) == [
      "toshy-agent"
      "toshy-tray"
    ];
}
