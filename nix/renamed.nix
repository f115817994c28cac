# Options of toshy's first flake: the same meaning under a new name, or a message about what to do.
{ lib }:
let
  toshy =
    path:
    [
      "services"
      "toshy"
    ]
    ++ path;
  value = config: path: lib.getAttrFromPath (toshy path) config;
  changed =
    from: to: change:
    lib.mkChangedOptionModule (toshy from) (toshy to) (config: change (value config from));
  removed = from: lib.mkRemovedOptionModule (toshy from);
  finds = "toshy detects the running desktop by itself, and grabs only keyboards.";
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
  (removed [ "gui" "theme" ] "The page of toshy ui is light or dark, like the browser.")
  (removed [ "gui" "autostart" ] "Enabled parts start with the session.")
  (removed [ "gui" "fileManager" ] inSettings)
  (removed [ "gui" "terminal" ] inSettings)
  (removed [ "wayland" ] finds)
  (removed [ "x11" ] finds)
  (removed [ "logging" "file" ] ''
    toshy logs to the journal: journalctl -u toshy-daemon, and journalctl --user -u toshy-agent.
  '')
  (removed [ "security" "enableInputGroup" ] ''
    No user must be in the group "input": a service that has access to nothing else reads the keyboards.
  '')
  (removed [ "security" "restrictedMode" ] "services.toshy.users says in whose sessions toshy runs.")
  (removed [ "performance" ] ''
    toshy needs no limits. If you must change its unit, use systemd.services.toshy-daemon.serviceConfig.
  '')
]
