final: _prev: {
  toshy = final.callPackage ./package.nix { };
  xwaykeyz = final.callPackage ./xwaykeyz.nix { };
}
