final: _prev: {
  toshy = final.callPackage ./package.nix { };
  xwaykeyz = final.callPackage ./xwaykeyz.nix { };
  gnome-shell-extension-toshy = final.callPackage ./gnome-extension.nix { };
}
