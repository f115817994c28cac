# The packages that this project asks for. Go and the shell are the machine's, so that builds are real; programs that
# only a desktop or a developer needs are names. machine.nix, which nix/check.sh writes, says where the machine's are and
# how a build is kept from everything else.
{
  lib,
  system,
  # The kind of machine that builds, where it is another one.
  builtOn ? system,
  overlay ? _final: _prev: { },
}:
let
  machine = import ./machine.nix;
  cross = builtOn != system;
  goArch = {
    x86_64-linux = "amd64";
    aarch64-linux = "arm64";
    riscv64-linux = "riscv64";
  };

  build =
    attrs:
    let
      drv = derivation (
        {
          system = builtOn;
          inherit (machine) PATH;
          inherit (machine) builder;
          args = machine.args ++ [ ./build.sh ];
        }
        // removeAttrs attrs [
          "meta"
          "passthru"
        ]
      );
    in
    drv // attrs.passthru or { } // { meta = attrs.meta or { }; };

  named =
    name:
    build {
      inherit name;
      script = "mkdir $out";
    }
    // {
      version = "50.2";
    };

  # The phases of nixpkgs' function, without its patches and hooks.
  buildGoModule =
    make:
    let
      a = make (a // { finalPackage = drv; });
      modules = build {
        name = "${a.pname}-go-modules";
        inherit (a) src;
        script = ''
          echo "nix/check.sh puts the modules into the store, and has put others there" >&2
          exit 1
        '';
        outputHashMode = "recursive";
        outputHash = a.vendorHash;
      };
      drv = build {
        name = "${a.pname}-${a.version}";
        GOARCH = goArch.${system};
        inherit (a)
          src
          checkPhase
          postInstall
          meta
          passthru
          ;
        inherit (machine) GOCACHE;
        inherit (a.env) CGO_ENABLED;
        GOPROXY = "off";
        GOFLAGS = "-mod=vendor -trimpath";
        script = ''
          cp -r ${modules} vendor
          go install -ldflags="${toString (a.ldflags ++ [ "-buildid=" ])}" ${
            toString (map (p: "./${p}") a.subPackages)
          }
          ${lib.optionalString (!cross) ''eval "$checkPhase"''}
          mkdir $out
          cp -r $GOPATH/bin $out
          for dir in $out/bin/*_*/; do
            [ ! -d "$dir" ] || mv "$dir"/* $out/bin
            [ ! -d "$dir" ] || rmdir "$dir"
          done
          eval "$postInstall"
          fixup
          ${lib.optionalString a.doInstallCheck "$out/bin/${a.meta.mainProgram} ${
            a.versionCheckProgramArg or "--version"
          } | grep -F ${a.version}"}
          if grep -rl ${machine.go} $out; then
            echo "the package refers to the compiler" >&2
            exit 1
          fi
        '';
      };
    in
    drv // a // { inherit (drv) meta; };

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
  base =
    lib.genAttrs [
      "dpkg"
      "gcc"
      "git"
      "gnome-shell"
      "gnumake"
      "go"
      "gopls"
      "nixfmt"
      "nixfmt-tree"
      "python3"
      "qemu"
      "shellcheck"
      "systemd"
      "xdg-utils"
      "xz"
      "bash"
      "nix"
      "patchelf"
      "rpm"
      "util-linux"
    ] named
    // {
      inherit lib pkgs;

      # Fails where a build can reach more than Nix allows.
      sandbox = build {
        name = "sandbox";
        script = ''
          without() { [ ! -e "$1" ] || { echo "there is $1" >&2; exit 1; }; }
          without /usr
          without /bin/true
          without /etc/hosts.allow
          without ${toString machine.outside}
          [ -x /bin/sh ] && [ -r /proc/self/status ] && [ -c /dev/null ]
          [ "$(id -u)" != 0 ] && grep -qx 'CapEff:[[:space:]]*0*' /proc/self/status
          [ "$(nproc)" = 1 ] && [ "$(stat -f -c %T .)" = tmpfs ]
          [ "$(sed '1,2d; s/:.*//; s/ //g' /proc/net/dev)" = lo ]
          touch $out
        '';
      };

      glibc.static = named "glibc-static";
      fetchFromGitHub =
        {
          owner,
          repo,
          tag,
          hash,
        }:
        builtins.toFile "source" "${owner} ${repo} ${tag} ${hash}";
      nix-update-script = _: null;
      installShellFiles = null; # build.sh has them
      versionCheckHook = null; # a part of buildGoModule here

      inherit buildGoModule;
      stdenv = {
        hostPlatform = {
          inherit system;
          isLinux = true;
        };
        buildPlatform = {
          system = builtOn;
          canExecute = other: other.system == builtOn;
        };
      };

      writeText =
        name: text:
        build {
          inherit name text;
          passAsFile = [ "text" ];
          script = ''cp "$textPath" $out'';
        };

      # Option documents: each option has a description and a type, or there is none.
      nixosOptionsDoc =
        { options, transformOptions }:
        let
          walk =
            path: node:
            if node.visible or true == false then
              [ ]
            else if node._type or null == "option" then
              [ "## ${lib.concatStringsSep "." path}\n\n${node.description}\n\nType: ${node.type.name}\n" ]
            else
              builtins.concatMap (name: walk (path ++ [ name ]) node.${name}) (builtins.attrNames node);
        in
        builtins.seq (transformOptions { }) {
          optionsCommonMark = pkgs.writeText "options.md" (lib.concatStringsSep "\n" (walk [ ] options));
        };

      callPackage =
        file: overrides:
        let
          f = if builtins.isPath file then import file else file;
        in
        f (builtins.intersectAttrs (builtins.functionArgs f) pkgs // overrides)
        // {
          override = more: pkgs.callPackage file (overrides // more);
        };

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
      };

      testers = {
        testBuildFailure = package: package; # nix/check.sh sees to it that it fails
        # The machines are evaluated and the script is read by Python; there is no NixOS to boot.
        runNixOSTest =
          {
            name,
            nodes,
            testScript,
          }:
          let
            evaluate =
              node:
              (import ./nixos.nix
                {
                  inherit lib;
                  legacyPackages.${system} = pkgs;
                }
                {
                  modules = [
                    node
                    { nixpkgs.hostPlatform = system; }
                  ];
                }
              ).config;
            machines = map evaluate (builtins.attrValues nodes);
          in
          build {
            name = "vm-test-${name}";
            inherit testScript;
            passAsFile = [ "testScript" ];
            units = builtins.concatMap (
              config:
              map (unit: unit.serviceConfig.ExecStart or "") (
                builtins.attrValues config.systemd.services ++ builtins.attrValues config.systemd.user.services
              )
            ) machines;
            files = builtins.concatMap (
              config:
              map (file: file.source) (
                builtins.filter (file: file.text == null) (builtins.attrValues config.environment.etc)
              )
            ) machines;
            script = ''cp "$testScriptPath" $out''; # nix/check.sh has Python read it
          };
      };
    };
in
pkgs
