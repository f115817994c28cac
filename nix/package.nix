{
  lib,
  stdenv,
  buildGoModule,
  installShellFiles,
  versionCheckHook,
  gnome-shell,
  # The commit, for `toshy version`; null where it is not known.
  revision ? null,
}:
let
  fs = lib.fileset;
in
buildGoModule (finalAttrs: {
  pname = "toshy";
  version = lib.fileContents ../cmd/toshy/VERSION;

  # All that Go and its tests read; not what only Nix or a work tree has.
  src = fs.toSource {
    root = ../.;
    fileset = fs.difference ../. (
      fs.unions [
        ../nix
        ../flake.nix
        ../default.nix
        (fs.maybeMissing ../flake.lock)
        (fs.maybeMissing ../.ci)
        (fs.maybeMissing ../.github)
        (fs.maybeMissing ../.cache)
        (fs.maybeMissing ../dist)
        (fs.maybeMissing ../toshy)
        (fs.maybeMissing ../toshy-tray)
        (fs.maybeMissing ../result)
      ]
    );
  };

  # Renewed by `make vendor-hash`, compared by `make nix-check`.
  vendorHash = "sha256-OyniFSQUa0zujLMroNY3p2ewDr/z81kPqHY7+mwXbjk=";

  # The other programs are for tests.
  subPackages = [
    "cmd/toshy"
    "cmd/toshy-tray"
  ];
  env.CGO_ENABLED = 0;
  ldflags = [
    "-s"
    "-w"
    "-X runtime.godebugDefault=disablethp=1" # see Makefile
  ]
  ++ lib.optional (revision != null) "-X main.version=${revision}";

  nativeBuildInputs = [ installShellFiles ];

  # Every test that needs nothing but Go, not only those of subPackages.
  checkPhase = ''
    runHook preCheck
    # Tests find their files by the paths that the compiler saw.
    export GOFLAGS=''${GOFLAGS//-trimpath/} HOME=$TMPDIR
    go test ./...
    runHook postCheck
  '';

  postInstall = ''
    install -Dm644 systemd/60-toshy-daemon.rules -t $out/lib/udev/rules.d
    install -Dm644 systemd/70-toshy.rules -t $out/share/toshy
    install -Dm644 systemd/toshy.sysusers.conf $out/lib/sysusers.d/toshy.conf
    install -Dm644 systemd/toshy.modules-load.conf $out/lib/modules-load.d/toshy.conf
    install -Dm644 systemd/toshy.quirks $out/share/libinput/30-toshy.quirks
    install -Dm644 systemd/toshy-daemon.service -t $out/lib/systemd/system
    install -Dm644 systemd/toshy.service systemd/toshy-agent.service systemd/toshy-tray.service -t $out/share/systemd/user
    install -Dm644 systemd/toshy-tray.desktop -t $out/share/applications
    install -Dm644 cmd/toshy-tray/icons/active.svg $out/share/icons/hicolor/scalable/apps/toshy.svg
    for unit in $out/lib/systemd/system/*.service $out/share/systemd/user/*.service; do
      substituteInPlace $unit --replace-fail /usr/bin/ $out/bin/
    done
  ''
  # Pages and completions come out of the program: one built for another machine does not run here.
  + lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    export HOME=$TMPDIR
    go build -tags man -o generate ./cmd/toshy
    ./generate man man
    installManPage man/*
    ./generate gnome-extension-files $out/share --shell ${lib.versions.major gnome-shell.version}
    installShellCompletion --cmd toshy \
      --bash <($out/bin/toshy completion bash) \
      --zsh <($out/bin/toshy completion zsh) \
      --fish <($out/bin/toshy completion fish)
  '';

  doInstallCheck = true;
  nativeInstallCheckInputs = [ versionCheckHook ];
  versionCheckProgramArg = "--version";

  meta = {
    description = "Keyboard remapper with Mac-like shortcuts in every application";
    license = lib.licenses.gpl3Plus;
    mainProgram = "toshy";
    platforms = lib.platforms.linux;
  };
})
