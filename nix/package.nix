{
  lib,
  stdenv,
  buildGoModule,
  installShellFiles,
  runCommand,
  versionCheckHook,
  go,
  gnome-shell,
  # The commit, for `toshy version`; null if it is not known.
  revision ? null,
  # Facts that only the publisher of toshy knows: addresses, and who is responsible for the package.
  homepage ? null,
  changelog ? null,
  maintainers ? [ ],
}:
let
  fs = lib.fileset;

  # Every program of the package is a folder in cmd; the other folders there are for tests.
  programs = [
    "toshy"
    "toshy-tray"
    "toshy-ui"
  ];
in
assert lib.assertMsg (lib.versionAtLeast go.version "1.26") ''
  toshy needs Go 1.26, and this nixpkgs has ${go.version}: take nixpkgs from February 2026 or later, or drop the line
  inputs.toshy.inputs.nixpkgs.follows from your flake.
'';
buildGoModule (finalAttrs: {
  pname = "toshy";
  version = lib.fileContents ../cmd/toshy/VERSION;

  # The sources of the program and its tests. Documents are left out, so that changing a word does not cause a rebuild.
  # One of them is a table of tests.
  src = fs.toSource {
    root = ../.;
    fileset = fs.difference (fs.unions [
      ../go.mod
      ../go.sum
      ../cmd
      ../config
      ../evdev
      ../remap
      ../systemd
      ../docs/MAC.md
    ]) (fs.fileFilter (file: lib.hasSuffix "docs_test.go" file.name) ../.);
  };

  # `make vendor-hash` updates it, `make nix-check` checks it.
  vendorHash = "sha256-dhjsAS3uQPoOxqtyo2gg6glhyR8iPv9vgrlBYUKC4uI=";

  subPackages = map (program: "cmd/${program}") programs;
  env.CGO_ENABLED = 0;
  ldflags = [
    "-s"
    "-w"
    "-X runtime.godebugDefault=disablethp=1,clobberfree=1" # see Makefile
  ]
  ++ lib.optional (revision != null) "-X main.version=${revision}";

  nativeBuildInputs = [ installShellFiles ];

  # All tests that only need Go, not only those of subPackages.
  checkPhase = ''
    runHook preCheck
    # Tests find their files by the paths from the compiler.
    export GOFLAGS=''${GOFLAGS//-trimpath/} HOME=$TMPDIR
    go test ./...
    runHook postCheck
  '';

  postInstall = ''
    bash systemd/install.sh $out

    # Manual pages, completions and the extension come from a program, which must run on the build machine.
    export HOME=$TMPDIR
    GOOS=$(go env GOHOSTOS) GOARCH=$(go env GOHOSTARCH) go build -tags man -o generate ./cmd/toshy
    ./generate man man
    installManPage man/*
    ./generate gnome-extension-files $out/share --shell ${lib.versions.major gnome-shell.version}
    installShellCompletion --cmd toshy \
      --bash <(./generate completion bash) \
      --zsh <(./generate completion zsh) \
      --fish <(./generate completion fish)
  '';

  doInstallCheck = stdenv.buildPlatform.canExecute stdenv.hostPlatform;
  nativeInstallCheckInputs = [ versionCheckHook ];
  versionCheckProgramArg = "--version";

  passthru = {
    inherit programs;
    # With any overrides: it runs, and the configuration in it works.
    tests.simulate = runCommand "toshy-simulate" { } ''
      ${lib.getExe finalAttrs.finalPackage} simulate --format row --app firefox -e '+leftalt +c -c -leftalt' |
        grep -F '+rightctrl +c -c -rightctrl'
      touch $out
    '';
  };

  meta = {
    description = "Keyboard remapper with Mac-like shortcuts in every application";
    license = lib.licenses.gpl3Plus;
    mainProgram = "toshy";
    platforms = lib.platforms.linux;
    inherit maintainers;
  }
  // lib.optionalAttrs (homepage != null) { inherit homepage; }
  // lib.optionalAttrs (changelog != null) { inherit changelog; };
})
