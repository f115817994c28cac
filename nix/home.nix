# The module for Home Manager without the flake: it builds the package with the home's nixpkgs.
import ./home-with.nix (pkgs: pkgs.callPackage ./package.nix { })
