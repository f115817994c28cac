{
  description = "As much of nixpkgs as this project asks for, over the tools of the machine: see nix/check.sh";

  outputs =
    { self }:
    let
      lib = import ./lib;
      legacyPackages = lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "riscv64-linux"
      ] (system: import ./pkgs.nix { inherit lib system; });
    in
    {
      inherit legacyPackages;
      lib = lib // {
        nixosSystem = import ./nixos.nix { inherit lib legacyPackages; };
      };
    };
}
