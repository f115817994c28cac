{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    toshy.url = "github:OWNER/toshy"; # where you found it
  };

  outputs =
    {
      nixpkgs,
      home-manager,
      toshy,
      ...
    }:
    {
      # The name of your machine: `hostname`.
      nixosConfigurations.machine = nixpkgs.lib.nixosSystem {
        modules = [
          ./configuration.nix # that of /etc/nixos, copied
          toshy.nixosModules.default
          home-manager.nixosModules.home-manager
          {
            services.toshy.enable = true;

            # Your name: `whoami`. Without Home Manager, leave this out, and the module above.
            home-manager.users.you = {
              imports = [ toshy.homeModules.default ];
              home.stateVersion = "26.05";
              services.toshy = {
                enable = true;
                settings.keymap.mine = {
                  when = ''app == "firefox"'';
                  keys.Cmd-K = "Ctrl-L";
                };
              };
            };
          }
        ];
      };
    };
}
