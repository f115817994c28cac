# Configurations as people have them: nobody complains about one of them, and each does what it says. The names say whose
# habit it is. `holds` is whether it is so, `files` are the configurations in TOML that come out.
{
  lib,
  nixos,
  home,
  homeOn,
  outOfStore,
  toshy,
  inOneProcess,
  daemon,
  agent,
  single,
  file,
  complaints,
  warns,
  userUnits,
  plain,
  lone,
  ...
}:
let
  # A configuration of NixOS nobody complains about, and what is true of it.
  system =
    config: holds:
    let
      made = nixos config;
    in
    {
      holds = complaints made == [ ] && !(warns "services.toshy" made) && holds made;
      files = lib.optional made.services.toshy.enable (file made);
    };
  inHome = ofHome home;
  inSystem = osConfig: ofHome (homeOn osConfig);
  ofHome =
    evaluate: config: holds:
    let
      made = evaluate config;
    in
    {
      holds = complaints made == [ ] && holds made;
      files = lib.mapAttrsToList (_: f: "${f.source}") (
        lib.filterAttrs (name: _: name == "toshy/config.toml") made.xdg.configFile
      );
    };
  yes = _: true;
  users = names: {
    users.users = lib.genAttrs names (_: {
      isNormalUser = true;
    });
  };
  writes =
    settings: made:
    file made == file (
      nixos (toshy {
        inherit settings;
      })
    )
    && file made != file plain;
in
{
  "one line" = system (toshy { }) (c: userUnits c == [ "toshy-agent" ]);
  "one line in the home" = inHome (toshy { }) (c: c.xdg.configFile ? "toshy/config.toml");
  "enabled, then switched off by lib.mkForce" = system {
    imports = [ (toshy { }) ];
    services.toshy.enable = lib.mkForce false;
  } (c: userUnits c == [ ]);
  "enabled where another module only suggests it" = system {
    services.toshy.enable = lib.mkDefault true;
  } (c: userUnits c == [ "toshy-agent" ]);
  "enabled on a condition" = system { services.toshy = lib.mkIf true { enable = true; }; } (
    c: userUnits c == [ "toshy-agent" ]
  );
  "settings in two files" =
    system
      {
        imports = [
          (toshy { settings.keymap.a.keys.F1 = "F2"; })
          { services.toshy.settings.keymap.b.keys.F3 = "F4"; }
        ];
      }
      (writes {
        keymap.a.keys.F1 = "F2";
        keymap.b.keys.F3 = "F4";
      });
  "a setting that is overridden in a second file" =
    system
      {
        imports = [
          (toshy { settings.settings.capslock_mode = "off"; })
          { services.toshy.settings.settings.capslock_mode = lib.mkForce "esc_and_ctrl"; }
        ];
      }
      (writes {
        settings.capslock_mode = "esc_and_ctrl";
      });
  "the settings in a file in TOML that Nix reads" =
    system
      (toshy {
        settings = builtins.fromTOML (builtins.readFile ./files/single.toml);
      })
      (writes {
        keymap.mine.keys.F1 = "F2";
      });
  "a file beside the configuration" = system (toshy { configFile = ./files/single.toml; }) yes;
  "a folder with several files" = system (toshy { configFile = ./files/folder; }) yes;
  "a file that is edited without a rebuild" = system (toshy {
    configFile = "/etc/nixos/toshy.toml";
  }) (c: file c == "/etc/nixos/toshy.toml");
  "a file in the home that is edited without a rebuild" = inHome (toshy {
    configFile = "/home/alice/dotfiles/toshy.toml";
  }) yes;
  "nothing but the engine" =
    system
      (toshy {
        extends = "none";
        settings.modmap.caps.keys.CapsLock = "LeftCtrl";
      })
      (writes {
        extends = "none";
        modmap.caps.keys.CapsLock = "LeftCtrl";
      });

  "a file in the home, by mkOutOfStoreSymlink" = inHome (toshy { configFile = outOfStore; }) yes;

  # keyd
  "keyd: CapsLock is Control when held and Escape when tapped" = system (toshy {
    extends = "none";
    settings.modmap.main.keys.CapsLock = {
      tap = "Esc";
      hold = "LeftCtrl";
    };
  }) yes;
  "keyd: a layer of arrows" = system (toshy {
    extends = "none";
    settings = {
      modmap.main.keys.Space = {
        tap = "Space";
        layer = "nav";
      };
      layer.nav.keys = {
        H = "Left";
        L = "Right";
      };
    };
  }) yes;
  "keyd: one section for each keyboard by its id" = system (toshy {
    devices.allow = [
      {
        vendor = 1133;
        product = 16420;
      }
    ];
  }) yes;
  "keyd: beside it, each with keyboards of its own" = system {
    imports = [ (toshy { devices.allow = [ "Keychron K3" ]; }) ];
    services.keyd.enable = true;
  } yes;

  # kanata and kmonad
  "kanata: home row modifiers" = system (toshy {
    extends = "none";
    settings.modmap.homerow.keys =
      lib.mapAttrs
        (tap: hold: {
          inherit tap hold;
          preset = "balanced";
        })
        {
          A = "LeftSuper";
          S = "LeftAlt";
          D = "LeftCtrl";
          F = "LeftShift";
        };
  }) yes;
  "kanata: layers in the order of the file" = system (toshy {
    settings.layer = [
      {
        name = "symbols";
        keys.Q = "Shift-1";
      }
      {
        name = "base";
        keys.Q = "W";
      }
    ];
  }) yes;
  "kmonad: a group of its own for uinput changes nothing" = system {
    imports = [ (toshy { }) ];
    users.groups.uinput = { };
  } yes;

  # xremap
  "xremap: a keymap for one application" = system (toshy {
    extends = "none";
    settings.keymap.browser = {
      when = ''app == "firefox"'';
      keys.Ctrl-N = "Down";
    };
  }) yes;
  "xremap: its mode with the user's service" = system {
    imports = [
      (inOneProcess { users = [ "alice" ]; })
      (users [ "alice" ])
    ];
  } (c: (single c).unitConfig.ConditionUser == [ "|alice" ]);
  "xremap: from Home Manager" = inHome (inOneProcess { settings.keymap.a.keys.F1 = "F2"; }) (
    c: (single c).Install.WantedBy == [ "graphical-session.target" ]
  );

  # Toshy
  "Toshy: the options of its flake of before" = {
    holds =
      complaints (
        nixos (toshy {
          user = "alice";
        })
      ) == [ ];
    files = [ ];
  };
  "Toshy: types of keyboards, and special characters" = system (toshy {
    keyboards = [
      {
        match.name = "Keychron K3";
        type = "apple";
      }
    ];
    settings.settings = {
      option_special_characters = "us";
      capslock_mode = "esc_and_ctrl";
    };
  }) yes;
  "Toshy: the icon in the panel" = system (toshy { gui.tray = true; }) (
    c: builtins.elem "toshy-tray" (userUnits c)
  );
  "Toshy: on GNOME, with its extension" = system {
    imports = [ (toshy { gnome.enableExtension = true; }) ];
    services.desktopManager.gnome.enable = true;
  } yes;
  "sway: a target of its own" = system (toshy { target = "sway-session.target"; }) (
    c: (agent c).wantedBy == [ "sway-session.target" ]
  );

  "Toshy: the page in the menu, as its flake's gui.enable" = system (toshy { gui.enable = true; }) (
    c: c.services.toshy.gui.enable
  );
  "a machine of several people: no program of theirs is told what is typed" = system (toshy {
    daemon = {
      monitor = "no-keys";
      type = false;
      press = false;
    };
  }) (c: file c != file plain);

  # Machines
  "impermanence: nothing has to be kept, and what is, is in homes" = system (toshy { }) (
    c: !((daemon c).serviceConfig ? StateDirectory)
  );
  "linger: an agent belongs to a desktop, not to a user's manager" = system {
    imports = [
      (toshy { users = [ "alice" ]; })
      (users [ "alice" ])
    ];
  } (c: (agent c).wantedBy == [ "graphical-session.target" ]);
  "several users: some of them" = system {
    imports = [
      (toshy {
        users = [
          "alice"
          "bob"
        ];
      })
      (users [
        "alice"
        "bob"
        "carol"
      ])
    ];
  } (c: builtins.length (agent c).unitConfig.ConditionUser == 2);
  "several users: each with settings" =
    system
      {
        imports = [
          (toshy {
            users.alice.settings.keymap.a.keys.F1 = "F2";
            users.bob.settings.keymap.a.keys.F1 = "F3";
          })
          (users [
            "alice"
            "bob"
          ])
        ];
      }
      (
        c:
        c.environment.etc ? "toshy/users/alice/config.toml"
        && c.environment.etc ? "toshy/users/bob/config.toml"
      );
  "remote builders: the configuration is checked by any of them" = system (toshy { strict = true; }) (
    c: lib.hasInfix "toshy-config.toml" (file c)
  );
  "specialisations: another mode on top" =
    let
      base = toshy { settings.keymap.a.keys.F1 = "F2"; };
    in
    system {
      imports = [
        base
        { services.toshy.mode = lib.mkForce "user"; }
      ];
    } (c: userUnits c == [ "toshy" ] && file c == file (nixos base));
  "flake-parts: the module through a list of modules, twice" = system {
    imports = [
      { imports = [ (toshy { }) ]; }
      { imports = [ ../nixos.nix ]; }
    ];
  } yes;
  "no flakes: nix/nixos.nix from a copy" = system {
    imports = [ ../nixos.nix ];
    services.toshy.enable = true;
  } (c: userUnits c == [ "toshy-agent" ]);

  # Home Manager
  "Home Manager alone on Debian, with the package's daemon" = inHome (toshy { mode = "system"; }) (
    c: builtins.attrNames c.systemd.user.services == [ "toshy-agent" ]
  );
  "Home Manager alone on Fedora, in one process" = inHome (toshy { }) (
    c: builtins.attrNames c.systemd.user.services == [ "toshy" ]
  );
  "Home Manager in NixOS, without a word in the system" = inSystem (nixos { }) (toshy { }) yes;
  "Home Manager in NixOS with the daemon" = inSystem plain (toshy { gui.tray = true; }) yes;
  "Home Manager in NixOS with one process" = inSystem lone (toshy { }) yes;
  "Home Manager: another package than the system's" = inSystem plain (toshy { logLevel = "debug"; }) (
    c: c.services.toshy.logLevel == "debug"
  );
}
