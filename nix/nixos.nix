# The module for NixOS without the flake: it builds the package with the system's nixpkgs.
import ./nixos-with.nix (pkgs: pkgs.callPackage ./package.nix { })
