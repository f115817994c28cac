# services.toshy for Home Manager: the same service and the same configuration, from the user's side.
#
# It cannot give access to the keyboards. On NixOS services.toshy of the system does that; elsewhere the udev rule and
# the module uinput do, as README.md describes.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.toshy;
  common = import ./options.nix { inherit config lib pkgs; };
  unit = import ./unit.nix { inherit lib; } ../systemd/toshy.service;
in
{
  imports = import ./renamed-home.nix { inherit lib; };

  options.services.toshy = common.options;

  config = lib.mkIf cfg.enable {
    assertions = common.assertions ++ [
      {
        assertion = pkgs.stdenv.hostPlatform.isLinux;
        message = "services.toshy needs Linux: it remaps the keyboards of the Linux kernel.";
      }
    ];

    home.packages = [ cfg.package ];
    xdg.configFile."toshy/config.toml".source = common.file;

    systemd.user.services.toshy = unit // {
      Unit = unit.Unit // {
        X-Reload-Triggers = [ "${common.file}" ];
      };
      Service = unit.Service // {
        ExecStart = common.execStart;
        ExecReload = "${lib.getExe cfg.package} reload";
      };
    };
  };
}
