# services.toshy in a configuration of NixOS, beside toshy.nixosModules.default.
{ ... }:
{
  users.users.alice.isNormalUser = true;

  services.toshy = {
    enable = true;

    # In whose sessions. Without it: in everybody's.
    users = [ "alice" ];

    # One is left alone, of another one the type is said.
    devices.ignore = [ "/yubikey/" ];
    keyboards = [
      {
        match = {
          name = "Keychron K3";
          bus = [
            "usb"
            "bluetooth"
          ];
        };
        type = "apple";
      }
    ];

    # The language of docs/CONFIG.md, on top of the Mac-like configuration.
    settings = {
      settings = {
        option_special_characters = "us";
        capslock_mode = "esc_and_ctrl";
      };
      groups.chats = [
        "signal"
        "/^element/"
      ];
      keymap.mine = {
        when = "chats";
        keys = {
          Cmd-K = "Ctrl-K";
          Cmd-Opt-T = {
            run = [
              "systemctl"
              "--user"
              "start"
              "terminal"
            ];
          };
        };
      };
    };
  };
}
