# The module for Home Manager, for who imports it without the flake: the package is built with the home's nixpkgs.
import ./home-with.nix (pkgs: pkgs.callPackage ./package.nix { })
