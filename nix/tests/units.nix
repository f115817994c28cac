# What NixOS adds to the units of the package, as the text of their drop-ins, for systemd to judge: the name below a
# folder of units, and the text.
{ lib, nixos }:
let
  values = {
    enable = true;
    users = [ "alice" ];
    extraArgs = [ "50% $x" ];
  };
  section =
    name: settings:
    lib.concatMapStringsSep "" (line: line + "\n") (
      [ "[${name}]" ]
      ++ builtins.concatMap (key: map (value: "${key}=${toString value}") (lib.toList settings.${key})) (
        builtins.attrNames settings
      )
    );
  dropIn = unit: section "Unit" unit.unitConfig + section "Service" unit.serviceConfig;
  dropIns =
    kind: services:
    lib.mapAttrs' (name: unit: {
      name = "${kind}/${name}.service.d/overrides.conf";
      value = dropIn unit;
    }) services;
  both =
    config:
    dropIns "system" (ours config.systemd.services)
    // dropIns "user" (ours config.systemd.user.services);
  ours = lib.filterAttrs (name: _: lib.hasPrefix "toshy" name);
in
both (nixos {
  services.toshy = values // {
    gui.tray = true;
  };
})
// both (nixos {
  services.toshy = values // {
    mode = "user";
  };
})
