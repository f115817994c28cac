# The options of services.toshy as a page: one for NixOS, one for Home Manager.
{
  lib,
  pkgs,
  nixosOptionsDoc,
  runCommand,
  toshy,
}:
let
  page =
    module: others:
    (nixosOptionsDoc {
      options.services.toshy =
        removeAttrs
          (lib.evalModules {
            specialArgs = { inherit pkgs; };
            # Only the parts of the system that defaults use.
            modules = [
              module
              others
              { config._module.check = false; }
            ];
          }).options.services.toshy
          [ "_module" ];
      # Declarations contain paths of this machine.
      transformOptions = option: option // { declarations = [ ]; };
    }).optionsCommonMark;
in
runCommand "toshy-options-${toshy.version}"
  {
    pname = "toshy-options";
    inherit (toshy) version;
    meta = removeAttrs toshy.meta [ "mainProgram" ] // {
      description = "Options of services.toshy for NixOS and Home Manager";
    };
  }
  ''
    mkdir -p $out/share/doc/toshy
    cp ${page (import ./nixos-with.nix (_: toshy)) { }} $out/share/doc/toshy/nixos-options.md
    cp ${page (import ./home-with.nix (_: toshy)) { }} $out/share/doc/toshy/home-manager-options.md
  ''
