# Options of the Home Manager module of toshy's first flake.
{ lib }:
let
  removed =
    from:
    lib.mkRemovedOptionModule (
      [
        "services"
        "toshy"
      ]
      ++ from
    );
in
[
  (removed [ "extraConfig" ] ''
    It was Python. The configuration is TOML now: write it in services.toshy.settings, or name a file in
    services.toshy.configFile.
  '')
]
