# What people have for other remappers on NixOS, as the files that the modules of keyd and xremap make of it. nix/tests/import.sh
# converts them.
let
  ini =
    sections:
    builtins.concatStringsSep "\n" (
      map (
        name:
        "[${name}]\n"
        + builtins.concatStringsSep "" (
          map (key: "${key} = ${toString sections.${name}.${key}}\n") (builtins.attrNames sections.${name})
        )
      ) (builtins.attrNames sections)
    );

  # services.keyd.keyboards.NAME
  keyd =
    { ids, settings }:
    "[ids]\n" + builtins.concatStringsSep "" (map (id: "${id}\n") ids) + "\n" + ini settings;

  # services.xremap.config
  xremap = builtins.toJSON;
in
{
  "keyd/default.conf" = keyd {
    ids = [ "*" ];
    settings = {
      main = {
        capslock = "overload(control, esc)";
        rightalt = "layer(nav)";
        "j+k" = "esc";
      };
      nav = {
        h = "left";
        l = "right";
        x = "macro(C-a 100ms hello)";
      };
      "control+shift" = {
        t = "f12";
      };
    };
  };
  "keyd/laptop.conf" = keyd {
    ids = [ "0001:0001" ];
    settings.main = {
      a = "b";
      meta = "oneshot(meta)";
    };
  };
  "xremap.yml" = xremap {
    modmap = [
      {
        name = "Caps";
        remap.CapsLock = {
          held = "Control_L";
          alone = "Esc";
        };
      }
    ];
    keymap = [
      {
        name = "Emacs";
        application.not = [ "emacs" ];
        remap = {
          C-b = "left";
          C-x = {
            remap.C-s = "C-s";
          };
        };
      }
      {
        name = "Apps";
        remap.F1.launch = [
          "notify-send"
          "it's \${HOME} and \"quotes\""
        ];
      }
    ];
  };
}
