# Sets of files. One is a function that says of a path, as a string, whether it is in; paths stand for what is below.
lib:
let
  has =
    set:
    if builtins.isFunction set then set else p: p == toString set || lib.hasPrefix "${toString set}/" p;
in
{
  difference =
    a: b: p:
    has a p && !has b p;
  unions = sets: p: builtins.any (set: has set p) sets;
  maybeMissing = has;
  fileFilter =
    keep: root: p:
    has root p
    && keep {
      name = builtins.baseNameOf p;
      hasExt = ext: builtins.match ".*\\.${ext}" p != null;
    };
  toSource =
    { root, fileset }:
    builtins.path {
      name = "source";
      path = root;
      # Directories without a file in them stay here, other than with nixpkgs: no build looks at them.
      filter = p: type: type == "directory" || has fileset p;
    };
}
