# Options of the flake that toshy began as: the same meaning under a new name, or a word about what to do.
{ lib }:
let
  toshy = path: [ "services" "toshy" ] ++ path;
  value = config: path: lib.getAttrFromPath (toshy path) config;
  changed =
    from: to: change:
    lib.mkChangedOptionModule (toshy from) (toshy to) (config: change (value config from));
  removed = from: lib.mkRemovedOptionModule (toshy from);
  finds = "toshy finds out by itself which desktop runs, and takes nothing but keyboards from it.";
  inSettings = "Write keymaps in services.toshy.settings.keymap, as docs/CONFIG.md describes.";
in
[
  (changed [ "user" ] [ "users" ] (name: [ name ]))
  (changed [ "keybindings" "macStyle" ] [ "extends" ] (mac: if mac then "mac" else "none"))
  (changed [ "logging" "level" ] [ "logLevel" ] (
    level:
    {
      DEBUG = "debug";
      INFO = "info";
      WARNING = "warn";
      ERROR = "error";
    }
    .${level} or level
  ))
  (lib.mkRenamedOptionModule (toshy [
    "security"
    "allowedUsers"
  ]) (toshy [ "users" ]))
  (removed [ "config" ] ''
    It was Python. The configuration is TOML now: write it in services.toshy.settings, or name a file in
    services.toshy.configFile.
  '')
  (removed [ "keybindings" "applications" ] inSettings)
  (removed [ "keybindings" "globalShortcuts" ] inSettings)
  (removed [ "gui" ] "There is no window to configure toshy: services.toshy.settings has it all.")
  (removed [ "wayland" ] finds)
  (removed [ "x11" ] finds)
  (removed [ "logging" "file" ] "toshy logs to the journal: journalctl --user -u toshy.")
  (removed [ "security" "enableInputGroup" ] ''
    No user has to be in the group "input": who sits at the machine gets its keyboards (uaccess).
  '')
  (removed [ "security" "restrictedMode" ] "services.toshy.users says in whose sessions toshy runs.")
  (removed [ "performance" ] ''
    toshy needs no limits. Change its unit, where you have to, by systemd.user.services.toshy.serviceConfig.
  '')
]
