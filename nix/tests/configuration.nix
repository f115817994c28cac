# What becomes of a configuration: its order, files, what is wrong with it.
{
  lib,
  nixos,
  home,
  toshy,
  inOneProcess,
  agent,
  single,
  file,
  complaints,
  complains,
  refuses,
  plain,
  ...
}:
let
  toml = import ../toml.nix { inherit lib; };
  # The tables of a text in TOML, in their order.
  tables =
    settings:
    builtins.concatMap (
      line:
      let
        table = builtins.match "\\[(.*)]" line;
      in
      if table == null then [ ] else table
    ) (lib.splitString "\n" (toml.generate settings));
  keys.keys.F1 = "F2";
  source = config: "${config.environment.etc."toshy/config.toml".source}";
in
{
  "order: sets are sorted by name" =
    tables {
      keymap = {
        zebra = keys;
        apple = keys;
      };
    } == [
      "keymap.apple.keys"
      "keymap.zebra.keys"
    ];

  "order: lower numbers first, without one it is 1000" =
    tables {
      keymap = {
        a = keys // {
          order = 1001;
        };
        b = keys;
        z = keys // {
          order = 10;
        };
      };
    } == [
      "keymap.z.keys"
      "keymap.b.keys"
      "keymap.a.keys"
    ];

  "order: a list is as it is written" =
    tables {
      modmap = [
        (keys // { name = "z"; })
        (keys // { name = "a b"; })
      ];
    } == [
      "modmap.z.keys"
      ''modmap."a b".keys''
    ];

  "order: chords, layers and accents have one, too" =
    builtins.all (
      kind:
      tables {
        ${kind} = {
          a = keys;
          b = keys // {
            order = 1;
          };
        };
      } == [
        "${kind}.b.keys"
        "${kind}.a.keys"
      ]
    ) toml.ordered
    &&
      toml.ordered == [
        "chord"
        "compose"
        "keymap"
        "layer"
        "modmap"
      ];

  "order: it is no part of the configuration" =
    toml.generate {
      keymap.a = keys // {
        order = 1;
      };
    } == toml.generate { keymap.a = keys; }
    && toml.generate { keymap = [ (keys // { name = "a"; }) ]; } == toml.generate { keymap.a = keys; };

  "order: values of all kinds, and names that need quotes" =
    toml.generate {
      extends = "none";
      settings.x = true;
      keymap.mine = {
        when = ''app == "a\b"'';
        keys."Cmd-[" = {
          run = [
            "a"
            1
            1.5
          ];
        };
      };
    } == ''
      extends = "none"

      [settings]
      x = true

      [keymap.mine]
      when = "app == \"a\\b\""

      [keymap.mine.keys]
      "Cmd-[" = { run = [ "a", 1, 1.5 ] }
    '';

  "order: what is wrong with it ends evaluation" =
    complains "each of its sets needs a name" (
      nixos (toshy {
        settings.keymap = [ keys ];
      })
    )
    && complains "drop `order` from its sets" (
      nixos (toshy {
        settings.modmap = [
          (
            keys
            // {
              name = "a";
              order = 1;
            }
          )
        ];
      })
    )
    && complains "must be a whole number" (
      nixos (toshy {
        settings.keymap.a = keys // {
          order = "first";
        };
      })
    )
    && complains "has two sets with the name \"a\"" (
      nixos (toshy {
        settings.layer = [
          (keys // { name = "a"; })
          (keys // { name = "a"; })
        ];
      })
    );

  "devices: what stands in both places is taken together" =
    file (
      nixos (toshy {
        devices.ignore = [ "a" ];
        settings.devices.ignore = [ "b" ];
      })
    ) == file (
      nixos (toshy {
        devices.ignore = [
          "a"
          "b"
        ];
      })
    );

  "file: of a folder, the config.toml in it" =
    let
      config = nixos (toshy {
        configFile = ./files/folder;
      });
    in
    complaints config == [ ] && file config != file plain;

  "file: one that includes others is refused, also without the check" =
    builtins.all
      (
        values:
        complains "includes other files, which a path to one file leaves behind" (
          nixos (toshy (values // { configFile = ./files/including.toml; }))
        )
      )
      [
        { }
        { checkConfig = false; }
      ];

  "file: a folder without a configuration, and a file that is not there, are refused" =
    complains "is a folder without a config.toml" (
      nixos (toshy {
        configFile = ./files/empty;
      })
    )
    && complains "which does not exist" (
      nixos (toshy {
        configFile = ./files/none.toml;
      })
    );

  "file: a string into the store keeps what is beside it" =
    complaints (
      nixos (toshy {
        configFile = "${./files}/including.toml";
      })
    ) == [ ];

  "file: a link out of the store, and plain strings, in a home" =
    (home (toshy {
      configFile = "/home/alice/toshy.toml";
    })).xdg.configFile."toshy/config.toml".source == "/home/alice/toshy.toml"
    &&
      complaints (
        home (toshy {
          configFile = "/home/alice/toshy.toml";
        })
      ) == [ ]
    &&
      refuses
        (home (toshy {
          configFile = "toshy.toml";
        })).services.toshy.configFile;

  "include: a path goes into the store, a name that is relative to nothing is refused" =
    complaints (
      nixos (toshy {
        settings.include = [ ./files/single.toml ];
      })
    ) == [ ]
    &&
      complaints (
        nixos (toshy {
          settings.include = "/etc/toshy/more.toml";
        })
      ) == [ ]
    && complains "names a file relative to nothing" (
      nixos (toshy {
        settings.include = [ "more.toml" ];
      })
    )
    && complains "names a file relative to nothing" (
      nixos (toshy {
        settings.include = "more.toml";
      })
    );

  "check: a strict one is another build, and cannot be had without the check" =
    source (
      nixos (toshy {
        strict = true;
      })
    ) != source plain
    && complains "services.toshy.strict needs the check" (
      nixos (toshy {
        strict = true;
        checkConfig = false;
      })
    );

  "target: another one than graphical-session.target" =
    let
      config = nixos (toshy {
        target = "sway-session.target";
      });
      inHome = home (inOneProcess {
        target = "sway-session.target";
      });
      wayland = home {
        imports = [ (toshy { }) ];
        wayland.systemd.target = "niri.service.target";
      };
    in
    (agent config).wantedBy == [ "sway-session.target" ]
    && (agent config).partOf == [ "sway-session.target" ]
    && (agent plain).partOf == [ ]
    && (single inHome).Install.WantedBy == [ "sway-session.target" ]
    && (single inHome).Unit.PartOf == "sway-session.target"
    && (single inHome).Unit.After == "sway-session.target"
    && (single wayland).Install.WantedBy == [ "niri.service.target" ];

  "target: one that is none is refused" =
    complains "which is not the name of a target" (
      nixos (toshy {
        target = "sway";
      })
    )
    && complains "which is not the name of a target" (
      home (toshy {
        target = "sway.service";
      })
    );
}
