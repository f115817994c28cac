# The packages that this project asks for. Go and the shell are the machine's, so that builds are real; programs that
# only a desktop or a developer needs are names. machine.nix, which nix/check.sh writes, says where the machine's are.
{
  lib,
  system,
  overlay ? _final: _prev: { },
}:
let
  machine = import ./machine.nix;

  build =
    attrs:
    let
      drv = derivation (
        {
          inherit system;
          inherit (machine) PATH;
          builder = "/bin/bash";
          args = [
            "-e"
            ./build.sh
          ];
        }
        // removeAttrs attrs [ "meta" ]
      );
    in
    drv // { meta = attrs.meta or { }; };

  named = name: build { inherit name; script = "mkdir $out"; } // { version = "50.2"; };

  # The phases of nixpkgs' function, without its patches and hooks.
  buildGoModule =
    make:
    let
      a = make a;
      modules = build {
        name = "${a.pname}-go-modules";
        inherit (a) src;
        inherit (machine) GOPROXY;
        script = ''
          go mod vendor
          cp -r vendor $out
        '';
        impureEnvVars = [ "GOSUMDB" ];
        outputHashMode = "recursive";
        outputHash = a.vendorHash;
      };
      drv = build {
        name = "${a.pname}-${a.version}";
        inherit (a) src checkPhase postInstall meta;
        inherit (machine) GOCACHE;
        inherit (a.env) CGO_ENABLED;
        GOPROXY = "off";
        GOFLAGS = "-mod=vendor -trimpath";
        script = ''
          cp -r ${modules} vendor
          go install -ldflags="${toString (a.ldflags ++ [ "-buildid=" ])}" ${
            toString (map (p: "./${p}") a.subPackages)
          }
          ${if machine.test then ''eval "$checkPhase"'' else "go list -test ./... >/dev/null"}
          mkdir $out
          cp -r $GOPATH/bin $out
          eval "$postInstall"
          $out/bin/${a.meta.mainProgram} ${a.versionCheckProgramArg} | grep -F ${a.version}
          if grep -rl ${machine.go} $out; then
            echo "the package refers to the compiler" >&2
            exit 1
          fi
        '';
      };
    in
    drv // { inherit (a) pname version src vendorHash; };

  # A value in TOML, on one line.
  toTOML =
    v:
    if builtins.isAttrs v then
      "{ ${
        lib.concatMapStringsSep ", " (k: "${builtins.toJSON k} = ${toTOML v.${k}}") (builtins.attrNames v)
      } }"
    else if builtins.isList v then
      "[ ${lib.concatMapStringsSep ", " toTOML v} ]"
    else
      builtins.toJSON v;

  # It has itself inside: a name keeps it from being spelled out for ever.
  anyValue =
    lib.types.nullOr (
      lib.types.oneOf [
        lib.types.bool
        lib.types.int
        lib.types.float
        lib.types.str
        lib.types.path
        (lib.types.attrsOf anyValue)
        (lib.types.listOf anyValue)
      ]
    )
    // {
      name = "value";
      description = "value";
    };

  pkgs = base // overlay pkgs base;
  base = lib.genAttrs [ "dpkg" "gcc" "git" "gnome-shell" "gnumake" "go" "gopls" "nixfmt" "nixfmt-tree" "python3" "qemu" "shellcheck" "systemd" "xz" ] named // {
    inherit lib;
    glibc.static = named "glibc-static";
    installShellFiles = null; # build.sh has them
    versionCheckHook = null; # a part of buildGoModule here

    inherit buildGoModule;
    stdenv = {
      hostPlatform = {
        inherit system;
        isLinux = true;
      };
      buildPlatform = {
        inherit system;
        canExecute = other: other.system == system;
      };
    };

    callPackage =
      file: overrides:
      let
        f = import file;
      in
      f (builtins.intersectAttrs (builtins.functionArgs f) pkgs // overrides);

    runCommand =
      name: attrs: script:
      build (attrs // { inherit name script; });

    mkShell =
      { packages, env }:
      build (
        env
        // {
          name = "nix-shell";
          inherit packages;
          script = "mkdir $out";
        }
      );

    formats = {
      json = _: { type = anyValue; };
      toml = _: {
        generate =
          name: value:
          builtins.toFile name (
            lib.concatMapStringsSep "\n" (k: "${builtins.toJSON k} = ${toTOML value.${k}}") (
              builtins.attrNames value
            )
          );
      };
    };

    testers = {
      testBuildFailure = package: package; # nix/check.sh sees to it that it fails
      # The machines are evaluated and the script is read by Python; there is no NixOS to boot.
      runNixOSTest =
        { name, nodes, testScript }:
        let
          evaluate =
            node:
            (import ./nixos.nix {
              inherit lib;
              legacyPackages.${system} = pkgs;
            } { modules = [ node { nixpkgs.hostPlatform = system; } ]; }).config;
          machines = map evaluate (builtins.attrValues nodes);
        in
        build {
          name = "vm-test-${name}";
          inherit testScript;
          passAsFile = [ "testScript" ];
          units = builtins.concatMap (
            config:
            map (unit: unit.serviceConfig.ExecStart) (
              builtins.attrValues config.systemd.services ++ builtins.attrValues config.systemd.user.services
            )
          ) machines;
          files = builtins.concatMap (
            config:
            map (file: file.source) (
              builtins.filter (file: file.text == null) (builtins.attrValues config.environment.etc)
            )
          ) machines;
          script = ''
            python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$testScriptPath"
            touch $out
          '';
        };
    };
  };
in
pkgs
