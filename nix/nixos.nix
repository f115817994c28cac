# The module for NixOS, for who imports it without the flake: the package is built with the system's nixpkgs.
import ./nixos-with.nix (pkgs: pkgs.callPackage ./package.nix { })
