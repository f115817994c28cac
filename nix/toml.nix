# Writes a configuration in TOML, with its tables in the user's order. Nix sorts sets by name, but the first keymap,
# modmap and so on that has a key wins.
#
# Such tables are a list of sets with `name`, or a set. In a set, tables with a lower `order` come first; the default is
# 1000, and tables with equal order are sorted by name.
{ lib }:
let
  # The parts of a configuration whose tables are ordered.
  ordered = [
    "chord"
    "compose"
    "keymap"
    "layer"
    "modmap"
  ];

  isTable = value: builtins.isAttrs value && !lib.isDerivation value;
  # A set as a list of { name, value }.
  entries = set: map (name: lib.nameValuePair name set.${name}) (builtins.attrNames set);

  orderOf = entry: if isTable entry.value then entry.value.order or 1000 else 1000;
  inOrder = list: lib.sort (a: b: orderOf a < orderOf b) list;
  # The tables of one kind, without their `order`.
  tablesOf =
    tables:
    map
      (
        { name, value }:
        lib.nameValuePair name (
          if isTable value then
            removeAttrs value [
              "name"
              "order"
            ]
          else
            value
        )
      )
      (
        inOrder (
          if builtins.isList tables then map (t: lib.nameValuePair t.name t) tables else entries tables
        )
      );

  # A JSON string is also a TOML string. Store objects are written as their paths.
  text = value: builtins.toJSON "${value}";
  key = name: if builtins.match "[A-Za-z0-9_-]+" name != null then name else text name;
  inline =
    value:
    if isTable value then
      "{ ${lib.concatMapStringsSep ", " (e: "${key e.name} = ${inline e.value}") (entries value)} }"
    else if builtins.isList value then
      "[ ${lib.concatMapStringsSep ", " inline value} ]"
    else if builtins.isString value || builtins.isPath value || lib.isDerivation value then
      text value
    else
      builtins.toJSON value;

  # The table at a path: its values, then the tables in it. A fourth level, such as an action in `keys`, is a value.
  table =
    path: list:
    let
      isBelow = e: isTable e.value && builtins.length path < 3;
      values = builtins.filter (e: !isBelow e) list;
      below = builtins.filter isBelow list;
    in
    lib.optionalString (path != [ ] && (values != [ ] || below == [ ])) ''

      [${lib.concatMapStringsSep "." key path}]
    ''
    + lib.concatMapStringsSep "" (e: "${key e.name} = ${inline e.value}\n") values
    + lib.concatMapStringsSep "" (e: table (path ++ [ e.name ]) (entries e.value)) below;

  isOrdered = e: builtins.elem e.name ordered && (isTable e.value || builtins.isList e.value);
in
{
  inherit ordered;

  # The mistakes in the order of a configuration, one sentence each.
  mistakes =
    settings:
    builtins.concatMap (
      kind:
      let
        tables = settings.${kind} or { };
        given =
          if builtins.isList tables then
            tables
          else
            builtins.attrValues (if isTable tables then tables else { });
        unnamed =
          builtins.isList tables && !builtins.all (t: isTable t && builtins.isString (t.name or null)) tables;
        names = lib.optionals (builtins.isList tables && !unnamed) (map (t: t.name) tables);
        twice = lib.unique (
          builtins.filter (n: builtins.length (builtins.filter (m: m == n) names) > 1) names
        );
      in
      lib.optional unnamed "services.toshy.settings.${kind} is a list: each of its sets needs a name, as in { name = \"mine\"; ... }."
      ++ lib.optional (
        !unnamed && builtins.isList tables && builtins.any (t: t ? order) tables
      ) "services.toshy.settings.${kind} is a list, which has an order: drop `order` from its sets."
      ++ lib.optional (builtins.any (
        t: isTable t && !builtins.isInt (t.order or 0)
      ) given) "services.toshy.settings.${kind}: `order` must be a whole number, as in order = 10."
      ++ map (
        n:
        "services.toshy.settings.${kind} has two sets with the name \"${n}\": make them one, or rename one."
      ) twice
    ) ordered;

  generate =
    settings:
    table [ ] (builtins.filter (e: !isOrdered e) (entries settings))
    + lib.concatMapStringsSep "" (
      kind:
      lib.concatMapStringsSep "" (
        # `toshy check` reports anything that is not a table.
        t:
        if isTable t.value then table [ kind.name t.name ] (entries t.value) else table [ kind.name ] [ t ]
      ) (tablesOf kind.value)
    ) (builtins.filter isOrdered (entries settings));
}
