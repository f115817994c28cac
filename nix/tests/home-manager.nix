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
    dconf.settings = option (types.attrsOf types.raw) { };
    services.xremap.enable = option types.bool false;
    wayland.systemd.target = option types.str "graphical-session.target";
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
