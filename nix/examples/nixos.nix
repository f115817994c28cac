# services.toshy in a NixOS configuration, with toshy.nixosModules.default.
{ ... }:
{
  users.users.alice.isNormalUser = true;

  services.toshy = {
    enable = true;

    # The users in whose sessions toshy runs. Without it: all users.
    users = [ "alice" ];

    # toshy ignores one keyboard, and the type of another one is set.
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
