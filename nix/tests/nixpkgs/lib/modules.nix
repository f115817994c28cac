# The module system: options, definitions with conditions and priorities, types that check and merge.
lib:
let
  inherit (builtins)
    all
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    head
    isAttrs
    isList
    length
    mapAttrs
    ;

  kind = value: if isAttrs value then value._type or null else null;
  show = concatStringsSep ".";
  namesOf = sets: attrNames (builtins.foldl' (a: b: a // b) { } sets);
  at = name: concatMap (set: if set ? ${name} then [ set.${name} ] else [ ]);

  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOption = option: option // { _type = "option"; };

  # A set of definitions, taken apart into plain sets. Conditions move on to the values: nothing asks for them until the
  # value is asked for.
  spread =
    set:
    if kind set == "merge" then
      concatMap spread set.contents
    else if kind set == "if" then
      map (mapAttrs (_: mkIf set.condition)) (spread set.content)
    else
      [ set ];

  # A definition as a list of { priority, value }: empty when its condition does not hold.
  settle =
    definition:
    if kind definition == "merge" then
      concatMap settle definition.contents
    else if kind definition == "if" then
      if definition.condition then settle definition.content else [ ]
    else if kind definition == "override" then
      map (d: d // { inherit (definition) priority; }) (settle definition.content)
    else
      [
        {
          priority = 100;
          value = definition;
        }
      ];

  strongest =
    definitions:
    let
      most = builtins.foldl' (
        least: d: if d.priority < least then d.priority else least
      ) 9999 definitions;
    in
    map (d: d.value) (filter (d: d.priority == most) definitions);

  # The value of a type for the definitions of an option.
  mergeAs =
    type: path: definitions:
    let
      values = strongest (concatMap settle definitions);
      wrong = filter (value: !type.check value) values;
    in
    if wrong != [ ] then
      throw "A definition for option `${show path}' is not of type `${type.name}'."
    else
      type.merge path values;

  one =
    path: values:
    if length values == 1 || all (value: value == head values) values then
      head values
    else
      throw "The option `${show path}' has conflicting definition values.";
  simple = name: check: {
    inherit name check;
    merge = one;
  };
  attrsAs =
    type: path: values:
    lib.filterAttrs (_: v: v != { _gone = true; }) (
      lib.genAttrs (namesOf values) (
        name:
        if concatMap settle (at name values) == [ ] then
          { _gone = true; }
        else
          mergeAs type (path ++ [ name ]) (at name values)
      )
    );

  types = rec {
    raw = simple "raw value" (_: true);
    bool = simple "boolean" builtins.isBool;
    int = simple "signed integer" builtins.isInt;
    float = simple "floating point number" builtins.isFloat;
    str = simple "string" builtins.isString;
    lines = str // {
      merge = _: concatStringsSep "\n";
    };
    path = simple "absolute path" (
      value:
      builtins.isPath value
      || lib.isDerivation value
      || builtins.isString value && builtins.substring 0 1 value == "/"
    );
    package = simple "package" lib.isDerivation;
    enum = values: simple "one of ${builtins.toJSON values}" (value: elem value values);
    nullOr = type: {
      name = "null or ${type.name}";
      check = value: value == null || type.check value;
      merge = path: values: if all (value: value == null) values then null else type.merge path values;
    };
    oneOf =
      list:
      let
        fitting = value: head (filter (type: type.check value) list);
      in
      {
        name = concatStringsSep " or " (map (type: type.name) list);
        check = value: builtins.any (type: type.check value) list;
        merge = path: values: (fitting (head values)).merge path values;
      };
    either =
      a: b:
      oneOf [
        a
        b
      ];
    listOf = type: {
      name = "list of ${type.name}";
      check = isList;
      merge = path: values: map (value: mergeAs type path [ value ]) (builtins.concatLists values);
    };
    attrsOf = type: {
      name = "attribute set of ${type.name}";
      check = value: isAttrs value && !lib.isDerivation value;
      merge = attrsAs type;
    };
    coercedTo = from: change: to: {
      name = "${to.name} or ${from.name} convertible to it";
      check = value: from.check value || to.check value;
      merge =
        path: values: to.merge path (map (value: if from.check value then change value else value) values);
    };
    submodule = module: {
      name = "submodule";
      check = isAttrs;
      merge = _: values: (evalModules { modules = [ module ] ++ values; }).config;
    };
  };

  evalModules =
    {
      modules,
      specialArgs ? { },
    }:
    let
      arguments = specialArgs // {
        inherit lib config options;
      };
      load =
        module:
        let
          file = if builtins.isPath module then import module else module;
          body = if builtins.isFunction file then file arguments else file;
        in
        {
          key = body.key or null;
          options = body.options or { };
          config =
            if body ? options || body ? config then
              body.config or { }
            else
              removeAttrs body [
                "_class"
                "_file"
                "imports"
                "key"
              ];
          imports = map load (body.imports or [ ]);
        };
      # A module before what it imports; of several with the same key, the first one.
      collect = builtins.foldl' (
        list: m:
        if m.key != null && builtins.any (other: other.key == m.key) list then
          list
        else
          collectOn (list ++ [ m ]) m.imports
      );
      collectOn = list: modules: collect list modules;
      loaded = collect [ ] (map load modules);

      lenient = builtins.any (m: m.config._module.check or true == false) loaded;

      # Options as a tree, each with its value beside it.
      tree =
        path: declarations: definitions:
        let
          declared = namesOf declarations;
          unknown = filter (name: !elem name declared) (namesOf definitions);
        in
        if unknown != [ ] && !lenient then
          throw "The option `${show (path ++ [ (head unknown) ])}' does not exist."
        else
          lib.genAttrs declared (
            name:
            let
              here = path ++ [ name ];
              options = at name declarations;
              given = at name definitions;
            in
            if kind (head options) == "option" then
              if length options > 1 then
                throw "The option `${show here}' is already declared."
              else
                option here (head options) given
            else
              tree here options (concatMap spread given)
          );
      option =
        path: declared: given:
        let
          isDefined = concatMap settle given != [ ];
          value =
            if isDefined then
              mergeAs declared.type path given
            else
              declared.default or (throw "The option `${show path}' was accessed but has no value defined.");
        in
        declared
        // {
          inherit isDefined;
          value = (declared.apply or (v: v)) value;
        };
      values = mapAttrs (_: node: if kind node == "option" then node.value else values node);

      options = tree [ ] (map (m: m.options) loaded) (concatMap (m: spread m.config) loaded);
      config = values options;
    in
    {
      inherit config options;
    };

  mkRemovedOptionModule =
    path: instead:
    { options, ... }:
    {
      options = lib.setAttrByPath path (mkOption {
        type = types.raw;
        visible = false;
        apply = _: throw "The option `${show path}' can no longer be used.";
      });
      config.assertions = [
        {
          assertion = !(lib.getAttrFromPath path options).isDefined;
          message = "The option definition `${show path}' no longer has any effect; please remove it.\n${instead}";
        }
      ];
    };

  mkChangedOptionModule =
    from: to: change:
    { config, options, ... }:
    let
      inherit (lib.getAttrFromPath from options) isDefined;
    in
    {
      options = lib.setAttrByPath from (mkOption {
        type = types.raw;
        visible = false;
      });
      config = {
        _type = "merge";
        contents = [
          { warnings = mkIf isDefined [ "The option `${show from}' has been changed to `${show to}'." ]; }
          (mkIf isDefined (lib.setAttrByPath to (change config)))
        ];
      };
    };
in
{
  inherit
    evalModules
    mkChangedOptionModule
    mkIf
    mkMerge
    mkOption
    mkRemovedOptionModule
    types
    ;
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkRenamedOptionModule = from: to: mkChangedOptionModule from to (lib.getAttrFromPath from);
  mkEnableOption =
    what:
    mkOption {
      type = types.bool;
      default = false;
      description = "Whether to enable ${what}.";
    };
  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };
}
