{
  description = "Keyboard remapper with Mac-like shortcuts in every application";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      # For each system: what a function makes of its packages. The first two are those that tests run on.
      forAll = systems: make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      tested = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forTested = forAll tested;
      forSystems = forAll (tested ++ [ "riscv64-linux" ]);

      ownPackages =
        pkgs:
        import ./nix/packages.nix pkgs {
          revision = self.shortRev or self.dirtyShortRev or null;
        };

      # The modules take the package that was built and tested with this flake's nixpkgs.
      ownPackage = pkgs: self.packages.${pkgs.stdenv.hostPlatform.system}.toshy;
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

      templates.default = {
        path = ./nix/template;
        description = "NixOS and Home Manager with toshy";
        welcomeText = "Write the name of your machine and your own in flake.nix, then: sudo nixos-rebuild switch --flake .";
      };

      overlays.default = import ./nix/overlay.nix;

      nixosModules.toshy = import ./nix/nixos-with.nix ownPackage;
      nixosModules.default = self.nixosModules.toshy;

      homeModules.toshy = import ./nix/home-with.nix ownPackage;
      homeModules.default = self.homeModules.toshy;
      homeManagerModules = self.homeModules; # the older name

      devShells = forTested (pkgs: {
        default = import ./nix/shell.nix pkgs;
      });

      formatter = forTested (pkgs: pkgs.nixfmt-tree);

      checks = forTested (
        pkgs:
        import ./nix/checks.nix {
          inherit pkgs nixpkgs self;
        }
      );
    };
}
