# For people without flakes: nix-build -A toshy, or
#
#   imports = [ (import ./toshy { }).nixosModules.toshy ];
#
# Without an argument the packages come from the nixpkgs that flake.lock names.
{
  pkgs ? import (fetchTarball {
    url = "https://github.com/NixOS/nixpkgs/archive/${locked.rev}.tar.gz";
    sha256 = locked.narHash;
  }) { },
  locked ? (builtins.fromJSON (builtins.readFile ./flake.lock)).nodes.nixpkgs.locked,
}:
import ./nix/packages.nix pkgs { }
// {
  overlays.default = import ./nix/overlay.nix;
  nixosModules.toshy = ./nix/nixos.nix;
  homeModules.toshy = ./nix/home.nix;
}
