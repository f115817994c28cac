# The options of Home Manager that nix/home.nix sets, for evaluations without Home Manager.
{ lib, ... }:
let
  any =
    default:
    lib.mkOption {
      type = if builtins.isList default then lib.types.listOf lib.types.raw else lib.types.attrsOf lib.types.raw;
      inherit default;
    };
in
{
  options = {
    assertions = any [ ];
    warnings = any [ ];
    home.packages = any [ ];
    xdg.configFile = any { };
    systemd.user.services = any { };
  };
}
