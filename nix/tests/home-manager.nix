# The options of Home Manager that nix/home.nix sets, for evaluations without Home Manager.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
in
{
  options = {
    assertions = option (types.listOf types.raw) [ ];
    warnings = option (types.listOf types.str) [ ];
    home.packages = option (types.listOf types.package) [ ];
    xdg.configFile = option (types.attrsOf types.raw) { };
    systemd.user.services = option (types.attrsOf (
      types.submodule {
        options = {
          Unit = option (types.attrsOf types.raw) { };
          Service = option (types.attrsOf types.raw) { };
          Install = option (types.attrsOf (types.listOf types.str)) { };
        };
      }
    )) { };
  };
}
