#!/usr/bin/env bash
# Checks that `toshy import --nix` prints Nix that has the same configuration as the TOML that `toshy import` prints: the same
# values, and tables in the same order once Nix has sorted their names.
#
#   nix/tests/import.sh TOSHY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
toshy=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

nix-instantiate --eval --strict --json "$here/import.nix" >files
python3 - <<'END'
import json, os
for name, text in json.load(open("files")).items():
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    open(name, "w").write(text)
END
for files in keyd/default.conf xremap.yml "keyd/default.conf keyd/laptop.conf"; do
	# shellcheck disable=SC2086
	"$toshy" import $files >toml
	# shellcheck disable=SC2086
	"$toshy" import --nix $files 2>/dev/null >settings
	(echo '{' && cat settings && echo '}') >settings.nix
	nix-instantiate --eval --strict --json settings.nix >json
	python3 - "$files" <<'END'
import json, re, sys, tomllib
nix = json.load(open("json"))["services"]["toshy"]
toml = tomllib.load(open("toml", "rb"))
assert nix["enable"] is True and nix["extends"] == toml.pop("extends"), nix
settings = nix["settings"]
for kind in ("modmap", "keymap", "chord"):
    if kind in settings:
        settings[kind] = {re.sub(r"^\d{3}-", "", name): settings[kind][name] for name in sorted(settings[kind])}
        assert list(settings[kind]) == list(toml[kind]), (sys.argv[1], kind, list(settings[kind]), list(toml[kind]))
assert settings == toml, (sys.argv[1], settings, toml)
assert toml.get("keymap") or toml.get("modmap"), (sys.argv[1], toml)
END
done
