{
  description = "Keyboard remapper with Mac-like shortcuts in every application";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      # For each system: what a function makes of its packages.
      forSystems =
        make:
        lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
        ] (system: make nixpkgs.legacyPackages.${system});

      ownPackages =
        pkgs:
        import ./nix/packages.nix pkgs {
          revision = self.shortRev or self.dirtyShortRev or null;
        };

      # The modules take the package that was built and tested with this flake's nixpkgs.
      withOwnPackage =
        module:
        { lib, pkgs, ... }:
        {
          imports = [ module ];
          services.toshy.package = lib.mkDefault self.packages.${pkgs.stdenv.hostPlatform.system}.toshy;
        };
    in
    {
      packages = forSystems (
        pkgs:
        let
          own = ownPackages pkgs;
        in
        own // { default = own.toshy; }
      );

      apps = forSystems (
        pkgs:
        let
          own = self.packages.${pkgs.stdenv.hostPlatform.system};
          app = package: {
            type = "app";
            program = lib.getExe package;
            meta.description = package.meta.description;
          };
        in
        {
          toshy = app own.toshy;
          xwaykeyz = app own.xwaykeyz;
          default = app own.toshy;
        }
      );

      overlays.default = import ./nix/overlay.nix;

      nixosModules.toshy = withOwnPackage ./nix/nixos.nix;
      nixosModules.default = self.nixosModules.toshy;

      homeModules.toshy = withOwnPackage ./nix/home.nix;
      homeModules.default = self.homeModules.toshy;
      homeManagerModules = self.homeModules; # the older name

      devShells = forSystems (pkgs: {
        default = import ./nix/shell.nix pkgs;
      });

      formatter = forSystems (pkgs: pkgs.nixfmt-tree);

      checks = forSystems (
        pkgs:
        import ./nix/checks.nix {
          inherit pkgs nixpkgs self;
        }
      );
    };
}
