# The functions of nixpkgs' lib that this project calls, with the meaning that they have there. The tests of the modules
# run over both, see nix/check.sh, which also puts the real one in this place.
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elemAt
    filter
    head
    isAttrs
    isList
    length
    listToAttrs
    stringLength
    substring
    ;

  strings = rec {
    inherit (builtins) concatStringsSep replaceStrings;
    hasPrefix = prefix: s: substring 0 (stringLength prefix) s == prefix;
    hasInfix = infix: s: length (builtins.split (escapeRegex infix) s) > 1;
    escapeRegex =
      let
        special = [
          "\\"
          "^"
          "$"
          "."
          "|"
          "?"
          "*"
          "+"
          "("
          ")"
          "["
          "{"
          "}"
        ];
      in
      builtins.replaceStrings special (map (c: "\\" + c) special);
    splitString = separator: s: filter builtins.isString (builtins.split (escapeRegex separator) s);
    concatMapStringsSep =
      separator: f: list:
      concatStringsSep separator (map f list);
    hasSuffix =
      suffix: s:
      stringLength s >= stringLength suffix
      && substring (stringLength s - stringLength suffix) (stringLength suffix) s == suffix;
    versionAtLeast = version: least: builtins.compareVersions version least >= 0;
    optionalString = condition: s: if condition then s else "";
    fileContents = path: head (builtins.match "(.*[^\n])\n*" (builtins.readFile path));
    versions.major = version: head (builtins.splitVersion version);
  };

  attrs = rec {
    inherit (builtins) mapAttrs;
    genAttrs =
      names: f:
      listToAttrs (
        map (name: {
          inherit name;
          value = f name;
        }) names
      );
    mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
    filterAttrs = keep: set: removeAttrs set (filter (name: !keep name set.${name}) (attrNames set));
    optionalAttrs = condition: set: if condition then set else { };
    nameValuePair = name: value: { inherit name value; };
    mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
    recursiveUpdate =
      old: new:
      old
      // builtins.mapAttrs (
        name: value:
        if isAttrs value && isAttrs (old.${name} or null) then recursiveUpdate old.${name} value else value
      ) new;
    isDerivation = value: value.type or null == "derivation";
    getAttrFromPath = path: set: builtins.foldl' (s: name: s.${name}) set path;
    setAttrByPath =
      path: value:
      if path == [ ] then value else { ${head path} = setAttrByPath (builtins.tail path) value; };
    hiPrio =
      package:
      package
      // {
        meta = package.meta or { } // {
          priority = -10;
        };
      };
    getExe = package: "${package}/bin/${package.meta.mainProgram}";
  };

  lists = {
    toList = value: if isList value then value else [ value ];
    last = list: elemAt list (length list - 1);
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: list: if condition then list else [ ];
    sort = builtins.sort;
    sublist =
      start: count: list:
      builtins.genList (i: elemAt list (start + i)) count;
    unique = builtins.foldl' (list: e: if builtins.elem e list then list else list ++ [ e ]) [ ];
  };

  lib =
    strings
    // attrs
    // lists
    // import ./modules.nix lib
    // {
      fileset = import ./fileset.nix lib;
      fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
      licenses.gpl3Plus.spdxId = "GPL-3.0-or-later";
      platforms.linux = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      # A source in the store is a folder; to list what is beside it is forbidden.
      pathIsDirectory =
        path:
        builtins.pathExists path
        && (
          dirOf (toString path) == builtins.storeDir
          || (builtins.readDir (dirOf path)).${baseNameOf path} == "directory"
        );
      assertMsg = condition: message: condition || throw message;
      trivial.release = "26.11";
    };
in
lib
