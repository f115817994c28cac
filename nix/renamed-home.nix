# Options that the Home Manager module of the flake that toshy began as had.
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
