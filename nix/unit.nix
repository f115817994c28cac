# Reads a unit file: { Unit.After = "..."; Service.ExecStart = "..."; }. A repeated key becomes a list. It does not
# support continued lines.
{ lib }:
path:
let
  step =
    { section, unit }:
    line:
    let
      header = builtins.match "\\[(.*)]" line;
      entry = builtins.match "([^=]+)=(.*)" line;
      key = builtins.elemAt entry 0;
      value = builtins.elemAt entry 1;
      keys = unit.${section} or { };
    in
    if line == "" || lib.hasPrefix "#" line then
      { inherit section unit; }
    else if header != null then
      {
        section = builtins.head header;
        inherit unit;
      }
    else if entry == null then
      throw "${toString path}: not a line of a unit: ${line}"
    else
      {
        inherit section;
        unit = unit // {
          ${section} = keys // {
            ${key} = if keys ? ${key} then lib.toList keys.${key} ++ [ value ] else value;
          };
        };
      };
in
(builtins.foldl' step {
  section = "";
  unit = { };
} (lib.splitString "\n" (builtins.readFile path))).unit
