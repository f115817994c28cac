# What this project adds to a package set. `final` is that set, with or without the overlay.
final:
{
  revision ? null,
}:
let
  toshy = final.callPackage ./package.nix { inherit revision; };
in
{
  inherit toshy;
  xwaykeyz = final.callPackage ./xwaykeyz.nix { inherit toshy; };
  gnome-shell-extension-toshy = final.callPackage ./gnome-extension.nix { inherit toshy; };
  toshy-options = final.callPackage ./options-doc.nix { inherit toshy; };
}
