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
  (removed [ "gui" "enable" ] ''
    There is no window to configure toshy: services.toshy.settings has it all. services.toshy.gui.tray shows toshy in
    the panel.
  '')
]
