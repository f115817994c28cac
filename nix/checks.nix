# The checks of the flake for one system: `nix flake check`, where the real nixpkgs can be had. `make nix` runs what of
# them can run without it.
{
  pkgs,
  nixpkgs,
  self,
}:
let
  inherit (nixpkgs) lib;
  inherit (pkgs.stdenv.hostPlatform) system;
  own = self.packages.${system};

  nixos =
    settings:
    (nixpkgs.lib.nixosSystem {
      modules = [
        self.nixosModules.toshy
        {
          nixpkgs.hostPlatform = system;
          system.stateVersion = lib.trivial.release;
          boot.loader.grub.enable = false;
          fileSystems."/".device = "none";
        }
        settings
      ];
    }).config;

  # Home Manager is no input. These are the options of it that the module sets.
  home =
    settings:
    (lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        self.homeModules.toshy
        ./tests/home-manager.nix
        settings
      ];
    }).config;

  failures = import ./tests/modules.nix {
    inherit lib nixos home;
    package = own.toshy;
  };

  # One that is refused when it is built.
  broken = (nixos {
    services.toshy = {
      enable = true;
      settings.keymap.mine.keys.F1 = "NoSuchKey";
    };
  }).environment.etc."toshy/config.toml".source;
in
{
  inherit (own) toshy xwaykeyz;

  modules =
    if failures == [ ] then
      pkgs.runCommand "toshy-modules" { } "touch $out"
    else
      throw "the modules: ${lib.concatStringsSep "; " failures}";

  # What a configuration of NixOS becomes passes `toshy check`; a broken one does not.
  config =
    (nixos {
      services.toshy = {
        enable = true;
        settings.keymap.mine.keys.F1 = "F2";
      };
    }).environment.etc."toshy/config.toml".source;
  broken-config = pkgs.testers.testBuildFailure broken;

  formatting =
    pkgs.runCommand "toshy-formatting"
      {
        nativeBuildInputs = [ pkgs.nixfmt ];
      }
      ''
        find ${
          lib.fileset.toSource {
            root = ../.;
            fileset = lib.fileset.fileFilter (file: file.hasExt "nix") ../.;
          }
        } -name '*.nix' -exec nixfmt --check {} +
        touch $out
      '';

  vm = import ./tests/vm.nix { inherit pkgs self; };
}
