# The checks of the flake for one system: `nix flake check`, which needs the real nixpkgs. `make nix-check` runs those
# that do not.
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

  # Home Manager is not an input. These are the options of it that the module sets.
  home = evalHome { };
  homeOn = osConfig: evalHome { inherit osConfig; };
  evalHome =
    specialArgs: settings:
    (lib.evalModules {
      specialArgs = {
        inherit pkgs;
      }
      // specialArgs;
      modules = [
        self.homeModules.toshy
        ./tests/home-manager.nix
        settings
      ];
    }).config;

  inherit
    (import ./tests/modules.nix {
      inherit
        lib
        nixos
        home
        homeOn
        examples
        ;
      package = own.toshy;
      # The result of Home Manager's mkOutOfStoreSymlink.
      outOfStore = pkgs.runCommand "hm_toshy.toml" { } "ln -s /home/alice/toshy.toml $out";
    })
    failures
    configurations
    ;

  dropIns = import ./tests/units.nix { inherit lib nixos; };

  examples = {
    nixos = ./examples/nixos.nix;
    home = ./examples/home-manager.nix;
  };

  # A configuration that the build refuses.
  broken =
    (nixos {
      services.toshy = {
        enable = true;
        settings.keymap.mine.keys.F1 = "NoSuchKey";
      };
    }).environment.etc."toshy/config.toml".source;
in
{
  inherit (own)
    toshy
    xwaykeyz
    gnome-shell-extension-toshy
    toshy-options
    ;
  inherit (own.toshy.tests) simulate;

  modules =
    if failures == [ ] then
      pkgs.runCommand "toshy-modules" { } "touch $out"
    else
      throw "the modules: ${lib.concatStringsSep "; " failures}";

  # Typical configurations of real users pass `toshy check`.
  habits = pkgs.runCommand "toshy-habits" { } ''
    for file in ${toString configurations}; do
      [ -s "$file" ] || [ "$(readlink -m "$file")" = /home/alice/toshy.toml ]
    done
    touch $out
  '';

  # The configurations that the NixOS and Home Manager modules generate pass `toshy check`; a broken one does not.
  config = (nixos examples.nixos).environment.etc."toshy/config.toml".source;
  home-config = (home examples.home).xdg.configFile."toshy/config.toml".source;
  # The package's units with NixOS's additions. systemd judges them where it runs: in nix/check.sh, and in the machine
  # of ./tests/vm.nix.
  units = pkgs.runCommand "toshy-units" { } (
    ''
      mkdir -p $out/system $out/user
      cp ${own.toshy}/lib/systemd/system/*.service $out/system
      cp ${own.toshy}/lib/systemd/user/*.service $out/user
    ''
    + lib.concatMapStringsSep "" (name: ''
      mkdir -p $out/${builtins.dirOf name}
      cat >$out/${name} <<'END'
      ${dropIns.${name}}
      END
    '') (builtins.attrNames dropIns)
  );
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
